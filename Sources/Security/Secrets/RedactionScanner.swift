// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// One pass over a text that blanks what looks like a credential, a card number or an address.
///
/// It goes from word to word; what follows a word (`@`, `:`, `=`, a blank) decides what the word is.
struct RedactionScanner {
    private static let blank = Array("[redacted]".utf8)

    private let source: [UInt8]
    private var at = 0
    private var output: [UInt8] = []

    init(_ source: [UInt8]) {
        self.source = source
    }

    mutating func scan() -> [UInt8] {
        output.reserveCapacity(source.count + 16)
        while at < source.count {
            if Self.isDigit(source[at]), !follows(Self.isDigit), blankCardNumber() { continue }
            if Self.isWord(source[at]) {
                word()
            } else if source[at] == UInt8(ascii: "+"), blankTelephone() {
                continue
            } else {
                output.append(source[at])
                at += 1
            }
        }
        return output
    }

    // MARK: Words

    private mutating func word() {
        let start = at
        var end = at
        while end < source.count, Self.isWord(source[end]) {
            // A card number may hang on to a word: look at each run of digits on its own.
            if end > start, Self.isDigit(source[end]), !Self.isDigit(source[end - 1]), cardNumber(at: end) != nil { break }
            end += 1
        }
        if end < source.count, source[end] == UInt8(ascii: "@"), let domainEnd = domain(after: end) {
            mailAddress(start, end, domainEnd)
            return
        }
        output.append(contentsOf: source[start..<end])
        at = end
        if isScheme(start, end, "bearer") || isScheme(start, end, "basic") {
            credential(isBasic: end - start == 5)
        } else if SensitiveKey.matches(source[start..<end]) {
            secretValue()
        }
    }

    /// `a***@d***.tld`.
    private mutating func mailAddress(_ start: Int, _ at: Int, _ end: Int) {
        let mask = Array("***".utf8)
        output.append(source[start])
        output.append(contentsOf: mask)
        output.append(UInt8(ascii: "@"))
        output.append(source[at + 1])
        output.append(contentsOf: mask)
        if let dot = source[(at + 1)..<end].lastIndex(of: UInt8(ascii: ".")) { output.append(contentsOf: source[dot..<end]) }
        self.at = end
    }

    private func domain(after at: Int) -> Int? {
        var end = at + 1
        while end < source.count, Self.isLetterOrDigit(source[end]) || source[end] == UInt8(ascii: ".") || source[end] == UInt8(ascii: "-") {
            end += 1
        }
        while end > at + 1, source[end - 1] == UInt8(ascii: ".") || source[end - 1] == UInt8(ascii: "-") { end -= 1 }
        guard end > at + 1, source[(at + 1)..<end].contains(UInt8(ascii: ".")) else { return nil }
        return end
    }

    // MARK: Credentials

