// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A code of a second factor, as people type it.
package enum OneTimeCode {
    /// What a person typed, without the spaces and dashes that people add; nil when it cannot be a code at all.
    package static func normalize(_ text: String) -> [UInt8]? {
        var digits: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte)
            case UInt8(ascii: " "), UInt8(ascii: "-"): continue
            default: return nil
            }
        }
        return (4...12).contains(digits.count) ? digits : nil
    }
}
