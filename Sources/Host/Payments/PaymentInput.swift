// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import PluginAPI
internal import Security
internal import Values

extension Schema {
    /// The value as this schema describes it, or an error that names every field that is wrong.
    func read(_ body: Value) throws(HostError) -> Value {
        let cardData = PANFilter.violations(in: body)
        if !cardData.isEmpty {
            throw HostError(.contractViolation, "card data must not pass through the panel", fields: cardData.map(\.field))
        }
        let violations = validate(body)
        if !violations.isEmpty {
            throw HostError(.invalidRequest, "the request has fields that are missing or wrong", fields: violations.map(\.field))
        }
        return sanitized(body)
    }
}

extension Violation {
    fileprivate var field: HostError.Field {
        HostError.Field(field: path.isEmpty ? "body" : path, message: message + (hint.map { "; \($0)" } ?? ""))
    }
}

extension HostError {
    /// One wrong field.
    static func invalid(_ field: String, _ message: String) -> HostError {
        HostError(.invalidRequest, "the request has fields that are missing or wrong", fields: [Field(field: field, message: message)])
    }
}

/// The hash under which a request's body or key is remembered.
func rememberedHash(_ value: Value) -> String { Hex.encode(Hash.sha256(JSON.serialize(value))) }
