// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What stands behind a secret-looking name: `name=value`, JSON, headers.
extension RedactionScanner {
    /// Blanks the value that stands behind a secret-looking name and `:` or `=`.
    mutating func secretValue(named name: Range<Int>) {
        // The sign first: it is cheaper to look for, and most words have none.
        guard let sign = sign(after: name.upperBound), SensitiveKey.matches(source[name]) else { return }
        var next = sign.end
        while next < source.count, Self.isBlank(source[next]) { next += 1 }
        guard let end = valueEnd(next, isHeader: sign.isHeader), end > next else { return }
        output.append(contentsOf: source[at..<next])
        output.append(contentsOf: quoted(source[next..<end]))
        at = end
    }

    /// Where `:`, `=`, `=>` or `%3D` behind a name ends, with the name's closing quote, bracket and blanks skipped.
    private func sign(after end: Int) -> (end: Int, isHeader: Bool)? {
        var next = end
        while next < source.count, source[next] == UInt8(ascii: "\\") { next += 1 }
        let isQuotedName = next < source.count && Self.isQuote(source[next])
        if isQuotedName { next += 1 } else { next = end }
        while next < source.count, Self.isBlank(source[next]) || source[next] == UInt8(ascii: "]") { next += 1 }
        guard next < source.count else { return nil }
        switch source[next] {
        case UInt8(ascii: ":"):
            return (next + 1, !isQuotedName)
        case UInt8(ascii: "="):
            let isArrow = next + 1 < source.count && source[next + 1] == UInt8(ascii: ">")
            return (next + (isArrow ? 2 : 1), false)
        case UInt8(ascii: "%") where source[next...].starts(with: "%3D".utf8):
            return (next + 3, false)
        default:
            return nil
        }
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
        if source[start...].starts(with: "null".utf8) { return nil }
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
}
