// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// One pass over a text that blanks what looks like a credential, a card number or an address.
///
/// It goes from word to word; what follows a word (`@`, `:`, `=`, a blank) decides what the word is.
struct RedactionScanner {
    static let blank = Array("[redacted]".utf8)

    let source: [UInt8]
    var at = 0
    var output: [UInt8] = []

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
        let sign = mailSign(from: end)
        if sign < source.count, source[sign] == UInt8(ascii: "@"), let domainEnd = domain(after: sign) {
            mailAddress(start, sign, domainEnd)
            return
        }
        output.append(contentsOf: source[start..<end])
        at = end
        if isScheme(start, end, "bearer") || isScheme(start, end, "basic") {
            credential(isBasic: end - start == 5)
        } else {
            secretValue(named: start..<end)
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

    /// Where the `@` of an address may be: at the end of the word, or behind a `+tag`.
    private func mailSign(from end: Int) -> Int {
        guard end < source.count, source[end] == UInt8(ascii: "+") else { return end }
        // As far as the local part of an address can be long, so that a text full of `+` costs no more than that.
        let limit = min(source.count, end + 64)
        return source[end..<limit].firstIndex { $0 != UInt8(ascii: "+") && !Self.isWord($0) } ?? end
    }

    private func domain(after at: Int) -> Int? {
        var end = at + 1
        while end < source.count, Self.isWord(source[end]), source[end] != UInt8(ascii: "_") { end += 1 }
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

    /// Blanks the token behind an authentication scheme.
    ///
    /// "Basic" is also an English word: there only what decodes to `user:password` counts.
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

    // MARK: Bytes

    func follows(_ test: (UInt8) -> Bool) -> Bool { at > 0 && test(source[at - 1]) }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    static func isWord(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    static func isToken(_ byte: UInt8) -> Bool {
        isWord(byte) || [UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "=")].contains(byte)
    }

    static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    static func endsPlainValue(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"),
            UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "<"):
            true
        default: false
        }
    }
}
