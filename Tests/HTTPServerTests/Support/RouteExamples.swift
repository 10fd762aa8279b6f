// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import PluginAPI
import Security
import Values

/// Requests that a route takes, made from its own description: a new route is tested without a word about it here.
extension Route {
    /// The path in acme; what is named by an identifier does not exist.
    var examplePath: String { path(tenant: "acme") }

    func path(tenant: String) -> String { path(["tenant": tenant]) }

    /// The path with these parameters; the others get a value of the right form.
    func path(_ given: [String: String]) -> String {
        let steps = path.split(separator: "/").map { step -> String in
            guard step.first == "{" else { return String(step) }
            let name = String(step.dropFirst().dropLast())
            return given[name] ?? ["tenant": "acme", "plugin": Probe.id][name] ?? "0192f0c1-7a3e-7b44-9d5e-3f2a1b0c9d8e"
        }
        return "/" + steps.joined(separator: "/")
    }

    /// A body that the schema takes, with every member.
    var exampleBody: SentBody {
        switch body {
        case .none: .none
        case .json(let schema, _): .json(schema.example)
        case .raw(let type, _): .bytes([1, 2, 3], type: type)
        case .opaque: .bytes([1, 2, 3], type: "application/octet-stream")
        }
    }

    var exampleHeaders: [(String, String)] { needsIdempotencyKey ? [("idempotency-key", "key-1")] : [] }

    var isOpen: Bool { if case .open = access { true } else { false } }

    var permission: Action? { if case .permission(let action) = access { action } else { nil } }

    var jsonBody: (schema: Schema, maxBytes: Int)? { if case .json(let schema, let most) = body { (schema, most) } else { nil } }

    var name: String { "\(method.rawValue) \(path)" }
}

extension Schema {
    /// A value that fits, with every member, also the optional ones.
    var example: Value {
        switch shape {
        case .any: "anything"
        case .boolean: true
        case .integer(let range): .int(range.contains(1) ? 1 : range.lowerBound)
        case .string(let rule): .string(Self.example(rule))
        case .octets, .secret: "text"
        case .array(let element, let count): .array(Array(repeating: element.example, count: max(1, count.lowerBound)))
        case .map(let element, _, _): ["name": element.example]
        case .object(let fields): .map(Self.example(fields))
        case .choice(let tag, let variants):
            .map(Self.example(variants.first?.fields ?? []).merging([tag: .string(variants.first?.tag ?? "")]) { $1 })
        case .union(let options): options.first?.example ?? .null
        }
    }

    private static func example(_ fields: [Field]) -> [String: Value] {
        Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.example ?? $0.schema.example) })
    }

    private static func example(_ rule: StringRule) -> String {
        if let word = rule.values.first { return word }
        return switch rule.format {
        case .uuid: "0192f0c1-7a3e-7b44-9d5e-3f2a1b0c9d8e"
        case .currency: "EUR"
        case .country: "DE"
        case .uri, .https: "https://example.com/"
        case .email: "ada@example.com"
        case .hostname: "example.com"
        case .e164: "+4915112345678"
        case .slug: "example"
        case .locale: "en"
        case .text, nil: String(repeating: "1", count: min(max(rule.length.lowerBound, 1), rule.length.upperBound))
        }
    }
}
