// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Glibc

/// Secrets that come in environment variables.
package enum EnvironmentSecret {
    /// Takes a variable out of the environment, where it would stay readable in `/proc` and pass to every child.
    ///
    /// Works once; nil when the variable is not set, or not any more.
    package static func take(_ name: String) -> Secret? {
        guard let value = getenv(name) else { return nil }
        let count = strlen(value)
        let text = Secret(UnsafeRawBufferPointer(start: value, count: count))
        explicit_bzero(value, count)
        unsetenv(name)
        return text
    }
}
