// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Lower-case hexadecimal.
public enum Hex {
    /// Two lower-case digits a byte.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        // One loop over memory, whatever the collection: a generic one is not specialised across modules.
        bytes.withContiguousStorageIfAvailable(encode) ?? Array(bytes).withUnsafeBufferPointer(encode)
    }

    private static func encode(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for (index, byte) in bytes.enumerated() {
                text[2 * index] = digit(byte >> 4)
                text[2 * index + 1] = digit(byte & 15)
            }
            return bytes.count * 2
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) }

    /// The bytes; nil for an odd length or any other character.
    ///
    /// Upper case is taken unless `lowerCaseOnly` asks for the canonical form.
    public static func decode(_ text: some StringProtocol, lowerCaseOnly: Bool = false) -> [UInt8]? {
        var text = String(text)
        return text.withUTF8 { decode($0, lowerCaseOnly: lowerCaseOnly) }
    }

    private static func decode(_ text: UnsafeBufferPointer<UInt8>, lowerCaseOnly: Bool) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count / 2) { bytes, count in
            count = text.count / 2
            for index in 0..<count {
                let (first, second) = (text[2 * index], text[2 * index + 1])
                if let high = value(of: first), let low = value(of: second), !lowerCaseOnly || !isUpper(first) && !isUpper(second) {
                    bytes[index] = high << 4 | low
                } else {
                    bytes[index] = 0
                    isValid = false
                }
            }
        }
        return isValid ? bytes : nil
    }

    /// The value of one digit, in either case.
    package static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte) }
}
