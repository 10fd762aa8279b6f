// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Writes canonical JSON into one buffer.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private let pretty: Bool
    private var indent = 0

    init(pretty: Bool) {
        self.pretty = pretty
        bytes.reserveCapacity(256)
    }

    mutating func write(_ value: Value) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .int(let value): bytes.append(contentsOf: String(value).utf8)
        case .double(let value): bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
        case .string(let value): write(value)
        case .bytes(let value): write(Base64.encode(value))
        case .secret: append("\"[secret]\"")
        case .array(let elements):
            writeContainer("[", "]", isEmpty: elements.isEmpty) { writer in
                var first = true
                for element in elements {
                    writer.separate(&first)
                    writer.write(element)
                }
            }
        case .map(let members):
            writeContainer("{", "}", isEmpty: members.isEmpty) { writer in
                var first = true
                for (name, member) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                    writer.separate(&first)
                    writer.write(name)
                    writer.append(writer.pretty ? ": " : ":")
                    writer.write(member)
                }
            }
        }
    }

    private mutating func writeContainer(_ open: StaticString, _ close: StaticString, isEmpty: Bool, _ body: (inout JSONWriter) -> Void) {
        append(open)
        indent += 1
        body(&self)
        indent -= 1
        if pretty, !isEmpty { newLine() }
        append(close)
    }

    private mutating func separate(_ first: inout Bool) {
        if !first { append(",") }
        first = false
        if pretty { newLine() }
    }

    private mutating func newLine() {
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: indent * 2))
    }

    private mutating func append(_ text: StaticString) { Self.append(text, to: &bytes) }

    private mutating func write(_ text: String) { Self.write(text, to: &bytes) }

    /// A string with its quotes.
    static func write(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            var copied = 0
            for index in utf8.indices {
                let byte = utf8[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[copied..<index]))
                copied = index + 1
                writeEscape(byte, to: &bytes)
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[copied...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func append(_ text: StaticString, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func writeEscape(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"", to: &bytes)
        case UInt8(ascii: "\\"): append("\\\\", to: &bytes)
        case 0x08: append("\\b", to: &bytes)
        case 0x09: append("\\t", to: &bytes)
        case 0x0A: append("\\n", to: &bytes)
        case 0x0C: append("\\f", to: &bytes)
        case 0x0D: append("\\r", to: &bytes)
        default:
            append("\\u00", to: &bytes)
            bytes.append(contentsOf: Hex.encode([byte]).utf8)
        }
    }
}
