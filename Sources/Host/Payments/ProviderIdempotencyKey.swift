// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Security

/// The key under which a provider recognises a repeated request; minted by the host, so that no plugin can forget or randomise it.
///
/// The same logical request gives the same key on every retry; another amount, payment or attempt gives another.
package struct ProviderIdempotencyKey: Sendable, Hashable, CustomStringConvertible {
    /// 52 characters of base32, without padding.
    package let description: String

    package init(
        tenant: String, instance: String, operation: String, payment: String, attemptGroup: String, amountMinor: Int64,
        currency: String, source: String, capture: String
    ) {
        var message: [UInt8] = []
        for field in [tenant, instance, operation, payment, attemptGroup, String(amountMinor), currency, source, capture] {
            // A length before each field: no two lists of fields give the same bytes.
            let bytes = Array(field.utf8)
            withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { message.append(contentsOf: $0) }
            message.append(contentsOf: bytes)
        }
        description = Self.base32(Hash.sha256(message))
    }

    /// RFC 4648 in lower case, no padding.
    package static func base32(_ bytes: [UInt8]) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var text: [UInt8] = []
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            buffer = (buffer << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> bits & 31)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << (5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
