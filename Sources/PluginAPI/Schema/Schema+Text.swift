// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

extension Schema {
    /// The kind in words, for messages: "an integer", "a string" and so on.
    package var kindText: String {
        switch shape {
        case .any: "anything"
        case .boolean: "true or false"
        case .integer: "an integer"
        case .string(let rule): rule.values.isEmpty ? "a string" : rule.values.map { "\"\($0)\"" }.joined(separator: " or ")
        case .octets: "a string"
        case .secret: "a secret handle"
        case .array: "an array"
        case .map, .object, .choice: "an object"
        case .union(let options): options.map(\.kindText).joined(separator: " or ")
        }
    }

    /// The type as the Lua language server writes it.
    package var luaType: String {
        let text: String =
            switch shape {
            case .any: "any"
            case .boolean: "boolean"
            case .integer: "integer"
            case .string(let rule): rule.values.isEmpty ? "string" : rule.values.map { "\"\($0)\"" }.joined(separator: "|")
            case .octets: "string"
            case .secret: "panelhost.Secret"
            case .array(let element, _): element.luaType.contains("|") ? "(\(element.luaType))[]" : "\(element.luaType)[]"
            case .map(let element, _, _): "table<string, \(element.luaType)>"
            case .object(let fields):
                name.map { "panelhost.\($0)" }
                    ?? (fields.isEmpty
                        ? "table"
                        : "{ " + fields.map { "\($0.name)\($0.isRequired ? "" : "?"): \($0.schema.luaType)" }.joined(separator: ", ") + " }")
            case .choice: name.map { "panelhost.\($0)" } ?? "table"
            case .union(let options): options.map(\.luaType).joined(separator: "|")
            }
        return isNullable ? text + "|nil" : text
    }

    /// The type in words, with its limits, for the reference.
    package var markdownType: String {
        switch shape {
        case .any: "any"
        case .boolean: "boolean"
        case .integer(let range): Self.markdown(range)
        case .string(let rule): Self.markdown(rule)
        case .octets(let max): "bytes ≤ \(Self.size(max))"
        case .secret: "secret handle"
        case .array(let element, let count): "array of \(element.markdownType)" + (count.upperBound < 1000 ? ", ≤ \(count.upperBound)" : "")
        case .map(let element, let count, let keyLength): "map of \(element.markdownType), ≤ \(count.upperBound), names ≤ \(keyLength)"
        case .object(let fields):
            name.map { "[\($0)](#\($0.lowercased()))" }
                ?? "{" + fields.map { "`\($0.name)\($0.isRequired ? "" : "?")`" }.joined(separator: ", ") + "}"
        case .choice: name.map { "[\($0)](#\($0.lowercased()))" } ?? "object"
        case .union(let options): options.map(\.markdownType).joined(separator: " or ")
        }
    }

    private static func markdown(_ range: ClosedRange<Int64>) -> String {
        if range.lowerBound == range.upperBound { return "`\(range.lowerBound)`" }
        if range == Money.range { return "integer 0…2⁵³−1" }
        if range.lowerBound == 0, range.upperBound >= 253_402_300_799_999 { return "integer, ms since 1970" }
        if range.lowerBound <= -9_007_199_254_740_991 { return "integer" }
        return "integer \(range.lowerBound)…\(range.upperBound)"
    }

    private static func markdown(_ rule: StringRule) -> String {
        if !rule.values.isEmpty { return rule.values.map { "`\($0)`" }.joined(separator: " \\| ") }
        if let pattern = rule.pattern { return "string `\(pattern.source.replacing("|", with: "\\|"))`" }
        let length = " ≤ \(size(rule.length.upperBound))"
        return switch rule.format {
        case nil: "string" + length
        case .text: "text" + length
        case .uri, .https: "URL" + length
        case .e164: "telephone number (E.164)"
        case .currency: "currency code"
        case .country: "country code"
        case .uuid: "UUID"
        case .email: "e-mail address"
        case .hostname: "host name"
        case .slug: "slug"
        case .locale: "language tag"
        }
    }

    private static func size(_ count: Int) -> String {
        count >= 1024 && count.isMultiple(of: 1024) ? (count >= 1 << 20 ? "\(count >> 20) MiB" : "\(count >> 10) KiB") : "\(count)"
    }
}