    private func isScheme(_ start: Int, _ end: Int, _ name: StaticString) -> Bool {
        guard end - start == name.utf8CodeUnitCount, end < source.count, source[end] == UInt8(ascii: " ") else { return false }
        return source[start..<end].elementsEqual(
            UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), by: { $0 | 0x20 == $1 })
    }

    /// The token behind `Bearer` or `Basic`. "Basic" is also an English word: only what decodes to `user:password` counts.
    private mutating func credential(isBasic: Bool) {
        var start = at
        while start < source.count, source[start] == UInt8(ascii: " ") { start += 1 }
        var end = start
        while end < source.count, Self.isToken(source[end]) { end += 1 }
        guard end - start >= (isBasic ? 4 : 1) else { return }
        if isBasic {
            guard Self.decodesToPair(source[start..<end]) else { return }
        }
        output.append(UInt8(ascii: " "))
        output.append(contentsOf: Self.blank)
        at = end
    }

    private static func decodesToPair(_ text: ArraySlice<UInt8>) -> Bool {
        var buffer: UInt32 = 0
        var bits = 0
        for byte in text {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
            default: continue
            }
            buffer = (buffer << 6 | UInt32(value)) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                if UInt8(truncatingIfNeeded: buffer >> UInt32(bits)) == UInt8(ascii: ":") { return true }
            }
        }
        return false
    }

    // MARK: name = value

    /// Behind a secret-looking name: an optional quote, `:` or `=`, and the value to blank.
    private mutating func secretValue() {
        var next = at
        while next < source.count, source[next] == UInt8(ascii: "\\") { next += 1 }
        let isQuotedName = next < source.count && Self.isQuote(source[next])
        if isQuotedName { next += 1 } else { next = at }
        // `password]=` of a form, and blanks before the sign.
        while next < source.count, Self.isBlank(source[next]) || source[next] == UInt8(ascii: "]") { next += 1 }
        guard next < source.count else { return }
        if source[next] == UInt8(ascii: "%"), source[next...].starts(with: Array("%3D".utf8)) {
            next += 2
        } else if source[next] != UInt8(ascii: ":"), source[next] != UInt8(ascii: "=") {
            return
        }
        let isHeader = source[next] == UInt8(ascii: ":") && !isQuotedName
        next += 1
        if next < source.count, source[next] == UInt8(ascii: ">") { next += 1 }
        while next < source.count, Self.isBlank(source[next]) { next += 1 }
        guard let end = valueEnd(next, isHeader: isHeader), end > next else { return }
        output.append(contentsOf: source[at..<next])
        output.append(contentsOf: quoted(source[next..<end]))
        at = end
    }

    /// The blank in the quotes of what it stands for, so that a JSON text stays one.
    private func quoted(_ value: ArraySlice<UInt8>) -> [UInt8] {
        let slashes = value.prefix { $0 == UInt8(ascii: "\\") }
        let rest = value.dropFirst(slashes.count)
        guard let quote = rest.first, Self.isQuote(quote) else { return Self.blank }
        let mark = Array(slashes) + [quote]
        return mark + Self.blank + mark
    }

    private func valueEnd(_ start: Int, isHeader: Bool) -> Int? {
        guard start < source.count else { return nil }
        var open = start
        while open < source.count, source[open] == UInt8(ascii: "\\") { open += 1 }
        if open < source.count, Self.isQuote(source[open]) { return quoteEnd(open, slashes: open - start) }
        if source[start] == UInt8(ascii: "{") || source[start] == UInt8(ascii: "[") { return bracketEnd(start) }
        if source[start...].starts(with: Array("null".utf8)) { return nil }
        var end = start
        while end < source.count {
            let byte = source[end]
            // A header's value goes on to the end of the line: `Cookie: a=1; b=2`.
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
            if !isHeader, Self.isBlank(byte) || Self.endsPlainValue(byte) { break }
            if isHeader, Self.isQuote(byte) || byte == UInt8(ascii: "}") { break }
            end += 1
        }
        return end
    }

    /// Behind the quote that closes what opened at `open` under so many backslashes.
    private func quoteEnd(_ open: Int, slashes: Int) -> Int {
        var index = open + 1
        var run = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "\\") {
                run += 1
            } else {
                if source[index] == source[open], slashes == 0 ? run.isMultiple(of: 2) : run <= slashes { return index + 1 }
                run = 0
            }
            index += 1
        }
        return source.count
    }

    private func bracketEnd(_ start: Int) -> Int {
        var depth = 0
        var index = start
        while index < source.count {
            switch source[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return index + 1 }
            case UInt8(ascii: "\""):
                index = quoteEnd(index, slashes: 0)
                continue
            default: break
            }
            index += 1
        }
        return source.count
    }

    // MARK: Numbers

    static func isCardNumber(_ number: Int64) -> Bool {
        guard number > 0 else { return false }
        let digits = Array(String(number).utf8).map { $0 - UInt8(ascii: "0") }
        return isCardNumber(digits[...])
    }

    private mutating func blankCardNumber() -> Bool {
        guard let end = cardNumber(at: at) else { return false }
        output.append(contentsOf: Self.blank)
        at = end
        return true
    }

    /// The end of the longest card number that starts here; its groups may be apart by one blank or dash.
    private func cardNumber(at start: Int) -> Int? {
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
    private mutating func blankTelephone() -> Bool {
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

    // MARK: Bytes

    private func follows(_ test: (UInt8) -> Bool) -> Bool { at > 0 && test(source[at - 1]) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        isWord(byte) || [UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "=")].contains(byte)
    }

    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func endsPlainValue(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"),
            UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "<"):
            true
        default: false
        }
    }
}
