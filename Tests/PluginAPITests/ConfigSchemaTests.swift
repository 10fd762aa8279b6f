// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Testing
import Values

@Suite("ConfigSchema")
struct ConfigSchemaTests {
    static func schema() throws -> ConfigSchema {
        let text = #"""
            {"type": "object", "required": ["api_key", "region", "mode"], "properties": {
                "api_key": {"type": "string", "pattern": "^sk_", "x-secret": true}, "hook_key": {"type": "string", "x-secret": true}, "region": {"type": "string", "enum": ["eu", "us"]},
                "mode": {"type": "string", "default": "live"}, "retries": {"type": "integer", "minimum": 0, "maximum": 9, "default": 3}, "tags": {"type": "array", "items": {"type": "string", "maxLength": 3}, "maxItems": 2}, "on": {"type": "boolean"}}}
            """#
        let bytes = ManifestTests.manifest(["config_schema": text, "capabilities": nil])
        return try UnverifiedManifest(bytes).validated().config
    }

    @Test("splits input into plain settings and secrets")
    func splits() throws {
        let update = try Self.schema().update(["api_key": "sk_1", "region": "eu", "retries": 5, "tags": ["a"]])

        #expect(update.plain == ["region": "eu", "retries": 5, "tags": ["a"]])
        #expect(update.secretsToSet == ["api_key": "sk_1"])
        #expect(update.changed == ["api_key", "region", "retries", "tags"])
    }

    @Test("what is not mentioned stays, null clears")
    func partial() throws {
        let schema = try Self.schema()
        let stored: [String: Value] = ["region": "eu", "retries": 5, "gone": "an older version had it"]

        let update = try schema.update(
            ["retries": nil, "hook_key": nil, "on": true, "region": "eu"], plain: stored, setSecrets: ["api_key", "hook_key"])

        #expect(update.plain == ["region": "eu", "on": true])
        #expect(update.secretsToClear == ["hook_key"])
        #expect(update.secretsToSet.isEmpty)
        #expect(update.changed == ["hook_key", "on", "retries"])
    }

    @Test("required settings are checked on the result")
    func required() throws {
        let schema = try Self.schema()

        #expect(throws: SchemaViolations.self) { try schema.update(["region": "eu"]) }
        #expect(throws: SchemaViolations.self) { try schema.update(["api_key": nil], plain: ["region": "eu"], setSecrets: ["api_key"]) }
        #expect(throws: Never.self) { try schema.update([:], plain: ["region": "eu"], setSecrets: ["api_key"]) }
        #expect(schema.missing(plain: [:], setSecrets: []) == ["api_key", "region"])
    }

    @Test("reports everything that is wrong, and never repeats a value")
    func violations() throws {
        let schema = try Self.schema()
        let input: Value = [
            "api_key": "pk_secret", "hook_key": "", "region": "asia", "retries": 10, "tags": ["abcd", 1], "on": "yes", "regoin": 1,
            "mode": "4242424242424242",
        ]

        let error = #expect(throws: SchemaViolations.self) { try schema.update(input) }

        #expect(
            error?.violations.map(\.path) == ["api_key", "hook_key", "on", "region", "regoin", "retries", "tags[0]", "tags[1]", "mode"])
        #expect(error?.description.contains("pk_secret") == false)
        #expect(error?.description.contains("4242") == false)
        #expect(error?.violations[4].hint == #"did you mean "region"?"#)
    }

    @Test("a plugin sees defaults, and never a secret")
    func effective() throws {
        #expect(try Self.schema().effective(["region": "eu", "api_key": "leaked"]) == ["region": "eu", "mode": "live", "retries": 3])
    }

    @Test("the form marks secrets as write-only")
    func form() throws {
        let schema = try Self.schema().jsonSchema

        #expect(schema["properties"]?["api_key"]?["writeOnly"] == true)
        #expect(schema["properties"]?["retries"]?["default"] == 3)
        #expect(schema["additionalProperties"] == false)
    }
}
