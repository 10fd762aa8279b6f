// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

extension ConfigSchema {
    /// The form of one setting in a manifest.
    package static let fieldSchema: Schema = {
        let text: [Schema.Field] = [
            .optional("enum", .array(.string(1...200), 1...100), "The words to choose from.", example: ["test", "live"]),
            .optional(
                "pattern", .string(1...256),
                "Regular expression: literals, `.`, classes, `\\d \\w \\s`, groups, `|`, `* + ? {m,n}`, `^`, `$`.", example: "^sk_"),
            .optional("minLength", .integer(0...4096), "Least number of characters.", example: 1),
            .optional("maxLength", .integer(1...4096), "Greatest number of characters.", example: 200),
            .optional(
                "format", .enumeration(["uri", "email", "hostname", "e164", "uuid", "currency", "country", "locale"]), "A named form.",
                example: "uri"),
        ]
        let items = Schema.object("", [.required("type", .enumeration(["string"]), "Always `string`.", example: "string")] + text)
        return Schema.type(
            "ConfigField", "One setting: a member of `properties`.",
            [
                .required("type", .enumeration(ConfigField.Kind.self), "What it takes.", example: "string"),
                .optional("title", .string(1...120, format: .text), "Shown above the field.", example: "Secret key"),
                .optional("description", .string(0...1000, format: .text), "Shown below the field.", example: "Starts with sk_."),
                .optional("default", .any, "What it is when nobody sets it. Not for secrets.", example: "live"),
            ] + text + [
                .optional("minimum", .integer(), "Least integer.", example: 1),
                .optional("maximum", .integer(), "Greatest integer.", example: 60),
                .optional("items", items, "The elements of an array.", example: ["type": "string"]),
                .optional("minItems", .integer(0...100), "Least number of elements.", example: 1),
                .optional("maxItems", .integer(1...100), "Greatest number of elements.", example: 10),
                .optional("x-secret", .boolean, "Sealed at rest, never shown again, only a handle to the plugin.", example: true),
                .optional("x-scope", .enumeration(["tenant"]), "Whose setting it is. Always `tenant`.", example: "tenant"),
            ])
    }()

    /// The form of `config_schema` in a manifest.
    package static let metaSchema = Schema.object(
        "The settings of the plugin, as a subset of JSON Schema.",
        [
            .optional("type", .enumeration(["object"]), "Always `object`.", example: "object"),
            .optional("title", .string(1...120, format: .text), "Shown above the form."),
            .optional("description", .string(0...1000, format: .text), "Shown above the form."),
            .optional(
                "properties", .map(fieldSchema, 0...64, keyLength: 64), "The settings by name.",
                example: ["api_key": ["type": "string", "x-secret": true]]),
            .optional("required", .array(.string(1...64), 0...64), "Names of settings that must be there.", example: ["api_key"]),
        ])
}

/// What a schema cannot say about `config_schema`.
enum ConfigRules {
    static func violations(in value: Value, at path: ValuePath) -> [Violation] {
        var found: [Violation] = []
        let properties = value["properties"]?.mapValue ?? [:]
        for (name, field) in properties.sorted(by: { $0.key < $1.key }) where field.mapValue != nil {
            let place = path.member("properties").member(name)
            if !isName(name) {
                found.append(
                    Violation(
                        place, "has a name that Lua cannot write after a dot",
                        hint: "use lower-case letters, digits and _, starting with a letter"))
            }
            found += violations(inField: field, at: place)
        }
        for (index, name) in (value["required"]?.arrayValue ?? []).enumerated() {
            guard let name = name.stringValue, properties[name] == nil else { continue }
            let near = Nearest.match(to: name, among: properties.keys.sorted())
            found.append(
                Violation(
                    path.member("required").index(index), "names a setting that is not among the properties",
                    hint: near.map { "did you mean \"\($0)\"?" }
                        ?? "add \(JSON.text(.string(name))): {\"type\": \"string\"} to the properties"))
        }
        return found
    }

    private static func violations(inField value: Value, at path: ValuePath) -> [Violation] {
        guard let kind = value["type"]?.stringValue.flatMap(ConfigField.Kind.init) else { return [] }
        var found = misplaced(value, kind, at: path)
        for (holder, place) in [(value, path), (value["items"] ?? [:], path.member("items"))] {
            if let pattern = holder["pattern"]?.stringValue {
                do { _ = try Pattern(pattern) } catch { found.append(Violation(place.member("pattern"), error.description)) }
            }
            found += order(holder, "minLength", "maxLength", at: place)
        }
        found += order(value, "minimum", "maximum", at: path) + order(value, "minItems", "maxItems", at: path)
        if kind == .array, value["items"] ?? .null == .null {
            found.append(Violation(path.member("items"), "is missing", hint: "write \"items\": {\"type\": \"string\"}"))
        }
        if value["x-secret"]?.boolValue == true {
            if kind != .string {
                found.append(Violation(path.member("type"), "must be string for a secret", hint: "write \"type\": \"string\""))
            }
            if value["default"]?.isNull == false {
                found.append(
                    Violation(path.member("default"), "must not be there for a secret", hint: "remove it; a secret in a manifest is none"))
            }
        } else if found.isEmpty, let standard = value["default"], !standard.isNull {
            let field = ConfigField(name: "", known: value, isRequired: false)
            found += field.schema.validate(standard).map { Violation(path.member("default"), $0.message, hint: $0.hint) }
        }
        return found
    }

    /// Keywords that mean nothing for this type are typing errors in the making.
    private static func misplaced(_ value: Value, _ kind: ConfigField.Kind, at path: ValuePath) -> [Violation] {
        let text = ["enum", "pattern", "minLength", "maxLength", "format"]
        let allowed: [String] =
            switch kind {
            case .string: text
            case .integer: ["minimum", "maximum"]
            case .boolean: []
            case .array: ["items", "minItems", "maxItems"]
            }
        return (text + ["minimum", "maximum", "items", "minItems", "maxItems"]).filter {
            !allowed.contains($0) && value[$0]?.isNull == false
        }.map {
            Violation(
                path.member($0), "has no meaning for \"type\": \"\(kind.rawValue)\"",
                hint: kind == .array && text.contains($0) ? "put it into \"items\"" : "remove it")
        }
    }

    private static func order(_ value: Value, _ least: String, _ most: String, at path: ValuePath) -> [Violation] {
        guard let low = value[least]?.intValue, let high = value[most]?.intValue, low > high else { return [] }
        return [Violation(path.member(least), "is greater than \(most)", hint: "swap them")]
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, StringFormat.isLower(first) else { return false }
        return name.utf8.allSatisfy { StringFormat.isLower($0) || StringFormat.isDigit($0) || $0 == UInt8(ascii: "_") }
    }
}
