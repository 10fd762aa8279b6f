// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// Writes a value as a Lua author would.
enum LuaText {
    private static let width = 110
    private static let words: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not", "or",
        "repeat", "return", "then",
        "true", "until", "while",
    ]

    /// A table constructor or a literal; on one line where it fits.
    static func text(_ value: Value, indent: Int = 0) -> String {
        let line = flat(value)
        guard indent * 4 + line.count > width else { return line }
        let inner = String(repeating: "    ", count: indent + 1)
        let end = "\n" + String(repeating: "    ", count: indent) + "}"
        switch value {
        case .map(let members):
            return "{\n" + names(members).map { "\(inner)\(key($0)) = \(text(members[$0] ?? .null, indent: indent + 1)),\n" }.joined()
                + end.dropFirst()
        case .array(let elements):
            return "{\n" + elements.map { "\(inner)\(text($0, indent: indent + 1)),\n" }.joined() + end.dropFirst()
        default: return line
        }
    }

    private static func flat(_ value: Value) -> String {
        switch value {
        case .map(let members):
            members.isEmpty
                ? "{}" : "{ " + names(members).map { "\(key($0)) = \(flat(members[$0] ?? .null))" }.joined(separator: ", ") + " }"
        case .array(let elements): elements.isEmpty ? "panel.array {}" : "{ " + elements.map(flat).joined(separator: ", ") + " }"
        case .null: "panel.null"
        default: JSON.text(value)
        }
    }

    /// What decides comes first, the rest by name.
    private static func names(_ members: [String: Value]) -> [String] {
        let first = ["ok", "kind", "type", "status", "code"]
        return members.keys.sorted { a, b in
            (first.firstIndex(of: a) ?? first.count, a) < (first.firstIndex(of: b) ?? first.count, b)
        }
    }

    private static func key(_ name: String) -> String {
        let isName =
            !words.contains(name) && name.utf8.first.map { !StringFormat.isDigit($0) } ?? false
            && name.utf8.allSatisfy {
                StringFormat.isLower($0) || StringFormat.isUpper($0) || StringFormat.isDigit($0) || $0 == UInt8(ascii: "_")
            }
        return isName ? name : "[\(JSON.text(.string(name)))]"
    }
}
