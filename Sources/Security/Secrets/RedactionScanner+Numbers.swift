// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Card and telephone numbers.
extension RedactionScanner {
    static func isCardNumber(_ number: Int64) -> Bool {
        guard number > 0 else { return false }
        let digits = Array(String(number).utf8).map { $0 - UInt8(ascii: "0") }
        return isCardNumber(digits[...])
    }

    mutating func blankCardNumber() -> Bool {
        guard let end = cardNumber(at: at) else { return false }
        output.append(contentsOf: Self.blank)
        at = end
        return true
    }

    /// The end of the longest card number that starts here; its groups may be apart by one blank or dash.
    func cardNumber(at start: Int) -> Int? {
        var digits: [UInt8] = []
        var end = start
        var best: Int?
        while end < source.count, digits.count <= 19 {
            if Self.isDigit(source[end]) {
                digits.append(source[end] - UInt8(ascii: "0"))
                end += 1
                let isWhole = end == source.count || !Self.isDigit(source[end])
                if isWhole, digits.count <= 19, Self.isCardNumber(digits[...]) { best = end }
            } else if source[end] == UInt8(ascii: " ") || source[end] == UInt8(ascii: "-"), end + 1 < source.count,
                Self.isDigit(source[end + 1])
            {
                end += 1
            } else {
                break
            }
        }
        return best
    }

    private static func isCardNumber(_ digits: ArraySlice<UInt8>) -> Bool {
        guard (13...19).contains(digits.count), let first = digits.first else { return false }
        // No card starts with 0, and one with 1 of these lengths is a clock: milli-, micro- or nanoseconds since 1970.
        if first == 0 || first == 1 && [13, 16, 19].contains(digits.count) { return false }
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let value = index.isMultiple(of: 2) ? Int(digit) : Int(digit) * 2
            sum += value > 9 ? value - 9 : value
        }
        return sum.isMultiple(of: 10)
    }

    /// `+` and 8 to 15 digits: all but the last two.
    mutating func blankTelephone() -> Bool {
        var end = at + 1
        while end < source.count, Self.isDigit(source[end]) { end += 1 }
        guard (8...15).contains(end - at - 1), end == source.count || !Self.isWord(source[end]), !follows(Self.isLetterOrDigit) else {
            return false
        }
        output.append(UInt8(ascii: "+"))
        output.append(contentsOf: Array("***".utf8))
        output.append(contentsOf: source[(end - 2)..<end])
        at = end
        return true
    }
}
