// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// Keeps card numbers and card verification codes out: nothing of them may cross in either direction, by mistake or on purpose.
public enum PANFilter {
    /// Names under which people put them.
    private static let names: Set<String> = ["cvv", "cvv2", "cvc", "cvc2", "pan", "cardnumber"]

    /// Every place that holds a card number or a member named for one.
    ///
    /// The value is never repeated.
    public static func violations(in value: Value) -> [Violation] {
        var found: [Violation] = []
        var path = ValuePath()
        collect(value, &path, &found)
        return found
    }

    /// Whether the text contains a card number: 13 to 19 digits that pass the Luhn check, alone or in the groups in which cards show them.
    public static func containsCardNumber(_ text: String) -> Bool {
        var utf8 = text
        return utf8.withUTF8 { bytes in
            guard bytes.count >= 13 else { return false }
            var groups: [Range<Int>] = []
            var index = 0
            while index < bytes.count {
                guard isWord(bytes[index]) else {
                    index += 1
                    continue
                }
                let start = index
                var digits = true
                while index < bytes.count, isWord(bytes[index]) {
                    digits = digits && StringFormat.isDigit(bytes[index])
                    index += 1
                }
                let isPhone = start > 0 && bytes[start - 1] == UInt8(ascii: "+")
                let continues =
                    groups.last.map { $0.upperBound == start - 1 && (bytes[start - 1] == 0x20 || bytes[start - 1] == UInt8(ascii: "-")) }
                    ?? false
                if !continues || !digits {
                    if isCard(groups, bytes) { return true }
                    groups = []
                }
                if digits, !isPhone { groups.append(start..<index) }
            }
            return isCard(groups, bytes)
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        StringFormat.isDigit(byte) || StringFormat.isLower(byte) || StringFormat.isUpper(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    /// Looks at neighbouring groups of digits; a UUID or a phone number with hyphens is grouped in other ways than a card.
    private static func isCard(_ groups: [Range<Int>], _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if groups.contains(where: { (13...19).contains($0.count) && luhn([$0], bytes) }) { return true }
        for first in groups.indices {
            for length in 3...5 where first + length <= groups.count {
                let window = Array(groups[first..<(first + length)])
                if isCardGrouping(window.map(\.count)), luhn(window, bytes) { return true }
            }
        }
        return false
    }

    private static func isCardGrouping(_ counts: [Int]) -> Bool {
        if counts == [4, 6, 5] || counts == [4, 6, 4] { return true }
        guard counts.count >= 4, let last = counts.last else { return false }
        return counts.dropLast().allSatisfy { $0 == 4 } && (1...4).contains(last) && (13...19).contains(counts.reduce(0, +))
    }

    private static func luhn(_ groups: [Range<Int>], _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var sum = 0
        var doubled = false
        for group in groups.reversed() {
            for index in group.reversed() {
                let digit = Int(bytes[index] - UInt8(ascii: "0"))
                sum += doubled ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
                doubled.toggle()
            }
        }
        return sum > 0 && sum.isMultiple(of: 10)
    }

    private static func collect(_ value: Value, _ path: inout ValuePath, _ found: inout [Violation]) {
        guard found.count < Schema.mostViolations else { return }
        switch value {
        case .string(let text):
            if containsCardNumber(text) {
                found.append(Violation(path, "holds what looks like a card number; card data must not pass through the panel"))
            }
        case .int(let number):
            if number >= 1_000_000_000_000, path.steps.last.map(isTime) != true, containsCardNumber(String(number)) {
                found.append(Violation(path, "holds what looks like a card number; card data must not pass through the panel"))
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                path.push(.index(index))
                collect(element, &path, &found)
                path.pop()
            }
        case .map(let members):
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                path.push(.member(name))
                if names.contains(name.lowercased().filter { $0 != "_" && $0 != "-" }) {
                    found.append(Violation(path, "is named for card data, which must not pass through the panel"))
                } else if containsCardNumber(name) {
                    path.pop()
                    found.append(Violation(path, "has a member whose name looks like a card number"))
                    path.push(.member("…"))
                } else {
                    collect(member, &path, &found)
                }
                path.pop()
            }
        case .null, .bool, .double, .bytes, .secret: break
        }
    }

    /// Times in milliseconds have 13 digits, and one in ten passes the check; amounts are bounded and typed elsewhere.
    private static func isTime(_ step: ValuePath.Step) -> Bool {
        guard case .member(let name) = step else { return false }
        return name.hasSuffix("_ms") || name.hasSuffix("_at") || name.hasSuffix("_minor")
    }
}
