// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Strict JSON (RFC 8259) and its canonical form.
///
/// Strict: UTF-8 without a byte order mark, no duplicate member, no lone surrogate, nothing after the value. Integers that fit 64 bits are
/// ``Value/int(_:)``, every other number is ``Value/double(_:)``; a number beyond a double is refused.
/// Member names that differ only in Unicode normalisation count as duplicates.
public enum JSON {
    /// Reads one JSON text.
    public static func parse(_ bytes: some Collection<UInt8>, limits: ValueLimits = .init()) throws(JSONError) -> Value {
        try sizeCheck(bytes.count, limits)
        var parser = JSONParser((bytes as? [UInt8]) ?? Array(bytes), limits: limits, locating: false)
        return try parser.parseDocument()
    }

    /// Reads one JSON text.
    public static func parse(_ text: String, limits: ValueLimits = .init()) throws(JSONError) -> Value {
        try parse(Array(text.utf8), limits: limits)
    }

    /// Reads one JSON text and remembers on which line each value stood.
    public static func parseLocated(_ bytes: some Collection<UInt8>, limits: ValueLimits = .init()) throws(JSONError) -> LocatedValue {
        try sizeCheck(bytes.count, limits)
        var parser = JSONParser((bytes as? [UInt8]) ?? Array(bytes), limits: limits, locating: true)
        let value = try parser.parseDocument()
        return LocatedValue(value: value, lines: parser.lines)
    }

    /// The canonical bytes: members sorted by their UTF-8, no spaces, fewest escapes.
    ///
    /// Bytes become a base64 string, a secret `"[secret]"`, and a number that JSON cannot write (NaN, infinity) `null`.
    public static func serialize(_ value: Value, pretty: Bool = false) -> [UInt8] {
        var writer = JSONWriter(pretty: pretty)
        writer.write(value)
        return writer.bytes
    }

    /// The canonical text; see ``serialize(_:pretty:)``.
    public static func text(_ value: Value, pretty: Bool = false) -> String {
        String(decoding: serialize(value, pretty: pretty), as: UTF8.self)
    }

    /// Adds the canonical form of one string to bytes that are being put together, without a copy in between.
    package static func append(_ text: String, to bytes: inout [UInt8]) {
        JSONWriter.write(text, to: &bytes)
    }

    private static func sizeCheck(_ count: Int, _ limits: ValueLimits) throws(JSONError) {
        guard count <= limits.maxBytes else {
            throw JSONError(line: 1, column: 1, message: "the text has \(count) bytes; the limit is \(limits.maxBytes)")
        }
    }
}

/// Why a text is not JSON that we take, and where.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line, from 1.
    public var line: Int
    /// The column in characters (Unicode scalars), from 1.
    public var column: Int
    /// What is wrong.
    public var message: String

    /// An error at that place.
    public init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    /// `line 3, column 7: duplicate member "alg"`.
    public var description: String { "line \(line), column \(column): \(message)" }
}

/// A value and the line on which each part of it stood.
public struct LocatedValue: Sendable, Hashable {
    /// The value itself.
    public let value: Value
    private let lines: [ValuePath: Int]

    package init(value: Value, lines: [ValuePath: Int]) {
        self.value = value
        self.lines = lines
    }

    /// The line of the value at `path` (of the member's name, for a member), or of the nearest value around it.
    public func line(of path: ValuePath) -> Int {
        var path: ValuePath? = path
        while let current = path {
            if let line = lines[current] { return line }
            path = current.parent
        }
        return 1
    }
}
