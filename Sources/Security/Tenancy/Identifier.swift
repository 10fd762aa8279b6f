// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The identity of one row, as a version 7 UUID.
///
/// `Subject` is a phantom: a payment's identifier cannot be handed in where a user's is wanted.
/// Identifiers are never reused, and order by the time they were made at.
public struct Identifier<Subject>: Hashable, Sendable, Comparable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the one accepted spelling: 36 characters, lower case, version 7, RFC 9562 variant.
    ///
    /// Any other spelling of the same number is refused, so that two texts never name one row.
    public init?(_ text: String) {
        var text = text
        let words: (high: UInt64, low: UInt64)? = text.withUTF8 { bytes in
            guard bytes.count == 36 else { return nil }
            var words: (high: UInt64, low: UInt64) = (0, 0)
            var digits = 0
            for index in 0..<36 {
                if index == 8 || index == 13 || index == 18 || index == 23 {
                    guard bytes[index] == UInt8(ascii: "-") else { return nil }
                    continue
                }
                guard let nibble = LowerHex.nibble(bytes[index]) else { return nil }
                if digits < 16 { words.high = words.high << 4 | UInt64(nibble) } else { words.low = words.low << 4 | UInt64(nibble) }
                digits += 1
            }
            return words
        }
        guard let words, words.high >> 12 & 0xF == 7, words.low >> 62 == 0b10 else { return nil }
        self.init(high: words.high, low: words.low)
    }

    /// A new identifier, later than every one that this process made before.
    public static func make() -> Self {
        let (high, low) = IdentifierGenerator.shared.next()
        return Self(high: high, low: low)
    }

    /// The 36 lower-case characters.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var digits = 0
            for index in 0..<36 {
                if index == 8 || index == 13 || index == 18 || index == 23 {
                    text[index] = UInt8(ascii: "-")
                    continue
                }
                let word = digits < 16 ? high : low
                text[index] = LowerHex.digit(UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (digits % 16))))
                digits += 1
            }
            return 36
        }
    }

    /// Earlier identifiers come first; this is also the order of their texts.
    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
