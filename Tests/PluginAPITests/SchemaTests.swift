// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Testing
import Values

@Suite("Schema")
struct SchemaTests {
    static let schema = Schema.object(
        "An order.",
        [
            .required("amount", .money, "How much.", example: ["amount_minor": 1230, "currency": "EUR"]),
            .optional("capture", .enumeration(["automatic", "manual"]), "When."),
            .optional("note", .string(0...5, format: .text), "A note."),
            .optional("lines", .array(.object("", [.required("sku", .string(1...10), "What.")]), 1...2), "Lines."),
            .optional("metadata", .map(.string(max: 3), 0...2, keyLength: 4), "Notes."),
            .optional("test", .boolean, "Only a try."),
        ])

    static let right: Value = ["amount": ["amount_minor": 1230, "currency": "EUR"]]

    @Test("a right value has no violations")
    func right() {
        let value: Value = [
            "amount": ["amount_minor": 1, "currency": "JPY", "exponent": 0], "capture": "manual", "note": nil, "lines": [["sku": "a"]],
            "metadata": ["k": "v"], "test": true,
        ]

        #expect(Self.schema.validate(Self.right).isEmpty)
        #expect(Self.schema.validate(value).isEmpty)
    }

    @Test(
        "names each place and what is wrong there",
        arguments: [
            (
                ["amount": ["amount_minor": 12.5, "currency": "EUR"]],
                "amount.amount_minor: must be an integer, not a number with a fraction or exponent; write it without fraction and exponent; in Lua divide with // and not with /"
            ),
            (
                ["amount": ["amount_minor": "12", "currency": "EUR"]],
                "amount.amount_minor: must be an integer, not a string; for example 1230"
            ),
            (["amount": ["amount_minor": -1, "currency": "EUR"]], "amount.amount_minor: must be at least 0"),
            (
                ["amount": ["amount_minor": 9_007_199_254_740_992, "currency": "EUR"]],
                "amount.amount_minor: must be at most 9007199254740991"
            ),
            (["amount": ["amount_minor": 1, "currency": "EURO"]], "amount.currency: must have at most 3 characters; it has 4"),
            (["amount": ["amount_minor": 1, "currency": "eur"]], "amount.currency: must be a currency code of ISO 4217, like EUR"),
            (["amount": ["amount_minor": 1]], #"amount.currency: is missing; write "currency": "EUR""#),
            ([:], #"amount: is missing; write "amount": {"amount_minor":1230,"currency":"EUR"}"#),
            ("x", "must be an object, not a string"),
        ] as [(Value, String)])
    func one(value: Value, text: String) {
        #expect(Self.schema.validate(value).map(\.description) == [text])
    }

    @Test("reports all violations at once, in the order of the schema, unknown fields last")
    func all() {
        let value: Value = [
            "amount": 12, "capture": "manuel", "note": "<b>x", "lines": [["sku": ""], ["sku": 1], [:]],
            "metadata": ["k": "long", "longer": "v", "x": "y"], "tset": true, "unrelated": 1,
        ]

        #expect(
            Self.schema.validate(value).map(\.description) == [
                #"amount: must be an object, not an integer; for example {"amount_minor":1230,"currency":"EUR"}"#,
                #"capture: must be one of automatic, manual; did you mean "manual"?"#,
                "note: must be plain text without control characters and without HTML",
                "lines: must have at most 2 elements; it has 3",
                "metadata: must have at most 2 members; it has 3",
                #"tset: is not a known field; did you mean "test"?"#,
                "unrelated: is not a known field",
            ])
    }

    @Test("says where inside an array")
    func arrays() {
        let value: Value = ["amount": ["amount_minor": 1, "currency": "EUR"], "lines": [["sku": "a"], ["sku": ""]]]

        #expect(Self.schema.validate(value).map(\.path) == ["lines[1].sku"])
    }

    @Test("stops after 32 violations")
    func bounded() {
        let many = Value.map(Dictionary(uniqueKeysWithValues: (0..<1000).map { ("unknown\($0)", Value.null) }))

        #expect(Self.schema.validate(many).count == Schema.mostViolations)
    }

    @Test("never repeats a value")
    func silent() {
        let value: Value = [
            "amount": "sk_live_1", "capture": "sk_live_2", "note": "sk_live_3", "lines": "sk_live_4", "metadata": ["k": "sk_live_5"],
        ]

        #expect(!Self.schema.validate(value).description.contains("sk_live"))
    }

    @Test("an answer's unknown fields are dropped, at every depth")
    func sanitized() throws {
        let value: Value = [
            "amount": ["amount_minor": 1, "currency": "EUR", "x": 1], "y": 2, "lines": [["sku": "a", "z": 3]], "metadata": [], "note": nil,
        ]

        let result = try Self.schema.validated(value, unknown: .drop)

        #expect(result == ["amount": ["amount_minor": 1, "currency": "EUR"], "lines": [["sku": "a"]], "metadata": [:]])
    }

    @Test("an empty table stands for an empty list in answers of plugins only")
    func emptyTables() {
        let schema = Schema.object("", [.required("events", .array(.any), "")])

        #expect(schema.validate(["events": [:]], unknown: .drop).isEmpty)
        #expect(schema.sanitized(["events": [:]]) == ["events": []])
        #expect(schema.validate(["events": [:]]).map(\.description) == ["events: must be an array, not an object"])
    }

    @Test("tells objects apart by their tag")
    func choice() {
        #expect(NextAction.schema.validate(["type": "redirect", "url": "https://a.test/"]).isEmpty)
        #expect(
            NextAction.schema.validate(["type": "redirct"]).map(\.description) == [
                #"type: must be one of redirect, form_post, client_token, display, wait; did you mean "redirect"?"#
            ])
        #expect(
            NextAction.schema.validate([:]).map(\.description) == [
                "type: is missing; one of redirect, form_post, client_token, display, wait"
            ])
        #expect(
            NextAction.schema.validate(["type": "wait", "poll_after_s": 5, "url": "x"]).map(\.description) == ["url: is not a known field"])
        #expect(NextAction.schema.sanitized(["type": "wait", "poll_after_s": 5, "url": "x"]) == ["type": "wait", "poll_after_s": 5])
    }

    @Test("a union reports the option that got furthest")
    func union() {
        let schema = Schema.union([.enumeration(["*"]), .array(.string(3...3, format: .currency), 1...3)])

        #expect(schema.validate("*").isEmpty)
        #expect(schema.validate(["EUR"]).isEmpty)
        #expect(schema.validate(["EUR", "XXX"]).map(\.path) == ["[1]"])
        #expect(schema.validate(5).map(\.description) == [#"must be "*" or an array, not an integer"#])
    }

    @Test("gives the same rules as JSON Schema")
    func jsonSchema() {
        let schema = Self.schema.jsonSchema

        #expect(schema["required"] == ["amount"])
        #expect(schema["additionalProperties"] == false)
        #expect(schema["properties"]?["capture"]?["enum"] == ["automatic", "manual"])
        #expect(schema["properties"]?["amount"]?["properties"]?["currency"]?["pattern"] == "^[A-Z]{3}$")
        #expect(schema["properties"]?["lines"]?["maxItems"] == 2)
        #expect(NextAction.schema.jsonSchema["oneOf"]?[0]?["properties"]?["type"]?["const"] == "redirect")
    }

    @Test(
        "formats are strict",
        arguments: [
            (StringFormat.uuid, "0192f0c1-7a3e-7b44-9d5e-3f2a1b0c9d8e", true), (.uuid, "0192F0C1-7A3E-7B44-9D5E-3F2A1B0C9D8E", false),
            (.uuid, "0192f0c17a3e7b449d5e3f2a1b0c9d8e", false),
            (.email, "a.b+c@example.com", true), (.email, "a@b@c.com", false), (.email, "a b@c.com", false), (.email, "@c.com", false),
            (.email, "a@-c.com", false),
            (.e164, "+4915112345678", true), (.e164, "+0151123456", false), (.e164, "4915112345678", false), (.e164, "+49 151", false),
            (.uri, "https://example.com/a?b=c", true), (.uri, "http://example.com", true), (.uri, "ftp://example.com", false),
            (.uri, "https://u:p@example.com", false),
            (.https, "https://example.com", true), (.https, "http://example.com", false), (.https, "http://127.0.0.1:8080/x", true),
            (.https, "javascript:alert(1)", false),
            (.hostname, "api.example.com", true), (.hostname, "*.example.com", false), (.hostname, "example..com", false),
            (.hostname, "2130706433", false), (.hostname, "0x7f.1", false),
            (.text, "two\nlines < 3 & more", true), (.text, "<script>", false), (.text, "</a>", false), (.text, "<!--", false),
            (.text, "a\u{202E}b", false), (.text, "a\u{0}", false),
            (.slug, "acme-pay", true), (.slug, "a", false), (.slug, "acme--pay", false), (.slug, "Acme", false), (.slug, "-acme", false),
            (.locale, "de-AT", true), (.locale, "e", false), (.locale, "en_US", false), (.country, "DE", true), (.country, "de", false),
            (.currency, "EUR", true), (.currency, "XXX", false),
        ])
    func formats(format: StringFormat, text: String, isRight: Bool) {
        #expect(format.matches(text) == isRight)
    }
}
