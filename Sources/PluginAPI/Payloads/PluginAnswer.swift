// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What a plugin answered, once it was held against the contract.
public enum PluginAnswer: Sendable, Hashable {
    /// `{ok = true, …}`: the fields of the operation's result, unknown ones dropped.
    case success(Value)
    /// `{ok = false, error = …}`.
    case failure(PluginFailure)

    /// Reads the answer to an operation.
    ///
    /// - Throws: everything that does not follow the contract; the host makes a ``PluginFailure/contractViolation(_:outcome:)`` of it.
    public init(_ value: Value, to operation: Operation) throws(SchemaViolations) {
        guard value.mapValue != nil else {
            throw SchemaViolations([Violation(ValuePath(), "must be a table with ok = true or ok = false, not \(value.kindName)")])
        }
        switch value["ok"] {
        case .bool(true)?:
            let violations = operation.result.validate(value, unknown: .drop) + PANFilter.violations(in: value)
            guard violations.isEmpty else { throw SchemaViolations(violations) }
            self = .success(operation.result.sanitized(value))
        case .bool(false)?:
            do { self = .failure(try PluginFailure(validating: value["error"] ?? .null)) } catch {
                throw SchemaViolations(
                    error.violations.map { Violation(ValuePath([.member("error")] + $0.location.steps), $0.message, hint: $0.hint) })
            }
        default: throw SchemaViolations([Violation(ValuePath(members: "ok"), "must be true or false")])
        }
    }
}
