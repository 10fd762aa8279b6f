// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// One setting of a plugin, as its `config_schema` describes it.
public struct ConfigField: Sendable, Hashable {
    /// What kind of value it takes.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case string, integer, boolean, array
    }

    /// Its name.
    public let name: String
    /// What it takes; an array is one of strings.
    public let kind: Kind
    /// What people see above the field.
    public let title: String?
    /// What people see below the field.
    public let doc: String?
    /// Whether the plugin cannot work without it.
    public let isRequired: Bool
    /// Whether it is sealed at rest and only ever a handle to the plugin.
    public let isSecret: Bool
    /// What it is when nobody sets it.
    public let defaultValue: Value?
    /// The words to choose from; empty for free input.
    public let choices: [Value]
    /// Whether it holds a URL, which a destination may refer to.
    public let isURL: Bool
    /// What a value must look like.
    public let schema: Schema

    /// Reads what ``ConfigSchema/metaSchema`` has passed.
    init(name: String, known value: Value, isRequired: Bool) {
        self.name = name
        kind = value["type"]?.stringValue.flatMap(Kind.init) ?? .string
        title = value["title"]?.stringValue
        doc = value["description"]?.stringValue
        self.isRequired = isRequired
        isSecret = value["x-secret"]?.boolValue ?? false
        defaultValue = value["default"].flatMap { $0.isNull ? nil : $0 }
        choices = value["enum"]?.arrayValue ?? []
        isURL = value["format"]?.stringValue == StringFormat.uri.rawValue
        schema = Self.schema(kind, value)
    }

    private static func schema(_ kind: Kind, _ value: Value) -> Schema {
        let doc = value["description"]?.stringValue ?? ""
        let bare: Schema =
            switch kind {
            case .boolean: .boolean
            case .integer:
                .integer(range(value, "minimum", "maximum", -9_007_199_254_740_991...9_007_199_254_740_991))
            case .string: Schema(.string(rule(value)))
            case .array:
                Schema(
                    .array(
                        Schema(.string(rule(value["items"] ?? [:]))),
                        count: range(value, "minItems", "maxItems", 0...100).asInt))
            }
        return bare.documented(doc)
    }

    private static func rule(_ value: Value) -> StringRule {
        StringRule(
            length: range(value, "minLength", "maxLength", 0...4096).asInt,
            values: (value["enum"]?.arrayValue ?? []).compactMap(\.stringValue),
            format: value["format"]?.stringValue.flatMap(StringFormat.init),
            pattern: value["pattern"]?.stringValue.flatMap { try? Pattern($0) })
    }

    private static func range(_ value: Value, _ least: String, _ most: String, _ widest: ClosedRange<Int64>) -> ClosedRange<Int64> {
        let low = max(value[least]?.intValue ?? widest.lowerBound, widest.lowerBound)
        let high = min(value[most]?.intValue ?? widest.upperBound, widest.upperBound)
        return low...max(low, high)
    }
}

extension ClosedRange<Int64> {
    fileprivate var asInt: ClosedRange<Int> { Int(lowerBound)...Int(upperBound) }
}
