// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Lower-case hexadecimal and nothing else: one spelling per value.
package enum LowerHex {
    static func digit(_ value: UInt8) -> UInt8 {
        let nibble = value & 0xF
        return nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }

    static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// Whether a byte is one of its digits.
    package static func isDigit(_ byte: UInt8) -> Bool { nibble(byte) != nil }
}
