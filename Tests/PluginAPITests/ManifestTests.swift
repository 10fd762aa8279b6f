// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Security
import Testing
import Values

@Suite("Manifest")
struct ManifestTests {
    /// A notifier's manifest with some lines exchanged; one member a line, so that lines can be counted.
    static func manifest(_ changes: [String: String?] = [:]) -> [UInt8] {
        let lines: KeyValuePairs<String, String> = [
            "manifest_version": "1", "id": #""acme-chat""#, "name": #""Acme Chat""#, "version": #""1.2.0""#,
            "description": #""Posts to Acme.""#, "host_api": #""1""#, "kind": #""notifier""#,
            "entry": #""main.lua""#, "operations": #"["validate_config", "send"]"#,
            "capabilities": #"{"http": [{"host": "api.acme.test", "methods": ["POST"], "path_prefix": "/v1/"}]}"#,
            "config_schema":
                #"{"properties": {"url": {"type": "string", "format": "uri"}, "token": {"type": "string", "x-secret": true}}, "required": ["token"]}"#,
            "notifier": #"{"channel": "chat", "formats": ["text"]}"#,
        ]
        var members = lines.compactMap { name, value -> String? in
            guard let change = changes[name] else { return "\"\(name)\": \(value)" }
            return change.map { "\"\(name)\": \($0)" }
        }
        let known = lines.map(\.key)
        members += changes.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }.compactMap { name, value in
            value.map { "\"\(name)\": \($0)" }
        }
        return Array("{\n\(members.joined(separator: ",\n"))\n}".utf8)
    }

    static func problems(_ changes: [String: String?], panel: SemanticVersion? = nil) -> [String] {
        do throws(ManifestProblems) {
            _ = try UnverifiedManifest(manifest(changes)).validated(panel: panel)
            return []
        } catch { return error.problems.map(\.description) }
    }

    @Test("reads what a plugin declares, with defaults for the rest")
    func reads() throws {
        let manifest = try UnverifiedManifest(
            Self.manifest(["panel1": #"">=0.1.0 <1.0.0""#, "hooks": #"[{"event": "invoice.paid", "version": 1}]"#])
        ).validated(panel: SemanticVersion(0, 5, 0))

        #expect(manifest.id.description == "acme-chat")
        #expect(manifest.version == SemanticVersion(1, 2, 0))
        #expect(manifest.kind == .notifier)
        #expect(manifest.operations == ["validate_config", "send"])
        #expect(manifest.requestedCapabilities.http == [HTTPDestination(host: "api.acme.test", methods: ["POST"], pathPrefix: "/v1/")])
        #expect(manifest.config.secretNames == ["token"])
        #expect(manifest.limits == .standard)
        #expect(manifest.notifier?.channel == .chat)
        #expect(manifest.notifier?.overflow == .truncate)
        #expect(manifest.gateway == nil)
        #expect(manifest.hooks.map(\.event) == ["invoice.paid"])
    }

    @Test("one mistake gives one problem on its line, with what to write", arguments: oneMistake)
    func one(changes: [String: String?], expected: String) {
        #expect(Self.problems(changes) == [expected])
    }

    static let oneMistake: [([String: String?], String)] = [
        (["manifest_version": "2"], "plugin.json:2: manifest_version must be at most 1"),
        (["id": nil], #"plugin.json:1: id is missing, write "id": "acme-pay""#),
        (["id": #""Acme""#], "plugin.json:3: id must be lower-case letters, digits and single hyphens, 2 to 63 characters, like acme-pay"),
        (["version": #""1.2""#], #"plugin.json:5: version must be a semantic version, write "version": "1.0.0""#),
        (["version": "1"], #"plugin.json:5: version must be a string, not an integer, for example "1.0.0""#),
        (["kind": #""notifer""#], #"plugin.json:8: kind must be one of payment_gateway, two_factor, notifier, did you mean "notifier"?"#),
        (["host_api": #""2""#], "plugin.json:7: host_api must be \"1\""),
        (["panel1": #"">=1""#], #"plugin.json:14: panel1 must be a version range, write "panel1": ">=0.1.0 <1.0.0""#),
        (["entry": #""../main.lua""#], #"plugin.json:9: entry must be a Lua file of the plugin, write "entry": "main.lua""#),
        (["entry": #""/main.lua""#], #"plugin.json:9: entry must be a Lua file of the plugin, write "entry": "main.lua""#),
        (["verison": "1"], #"plugin.json:14: verison is not a known field, did you mean "version"?"#),
        (
            ["homepage": #""http://acme.test""#],
            "plugin.json:14: homepage must be a URL that starts with https://, without user name, fragment or .. in it"
        ),
        (["description": #""""#], "plugin.json:6: description must not be empty"),
        (
            ["operations": #"["validate_config"]"#],
            #"plugin.json:10: operations must list send: every notifier has it, add "send" and implement it"#
        ),
        (
            ["operations": #"["validate_config", "send", "sent"]"#],
            #"plugin.json:10: operations[2] is not an operation of a notifier, did you mean "send"?"#
        ),
        (["operations": #"["validate_config", "send", "send"]"#], "plugin.json:10: operations[2] names send twice, remove one"),
        (
            ["operations": #"["validate_config", "send", "parse_receipt"]"#],
            #"plugin.json:10: operations[2] names parse_receipt, but no receipts are declared, remove it, or change "notifier""#
        ),
        (
            ["capabilities": #"{"http": [{"host": "*.acme.test", "methods": ["GET"]}]}"#],
            "plugin.json:11: capabilities.http[0].host must not contain a wildcard, write one destination for each host"
        ),
        (
            ["capabilities": #"{"http": [{"host": "acme.test", "methods": ["GET"], "path_prefix": "v1/"}]}"#],
            #"plugin.json:11: capabilities.http[0].path_prefix must start with a slash, write "/v1/""#
        ),
        (
            ["capabilities": #"{"http": [{"host": "acme.test", "methods": ["GET"], "path_prefix": "/v1/%2e%2e/"}]}"#],
            "plugin.json:11: capabilities.http[0].path_prefix must be a plain path, no query, no .., no encoded slash, no spaces"
        ),
        (
            ["capabilities": #"{"http": [{"host": "acme.test", "methods": ["FETCH"]}]}"#],
            "plugin.json:11: capabilities.http[0].methods[0] must be one of GET, HEAD, POST, PUT, PATCH, DELETE"
        ),
        (
            ["capabilities": #"{"http": [{"host": "https://acme.test/v1", "methods": ["GET"]}]}"#],
            #"plugin.json:11: capabilities.http[0].host must be a host name only, write "api.acme.test", and the path as "path_prefix": "/v1/""#
        ),
        (
            ["capabilities": #"{"http": [{"host": "acme.test:8443", "methods": ["GET"]}]}"#],
            #"plugin.json:11: capabilities.http[0].host must not contain a port or an IPv6 address, write the port as "port": 8443"#
        ),
        (
            ["capabilities": #"{"http": [{"methods": ["GET"]}]}"#],
            #"plugin.json:11: capabilities.http[0] has neither host nor host_config, write "host": "api.acme.test""#
        ),
        (
            ["capabilities": #"{"http": [{"host_config": "ulr", "methods": ["GET"]}]}"#],
            #"plugin.json:11: capabilities.http[0].host_config is not a field of config_schema with "format": "uri", did you mean "url"?"#
        ),
        (
            ["capabilities": #"{"http": [{"host_config": "url", "methods": ["GET"], "path_prefix": "/"}]}"#],
            "plugin.json:11: capabilities.http[0].path_prefix cannot stand beside host_config, the path of the configured URL is the prefix"
        ),
        (["capabilities": #"{"htpp": []}"#], #"plugin.json:11: capabilities.htpp is not a known field, did you mean "http"?"#),
        (
            ["capabilities": #"{"data": ["client.contacts"]}"#],
            #"plugin.json:11: capabilities.data[0] must be one of client.address, client.contact, client.identity, domain.details, invoice.amounts, invoice.lines, order.items, service.details, ticket.content, user.contact, did you mean "client.contact"?"#
        ),
        (
            ["capabilities": #"{"emit": ["plugin.other.x"]}"#],
            #"plugin.json:11: capabilities.emit[0] must be an event of the plugin's own, write "plugin.acme-chat.*""#
        ),
        (
            ["capabilities": #"{"storage": {"max_bytes": 99999999999}}"#],
            "plugin.json:11: capabilities.storage.max_bytes must be at most 16777216"
        ),
        (["limits": #"{"memory_kb": 999999}"#], "plugin.json:14: limits.memory_kb must be at most 16384"),
        (
            ["limits": #"{"wall_ms": 1.5}"#],
            "plugin.json:14: limits.wall_ms must be an integer, not a number with a fraction or exponent, write it without fraction and exponent; in Lua divide with // and not with /"
        ),
        (
            ["hooks": #"[{"event": "invoice.payed", "version": 1}]"#],
            #"plugin.json:14: hooks[0].event is not an event of the panel, did you mean "invoice.paid"?"#
        ),
        (
            ["hooks": #"[{"event": "payment.completed", "version": 1}]"#],
            #"plugin.json:14: hooks[0].event is an old name, write "payment.succeeded""#
        ),
        (["notifier": nil], "plugin.json:1: notifier is missing"),
        (
            ["gateway": "{}"],
            #"plugin.json:14: gateway belongs to the kind payment_gateway, and this one is notifier, remove it, or write "kind": "payment_gateway""#
        ),
        (
            ["notifier": #"{"channel": "chat", "formats": ["text"], "overflow": "cut"}"#],
            "plugin.json:13: notifier.overflow must be one of split, truncate, reject"
        ),
        (
            ["config_schema": #"{"properties": {"token": {"type": "string", "x-secret": true, "default": "x"}}}"#],
            "plugin.json:12: config_schema.properties.token.default must not be there for a secret, remove it; a secret in a manifest is none"
        ),
        (
            ["config_schema": #"{"properties": {"a": {"type": "number"}}}"#],
            "plugin.json:12: config_schema.properties.a.type must be one of string, integer, boolean, array"
        ),
        (
            ["config_schema": #"{"properties": {"a": {"type": "string", "pattern": "(a"}}}"#],
            "plugin.json:12: config_schema.properties.a.pattern has a ( without ) at character 3"
        ),
        (
            ["config_schema": #"{"properties": {"a": {"type": "integer", "default": "x"}}}"#],
            "plugin.json:12: config_schema.properties.a.default must be an integer, not a string"
        ),
        (
            ["config_schema": #"{"properties": {"a": {"type": "integer", "maxLength": 3}}}"#],
            #"plugin.json:12: config_schema.properties.a.maxLength has no meaning for "type": "integer", remove it"#
        ),
        (
            ["config_schema": #"{"properties": {"a": {"type": "array"}}}"#],
            #"plugin.json:12: config_schema.properties.a.items is missing, write "items": {"type": "string"}"#
        ),
        (
            ["config_schema": #"{"properties": {"a": {"type": "boolean", "x-secret": true}}}"#],
            #"plugin.json:12: config_schema.properties.a.type must be string for a secret, write "type": "string""#
        ),
        (
            ["config_schema": #"{"properties": {"A-b": {"type": "string"}}}"#],
            "plugin.json:12: config_schema.properties.A-b has a name that Lua cannot write after a dot, use lower-case letters, digits and _, starting with a letter"
        ),
        (
            ["config_schema": #"{"properties": {"key": {"type": "string"}}, "required": ["kee"]}"#],
            #"plugin.json:12: config_schema.required[0] names a setting that is not among the properties, did you mean "key"?"#
        ),
        (
            ["config_schema": #"{"properties": {"a": {"type": "string", "minLength": 9, "maxLength": 3}}}"#],
            "plugin.json:12: config_schema.properties.a.minLength is greater than maxLength, swap them"
        ),
    ]

    @Test("reports every problem at once, by line")
    func all() {
        let problems = Self.problems([
            "id": #""X""#, "version": #""one""#, "operations": #"["sendd"]"#,
            "capabilities": #"{"http": [{"host": "*", "methods": []}], "storage": 5}"#,
            "notifier": #"{"formats": [], "rate": {"per_s": 0}}"#, "colour": "1",
        ])

        #expect(
            problems.map { String($0.prefix { $0 != "," }) } == [
                "plugin.json:3: id must be lower-case letters",
                "plugin.json:5: version must be a semantic version",
                "plugin.json:10: operations[0] is not an operation of a notifier",
                "plugin.json:10: operations must list validate_config: every notifier has it",
                "plugin.json:10: operations must list send: every notifier has it",
                "plugin.json:11: capabilities.http[0].methods must have at least 1 elements",
                "plugin.json:11: capabilities.storage must be an object",
                "plugin.json:11: capabilities.http[0].host must not contain a wildcard",
                "plugin.json:13: notifier.channel is missing",
                "plugin.json:13: notifier.formats must have at least 1 elements",
                "plugin.json:13: notifier.rate.per_s must be at least 1",
                "plugin.json:13: notifier.rate.burst is missing",
                "plugin.json:14: colour is not a known field",
            ])
    }

    @Test(
        "a syntax error is one problem with its line",
        arguments: [
            ("{\n\"id\": \"a\",\n}", "x/plugin.json:2: column 10: a comma before } is not allowed"),
            ("{\n\"id\": 1,\n\"id\": 2}", #"x/plugin.json:3: column 1: duplicate member "id""#),
            ("", "x/plugin.json:1: column 1: the text is empty"), ("[]", nil),
        ])
    func syntax(text: String, expected: String?) {
        let error = #expect(throws: ManifestProblems.self) { try UnverifiedManifest(Array(text.utf8), file: "x/plugin.json").validated() }
        if let expected { #expect(error?.problems.map(\.description) == [expected]) }
    }

    @Test("the panel's range is really evaluated")
    func panel() {
        let range: [String: String?] = ["panel1": #"">=0.1.0 <1.0.0""#]

        #expect(Self.problems(range, panel: SemanticVersion(0, 9, 0)).isEmpty)
        #expect(
            Self.problems(range, panel: SemanticVersion(1, 0, 0)) == [
                "plugin.json:14: panel1 does not include this panel, which is 1.0.0, install a version of the plugin that does"
            ])
    }

    @Test("a gateway must have the operations that it declares")
    func gateway() {
        let gateway = #"""
            {"currencies": ["EUR", {"code": "USD", "min_minor": 50}], "methods": ["card"], "flows": ["redirect"], "capture": ["automatic", "manual"], "refunds": "full", "void": true, "idempotency": {"style": "header", "name": "Idempotency-Key"}, "webhook": {"verify": "hmac", "signature_header": "X-Sig"}}
            """#
        let problems = Self.problems([
            "kind": #""payment_gateway""#, "notifier": nil, "gateway": gateway,
            "operations": #"["validate_config", "create_payment", "get_payment"]"#,
        ])

        #expect(
            problems.filter { $0.contains("must list") }.compactMap { $0.split(separator: " ").dropFirst(4).first.map(String.init) } == [
                "confirm_payment:", "capture_payment:", "cancel_payment:", "refund_payment:", "get_refund:", "parse_webhook:",
            ])
        #expect(problems.filter { $0.contains("webhook needs") }.count == 1)
    }

    @Test("a delivered factor has no operations of other styles")
    func factor() {
        let factor = #"{"style": "delivered", "methods": ["sms"], "contact": "phone", "purposes": ["login"]}"#
        let problems = Self.problems([
            "kind": #""two_factor""#, "notifier": nil, "factor": factor, "operations": #"["validate_config", "verify_challenge"]"#,
        ])

        #expect(
            problems.map { String($0.prefix { $0 != "," }) } == [
                "plugin.json:10: operations[1] names verify_challenge",
                "plugin.json:10: operations must list deliver_code: it is required when `style` is delivered",
            ])
    }

    @Test("what this host does not do yet is said at once")
    func unserved() {
        let factor = #"{"style": "remote", "methods": ["push"], "contact": "none", "purposes": ["login"]}"#
        let operations = #"["validate_config", "begin_enrollment", "complete_enrollment", "begin_challenge", "poll_challenge"]"#

        #expect(
            Self.problems(["kind": #""two_factor""#, "notifier": nil, "factor": factor, "operations": operations])
                == [#"plugin.json:13: factor.style is "remote", which this version of the host does not do yet, use "delivered""#])
    }

    @Test("survives damage of every kind", arguments: [1, 2, 3, 4, UInt64.random(in: 0...(.max))])
    func damaged(seed: UInt64) {
        var generator = SplitMix(state: seed)
        let original = Self.manifest()
        for _ in 0..<150 {
            var bytes = original
            for _ in 0...Int.random(in: 0...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 32...126, using: &generator)
            }
            do throws(ManifestProblems) { _ = try UnverifiedManifest(bytes).validated() } catch {
                #expect(!error.problems.isEmpty, "seed \(seed)")
            }
        }
    }
}

/// The same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
