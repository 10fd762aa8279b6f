// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A recursive-descent reader over one array of bytes.
///
/// Depth is limited, so the recursion is.
struct JSONParser {
    private let bytes: [UInt8]
    private let limits: ValueLimits
    private let locating: Bool
    private var at = 0
    private var nodes = 0
    private var depth = 0
    private var path = ValuePath()
    private var line = 1
    private var lineCountedTo = 0
    private(set) var lines: [ValuePath: Int] = [:]

    init(_ bytes: [UInt8], limits: ValueLimits, locating: Bool) {
        self.bytes = bytes
        self.limits = limits
        self.locating = locating
    }

    mutating func parseDocument() throws(JSONError) -> Value {
        skipSpace()
        guard at < bytes.count else { throw error("the text is empty") }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw error("the text starts with a byte order mark; save it as UTF-8 without one") }
        locate()
        let value = try parseValue()
        skipSpace()
        guard at == bytes.count else { throw error("unexpected \(found()) after the end of the value") }
        return value
    }

    private mutating func parseValue() throws(JSONError) -> Value {
        nodes += 1
        guard nodes <= limits.maxNodes else { throw error("more than \(limits.maxNodes) values") }
        guard at < bytes.count else { throw error("the text ends where a value should be") }
        switch bytes[at] {
        case UInt8(ascii: "{"): return try nested { (parser) throws(JSONError) in try parser.parseObject() }
        case UInt8(ascii: "["): return try nested { (parser) throws(JSONError) in try parser.parseArray() }
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        case UInt8(ascii: "'"): throw error("strings are written with \", not with '")
        case UInt8(ascii: "/"): throw error("JSON has no comments")
        default: throw error("unexpected \(found()) where a value should be")
        }
    }

    private mutating func nested(_ body: (inout JSONParser) throws(JSONError) -> Value) throws(JSONError) -> Value {
        depth += 1
        guard depth <= limits.maxDepth else { throw error("nested deeper than \(limits.maxDepth) levels") }
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func parseObject() throws(JSONError) -> Value {
        at += 1
        var members: [String: Value] = [:]
        skipSpace()
        if take(UInt8(ascii: "}")) { return .map(members) }
        while true {
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
                throw error("expected a member name in double quotes, not \(found())")
            }
            let start = at
            let name = try parseString()
            if locating {
                path.push(.member(name))
                locate(at: start)
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("expected : after the member name \(quoted(name)), not \(found())") }
            skipSpace()
            let value = try parseValue()
            if locating { path.pop() }
            guard members.updateValue(value, forKey: name) == nil else { throw error("duplicate member \(quoted(name))", at: start) }
            skipSpace()
            if take(UInt8(ascii: "}")) { return .map(members) }
            let comma = at
            guard take(UInt8(ascii: ",")) else { throw error("expected , or } after the member \(quoted(name)), not \(found())") }
            skipSpace()
            if at < bytes.count, bytes[at] == UInt8(ascii: "}") { throw error("a comma before } is not allowed", at: comma) }
        }
    }

    private mutating func parseArray() throws(JSONError) -> Value {
        at += 1
        var elements: [Value] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            if locating {
                path.push(.index(elements.count))
                locate()
            }
            elements.append(try parseValue())
            if locating { path.pop() }
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            let comma = at
            guard take(UInt8(ascii: ",")) else { throw error("expected , or ] in the array, not \(found())") }
            skipSpace()
            if at < bytes.count, bytes[at] == UInt8(ascii: "]") { throw error("a comma before ] is not allowed", at: comma) }
        }
    }

    // MARK: Strings

    private mutating func parseString() throws(JSONError) -> String {
        let opening = at
        at += 1
        let start = at
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                guard let text = String(utf8: bytes[start..<at]) else { throw notUTF8(from: start) }
                at += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try parseEscapedString(opening: opening, start: start) }
            if byte < 0x20 { throw controlCharacter(byte) }
            at += 1
        }
        throw error("the string that starts here has no end", at: opening)
    }

    private mutating func parseEscapedString(opening: Int, start: Int) throws(JSONError) -> String {
        var buffer = Array(bytes[start..<at])
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(utf8: buffer) else { throw notUTF8(from: start) }
                at += 1
                return text
            case UInt8(ascii: "\\"): try parseEscape(into: &buffer)
            case 0..<0x20: throw controlCharacter(byte)
            default:
                buffer.append(byte)
                at += 1
            }
        }
        throw error("the string that starts here has no end", at: opening)
    }

    private mutating func parseEscape(into buffer: inout [UInt8]) throws(JSONError) {
        let start = at
        at += 1
        guard at < bytes.count else { throw error("the text ends inside a string") }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try parseUnicodeEscape(start)
            buffer.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw error("unknown escape in a string; allowed are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX", at: start)
        }
    }

    private mutating func parseUnicodeEscape(_ start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try parseFourHex(start)
        guard (0xD800...0xDFFF).contains(first) else {
            guard let scalar = Unicode.Scalar(first) else { throw error("not a character", at: start) }
            return scalar
        }
        guard first < 0xDC00, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
            throw error("a lone surrogate is not a character", at: start)
        }
        at += 2
        let second = try parseFourHex(start)
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw error("a lone surrogate is not a character", at: start) }
        return scalar
    }

    private mutating func parseFourHex(_ start: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard at < bytes.count, let digit = Hex.value(of: bytes[at]) else {
                throw error("\\u needs four hexadecimal digits", at: start)
            }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }

    // MARK: Numbers and words

    private mutating func parseNumber() throws(JSONError) -> Value {
        let start = at
        let negative = take(UInt8(ascii: "-"))
        let digits = at
        var magnitude: UInt64 = 0
        var overflow = false
        while at < bytes.count, let digit = digit(at) {
            let (product, high) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            magnitude = sum
            overflow = overflow || high || carry
            at += 1
        }
        guard at > digits else { throw error("expected a digit, not \(found())") }
        if bytes[digits] == UInt8(ascii: "0"), at > digits + 1 { throw error("a number must not start with 0", at: start) }
        var integral = true
        if take(UInt8(ascii: ".")) {
            integral = false
            try skipDigits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            integral = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try skipDigits()
        }
        if integral, !overflow {
            if !negative, let value = Int64(exactly: magnitude) { return .int(value) }
            if negative, magnitude <= UInt64(Int64.max) + 1 { return .int(Int64(truncatingIfNeeded: 0 &- magnitude)) }
        }
        guard let value = Double(String(decoding: bytes[start..<at], as: UTF8.self)), value.isFinite else {
            throw error("the number is too large", at: start)
        }
        return .double(value)
    }

    private mutating func skipDigits() throws(JSONError) {
        guard at < bytes.count, digit(at) != nil else { throw error("expected a digit, not \(found())") }
        while at < bytes.count, digit(at) != nil { at += 1 }
    }

    private func digit(_ index: Int) -> UInt8? {
        let value = bytes[index] &- UInt8(ascii: "0")
        return value < 10 ? value : nil
    }

    private mutating func parseWord(_ word: StaticString, _ value: Value) throws(JSONError) -> Value {
        let length = word.utf8CodeUnitCount
        guard at + length <= bytes.count else { throw error("expected \(word)") }
        for offset in 0..<length where bytes[at + offset] != word.utf8Start[offset] { throw error("expected \(word)") }
        at += length
        return value
    }

    // MARK: Places

    private mutating func take(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return
            }
        }
    }

    private mutating func locate(at offset: Int? = nil) {
        guard locating else { return }
        let offset = offset ?? at
        while lineCountedTo < offset {
            if bytes[lineCountedTo] == 0x0A { line += 1 }
            lineCountedTo += 1
        }
        if lines[path] == nil { lines[path] = line }
    }

    private func found() -> String {
        guard at < bytes.count else { return "the end of the text" }
        switch bytes[at] {
        case 0x21...0x7E: return String(UnicodeScalar(bytes[at]))
        case 0x20: return "a space"
        case 0x0A, 0x0D: return "the end of the line"
        case 0..<0x20: return "a control character"
        default: return "a character outside ASCII"
        }
    }

    private func quoted(_ name: String) -> String {
        JSON.text(.string(name.count > 60 ? name.prefix(60) + "…" : name))
    }

    private func notUTF8(from start: Int) -> JSONError { error("the string is not valid UTF-8", at: start) }

    private func controlCharacter(_ byte: UInt8) -> JSONError {
        byte == 0x0A
            ? error("the string does not end on its line; write \\n for a line break")
            : error("a control character in a string must be written as \\u00\(Hex.encode([byte]))")
    }

    private func error(_ message: String, at offset: Int? = nil) -> JSONError {
        let end = min(offset ?? at, bytes.count)
        var line = 1
        var lineStart = 0
        for index in 0..<end where bytes[index] == 0x0A {
            line += 1
            lineStart = index + 1
        }
        let column = 1 + bytes[lineStart..<end].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
        return JSONError(line: line, column: column, message: message)
    }
}
