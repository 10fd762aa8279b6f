// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// The settings of a plugin: the subset of JSON Schema that a settings form can show.
public struct ConfigSchema: Sendable, Hashable {
    /// The settings, sorted by name.
    public let fields: [ConfigField]
    /// As it stands in the manifest.
    public let value: Value

    /// No settings.
    public static let empty = ConfigSchema(known: [:])

    /// Reads what ``metaSchema`` and ``ConfigRules`` have passed.
    init(known value: Value) {
        let required = Set((value["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        let properties = value["properties"]?.mapValue ?? [:]
        fields = properties.sorted { $0.key < $1.key }.map {
            ConfigField(name: $0.key, known: $0.value, isRequired: required.contains($0.key))
        }
        self.value = value
    }

    /// The setting with that name.
    public func field(_ name: String) -> ConfigField? { fields.first { $0.name == name } }
    /// The names of all secret settings, sorted: what a cell gets as `declared`.
    public var secretNames: [String] { fields.filter(\.isSecret).map(\.name) }
    /// The plain settings, sorted by name.
    public var plainFields: [ConfigField] { fields.filter { !$0.isSecret } }

    /// What is stored together with what stands in for the missing: what a plugin sees as `ctx.config`.
    public func effective(_ plain: [String: Value]) -> [String: Value] {
        var result: [String: Value] = [:]
        for field in plainFields { result[field.name] = plain[field.name] ?? field.defaultValue }
        return result
    }

    /// Required settings that have neither a value nor a default: the instance cannot be enabled while there are any.
    public func missing(plain: [String: Value], setSecrets: Set<String>) -> [String] {
        fields.filter { field in
            guard field.isRequired else { return false }
            return field.isSecret ? !setSecrets.contains(field.name) : plain[field.name] == nil && field.defaultValue == nil
        }.map(\.name)
    }

    /// What an administrator's input changes, against what is stored.
    ///
    /// A field that is not in the input keeps what it has; null clears it. Required fields are checked on the result, and every violation
    /// is reported at once.
    public func update(_ input: Value, plain: [String: Value] = [:], setSecrets: Set<String> = []) throws(SchemaViolations) -> ConfigUpdate
    {
        guard let members = input.mapValue else {
            throw SchemaViolations([Violation(ValuePath(), "must be an object with one member for each setting, not \(input.kindName)")])
        }
        var violations: [Violation] = []
        var result = ConfigUpdate(plain: plain.filter { name, _ in field(name).map { !$0.isSecret } ?? false })
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let path = ValuePath(members: name)
            guard let field = field(name) else {
                let near = Nearest.match(to: name, among: fields.map(\.name))
                violations.append(Violation(path, "is not a setting of this plugin", hint: near.map { "did you mean \"\($0)\"?" }))
                continue
            }
            violations += result.apply(value, to: field, at: path)
        }
        violations += PANFilter.violations(in: input)
        let secrets = setSecrets.intersection(secretNames).union(result.secretsToSet.keys).subtracting(result.secretsToClear)
        for name in missing(plain: result.plain, setSecrets: secrets)
        where !violations.contains(where: { $0.location == ValuePath(members: name) }) {
            violations.append(Violation(ValuePath(members: name), "is required"))
        }
        guard violations.isEmpty else { throw SchemaViolations(Array(violations.prefix(Schema.mostViolations))) }
        result.changed = result.changed.filter { name in !(plain[name] != nil && plain[name] == result.plain[name]) }
        return result
    }

    /// The settings form for the console and OpenAPI: secrets are write-only.
    public var jsonSchema: Value {
        var properties: [String: Value] = [:]
        for field in fields {
            var schema = field.schema.jsonSchema
            if let title = field.title { schema["title"] = .string(title) }
            if let standard = field.defaultValue { schema["default"] = standard }
            if field.isSecret {
                schema["writeOnly"] = true
                schema["x-secret"] = true
            }
            properties[field.name] = schema
        }
        return [
            "type": "object", "properties": .map(properties), "required": Value(fields.filter(\.isRequired).map(\.name)),
            "additionalProperties": false,
        ]
    }
}

/// What one change of settings does.
public struct ConfigUpdate: Sendable, Hashable {
    /// All plain settings after the change.
    public var plain: [String: Value]
    /// Secrets with a new value, to be sealed.
    public var secretsToSet: [String: String] = [:]
    /// Secrets to be forgotten.
    public var secretsToClear: Set<String> = []
    /// The names of everything that was touched, sorted; for `validate_config` and the audit.
    public var changed: [String] = []

    init(plain: [String: Value]) { self.plain = plain }

    mutating func apply(_ value: Value, to field: ConfigField, at path: ValuePath) -> [Violation] {
        guard !value.isNull else {
            if field.isSecret { secretsToClear.insert(field.name) } else { plain[field.name] = nil }
            changed.append(field.name)
            return []
        }
        let violations = field.schema.validate(value).map {
            Violation(ValuePath(path.steps + $0.location.steps), $0.message, hint: $0.hint)
        }
        guard violations.isEmpty else { return violations }
        if !field.isSecret {
            plain[field.name] = value
        } else if let text = value.stringValue, !text.isEmpty {
            secretsToSet[field.name] = text
        } else {
            return [Violation(path, "must not be empty", hint: "send null to clear it")]
        }
        changed.append(field.name)
        return []
    }
}
