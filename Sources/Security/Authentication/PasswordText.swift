// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import CUTF8proc
internal import Glibc

/// One spelling for one password: keyboards and systems write the same letters as different characters.
enum PasswordText {
    /// The bytes that are hashed: Unicode's normal form C where it is text, and what came where it is none.
    static func normalized(_ password: Secret) -> Secret {
        guard password.withBytes({ bytes in bytes.contains { $0 >= 0x80 } }) else { return password }
        return password.withBytes { bytes in
            var composed: UnsafeMutablePointer<UInt8>?
            let options = utf8proc_option_t(UTF8PROC_STABLE.rawValue | UTF8PROC_COMPOSE.rawValue)
            let count = utf8proc_map(bytes.baseAddress, bytes.count, &composed, options)
            guard count >= 0, let composed else { return password }
            defer {
                explicit_bzero(composed, count)
                free(composed)
            }
            return Secret(UnsafeBufferPointer(start: composed, count: count))
        }
    }
}
