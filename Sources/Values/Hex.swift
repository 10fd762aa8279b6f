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
        String(unsafeUninitializedCapacity: bytes.count * 2) { write(bytes, into: $0) }
    }

    /// Writes the digits to the front of memory that has room for them; answers how many.
    @discardableResult
    package static func write(_ bytes: UnsafeBufferPointer<UInt8>, into text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        precondition(text.count >= bytes.count * 2, "no room for the digits")
        for index in bytes.indices {
            text[2 * index] = digit(bytes[index] >> 4)
            text[2 * index + 1] = digit(bytes[index] & 15)
        }
        return bytes.count * 2
    }

    private static func digit(_ value: UInt8) -> UInt8 { value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) }

    /// The bytes; nil for an odd length or any other character.
    ///
    /// Upper case is taken unless `lowerCaseOnly` asks for the canonical form.
    public static func decode(_ text: some StringProtocol, lowerCaseOnly: Bool = false) -> [UInt8]? {
        var text = String(text)
        return text.withUTF8 { decode($0, lowerCaseOnly: lowerCaseOnly) }
    }

    /// The same for bytes in memory.
    package static func decode(_ text: UnsafeBufferPointer<UInt8>, lowerCaseOnly: Bool) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        // Every digit fits four bits; what is none sets one above them, which is looked at once in the end.
        var seen: UInt8 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count / 2) { bytes, count in
            count = text.count / 2
            for index in 0..<count {
                let high = nibble(text[2 * index], lowerCaseOnly: lowerCaseOnly)
                let low = nibble(text[2 * index + 1], lowerCaseOnly: lowerCaseOnly)
                seen |= high | low
                bytes[index] = high << 4 | low
            }
        }
        return seen < 16 ? bytes : nil
    }

    /// The value of a digit; 255 for anything else.
    private static func nibble(_ byte: UInt8, lowerCaseOnly: Bool) -> UInt8 {
        let number = byte &- UInt8(ascii: "0")
        if number < 10 { return number }
        let letter = (lowerCaseOnly ? byte : byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : 255
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
}
