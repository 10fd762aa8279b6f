// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The words of a Lua source, one after the other, without comments (Lua 5.4 manual, §3.1).
///
/// Not a judge of the source: the cell compiles it. What is no Lua comes out as some token or ends the sequence.
struct LuaTokens: Sequence, IteratorProtocol {
    /// One word.
    struct Token: Hashable {
        enum Kind { case name, string, number, symbol }

        var kind: Kind
        var text: String
        var line: Int
    }

    private static let symbols = ["...", "<<", ">>", "//", "==", "~=", "<=", ">=", "::", ".."].map { Array($0.utf8) }

    private let source: [UInt8]
    private var at = 0
    private var line = 1

    init(_ source: [UInt8]) { self.source = source }

    mutating func next() -> Token? {
        skipBlanks()
        guard let byte = peek() else { return nil }
        let (start, first) = (at, line)
        let kind: Token.Kind
        if Self.isLetter(byte) {
            kind = .name
            advance { Self.isLetter($0) || Self.isDigit($0) }
        } else if Self.isDigit(byte) || (byte == UInt8(ascii: ".") && peek(1).map(Self.isDigit) ?? false) {
            kind = .number
            // An exponent's sign ends the token; what follows is an operator to nobody's harm.
            advance { Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: ".") }
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            kind = .string
            skipQuoted(byte)
        } else if let level = longBracket() {
            kind = .string
            skipLong(level)
        } else {
            kind = .symbol
            at += Self.symbols.first { source[at...].starts(with: $0) }?.count ?? 1
        }
        return Token(kind: kind, text: String(decoding: source[start..<at], as: UTF8.self), line: first)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 && byte < 0x80
    }
    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private func peek(_ ahead: Int = 0) -> UInt8? { at + ahead < source.count ? source[at + ahead] : nil }

    private mutating func step() {
        if source[at] == UInt8(ascii: "\n") { line += 1 }
        at += 1
    }

    private mutating func advance(while matches: (UInt8) -> Bool) {
        while let byte = peek(), matches(byte) { step() }
    }

    private mutating func skipBlanks() {
        while let byte = peek() {
            if byte == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
                at += 2
                if let level = longBracket() { skipLong(level) } else { advance { $0 != UInt8(ascii: "\n") } }
            } else if byte <= UInt8(ascii: " ") {
                step()
            } else {
                return
            }
        }
    }

    private mutating func skipQuoted(_ quote: UInt8) {
        step()
        while let byte = peek() {
            step()
            if byte == quote { return }
            if byte == UInt8(ascii: "\\"), peek() != nil { step() }
        }
    }

    /// The number of `=` in a long bracket that opens here.
    private func longBracket() -> Int? {
        guard peek() == UInt8(ascii: "[") else { return nil }
        var level = 0
        while peek(level + 1) == UInt8(ascii: "=") { level += 1 }
        return peek(level + 1) == UInt8(ascii: "[") ? level : nil
    }

    private mutating func skipLong(_ level: Int) {
        let end = [UInt8(ascii: "]")] + [UInt8](repeating: UInt8(ascii: "="), count: level) + [UInt8(ascii: "]")]
        at += level + 2
        while at < source.count {
            if source[at] == end[0], source[at...].starts(with: end) {
                at += end.count
                return
            }
            step()
        }
    }
}
