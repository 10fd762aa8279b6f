// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

extension Schema {
    /// The same description in JSON Schema 2020-12, as OpenAPI 3.1 takes it.
    public var jsonSchema: Value {
        var result = bareJSONSchema
        if !doc.isEmpty { result["description"] = .string(doc) }
        if isNullable {
            if let type = result["type"]?.stringValue {
                result["type"] = [.string(type), "null"]
            } else {
                result = ["anyOf": [result, ["type": "null"]]]
            }
        }
        return result
    }

    private var bareJSONSchema: Value {
        switch shape {
        case .any: [:]
        case .boolean: ["type": "boolean"]
        case .integer(let range): ["type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)]
        case .string(let rule): Self.jsonSchema(rule)
        case .octets(let max): ["type": "string", "maxLength": Value(max)]
        case .secret: ["type": "string", "writeOnly": true]
        case .array(let element, let count):
            Self.bounded(["type": "array", "items": element.jsonSchema], count, "minItems", "maxItems")
        case .map(let element, let count, let keyLength):
            Self.bounded(
                ["type": "object", "additionalProperties": element.jsonSchema, "propertyNames": ["maxLength": Value(keyLength)]],
                count, "minProperties", "maxProperties")
        case .object(let fields): Self.jsonSchema(fields, tag: nil)
        case .choice(let tag, let variants):
            ["oneOf": .array(variants.map { Self.jsonSchema($0.fields, tag: (tag, $0.tag)) })]
        case .union(let options): ["anyOf": .array(options.map(\.jsonSchema))]
        }
    }

    private static func bounded(_ schema: Value, _ range: ClosedRange<Int>, _ least: String, _ most: String) -> Value {
        var schema = schema
        if range.lowerBound > 0 { schema[least] = Value(range.lowerBound) }
        schema[most] = Value(range.upperBound)
        return schema
    }

    private static func jsonSchema(_ rule: StringRule) -> Value {
        if !rule.values.isEmpty { return ["type": "string", "enum": Value(rule.values)] }
        var schema = bounded(["type": "string"], rule.length, "minLength", "maxLength")
        if let format = rule.format?.jsonSchemaFormat { schema["format"] = .string(format) }
        if let pattern = rule.pattern?.source ?? rule.format?.jsonSchemaPattern { schema["pattern"] = .string(pattern) }
        return schema
    }

    private static func jsonSchema(_ fields: [Field], tag: (name: String, value: String)?) -> Value {
        var properties: [String: Value] = [:]
        var required: [String] = []
        if let tag {
            properties[tag.name] = ["type": "string", "const": .string(tag.value)]
            required.append(tag.name)
        }
        for field in fields {
            var schema = field.schema.jsonSchema
            if !field.doc.isEmpty { schema["description"] = .string(field.doc) }
            if let example = field.example { schema["examples"] = [example] }
            properties[field.name] = schema
            if field.isRequired { required.append(field.name) }
        }
        var schema: Value = ["type": "object", "properties": .map(properties), "additionalProperties": false]
        if !required.isEmpty { schema["required"] = Value(required) }
        return schema
    }
}
