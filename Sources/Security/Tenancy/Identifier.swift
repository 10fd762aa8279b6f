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
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (index, byte) in bytes.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let nibble = LowerHex.nibble(byte) else { return nil }
            if digits < 16 { words.0 = words.0 << 4 | UInt64(nibble) } else { words.1 = words.1 << 4 | UInt64(nibble) }
            digits += 1
        }
        guard words.0 >> 12 & 0xF == 7, words.1 >> 62 == 0b10 else { return nil }
        self.init(high: words.0, low: words.1)
    }

    /// A new identifier, later than every one that this process made before.
    public static func make() -> Self {
        let (high, low) = IdentifierGenerator.shared.next()
        return Self(high: high, low: low)
    }

    /// The 36 lower-case characters.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for shift in stride(from: 60, through: 0, by: -4) {
            text.append(LowerHex.digit(UInt8(truncatingIfNeeded: high >> UInt64(shift))))
            if text.count == 8 || text.count == 13 { text.append(UInt8(ascii: "-")) }
        }
        text.append(UInt8(ascii: "-"))
        for shift in stride(from: 60, through: 0, by: -4) {
            text.append(LowerHex.digit(UInt8(truncatingIfNeeded: low >> UInt64(shift))))
            if text.count == 23 { text.append(UInt8(ascii: "-")) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Earlier identifiers come first; this is also the order of their texts.
    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
