// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// What a plugin finds in `ctx` during one invocation.
package struct CallContext: Sendable {
    /// The plain fields, `config` among them.
    package var fields: [String: Value]
    /// Names that `ctx.secret` knows.
    package var declaredSecrets: [String]
    /// Those of them that have a value.
    package var setSecrets: [String]
    /// The host functions that exist in this invocation, like `http.request`.
    package var functions: [String]
    /// What to say when the plugin indexes a namespace that it was not granted: the text by name of the namespace.
    package var denied: [String: String]

    /// A context.
    package init(
        fields: [String: Value] = [:], declaredSecrets: [String] = [], setSecrets: [String] = [], functions: [String] = [],
        denied: [String: String] = [:]
    ) {
        self.fields = fields
        self.declaredSecrets = declaredSecrets
        self.setSecrets = setSecrets
        self.functions = functions
        self.denied = denied
    }
}
