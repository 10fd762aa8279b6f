// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Testing
import Values

@Suite("JSON")
struct JSONTests {
    @Test(
        "reads what RFC 8259 allows",
        arguments: [
            ("null", Value.null), (" true ", true), ("[]", []), ("{}", [:]), ("0", 0), ("-0", 0), ("-0.0", .double(-0.0)),
            ("9223372036854775807", .int(.max)),
            ("-9223372036854775808", .int(.min)), ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1e2", .double(100)),
            ("1.5", .double(1.5)),
            ("\"\"", ""), (#""\u00e9\n\/\"""#, "é\n/\""), (#""\ud83d\ude00""#, "😀"), ("\"é\"", "é"), ("\"\u{7f}\"", "\u{7f}"),
            ("[1,\n[2,{\"a\":[]}]]", [1, [2, ["a": []]]]), ("{\"a\":1,\"A\":2}", ["a": 1, "A": 2]), (#""\u0000""#, "\u{0}"),
        ] as [(String, Value)])
    func accepts(text: String, value: Value) throws {
        #expect(try JSON.parse(text) == value)
    }

    @Test(
        "refuses the rest, and says where and why",
        arguments: [
            ("", "line 1, column 1: the text is empty"),
            ("{\n  \"typ\": 1,\n  \"alg\": 1, \"alg\": 2}", "line 3, column 13: duplicate member \"alg\""),
            ("{\"a\":1,}", "line 1, column 7: a comma before } is not allowed"),
            ("[1,]", "line 1, column 3: a comma before ] is not allowed"),
            ("[1 2]", "line 1, column 4: expected , or ] in the array, not 2"),
            ("{\"a\" 1}", "line 1, column 6: expected : after the member name \"a\", not 1"),
            ("{a:1}", "line 1, column 2: expected a member name in double quotes, not a"),
            ("{'a':1}", "line 1, column 2: expected a member name in double quotes, not '"),
            ("[é'", "line 1, column 2: unexpected a character outside ASCII where a value should be"),
            ("1 1", "line 1, column 3: unexpected 1 after the end of the value"),
            ("01", "line 1, column 1: a number must not start with 0"),
            ("+1", "line 1, column 1: unexpected + where a value should be"),
            ("1.", "line 1, column 3: expected a digit, not the end of the text"),
            ("-", "line 1, column 2: expected a digit, not the end of the text"),
            ("1e", "line 1, column 3: expected a digit, not the end of the text"),
            ("1e999", "line 1, column 1: the number is too large"),
            ("NaN", "line 1, column 1: unexpected N where a value should be"),
            ("nul", "line 1, column 1: expected null"),
            ("\"a", "line 1, column 1: the string that starts here has no end"),
            ("\"a\nb\"", "line 1, column 3: the string does not end on its line; write \\n for a line break"),
            ("\"\u{1}\"", "line 1, column 2: a control character in a string must be written as \\u0001"),
            (#""\x""#, #"line 1, column 2: unknown escape in a string; allowed are \" \\ \/ \b \f \n \r \t \uXXXX"#),
            (#""\u12g4""#, #"line 1, column 2: \u needs four hexadecimal digits"#),
            (#""\ud800""#, "line 1, column 2: a lone surrogate is not a character"),
            (#""\udc00""#, "line 1, column 2: a lone surrogate is not a character"),
            (#""\ud800\ud800""#, "line 1, column 2: a lone surrogate is not a character"),
            ("// x\n1", "line 1, column 1: JSON has no comments"),
            ("\u{FEFF}1", "line 1, column 1: the text starts with a byte order mark; save it as UTF-8 without one"),
            ("[1", "line 1, column 3: expected , or ] in the array, not the end of the text"),
            ("{\"é\":é}", "line 1, column 6: unexpected a character outside ASCII where a value should be"),
        ])
    func refuses(text: String, message: String) {
        let error = #expect(throws: JSONError.self) { try JSON.parse(text) }
        #expect(error?.description == message)
    }

    @Test(
        "refuses bytes that are not UTF-8",
        arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22]] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError(line: 1, column: 2, message: "the string is not valid UTF-8")) { try JSON.parse(bytes) }
    }

    @Test("takes names that differ in normalisation only for duplicates")
    func normalisation() {
        #expect(throws: JSONError.self) { try JSON.parse("{\"é\":1,\"e\u{301}\":2}") }
    }

    @Test("enforces depth, number of values and bytes")
    func limits() throws {
        let limits = ValueLimits(maxBytes: 40, maxDepth: 3, maxNodes: 5)

        #expect(throws: Never.self) { try JSON.parse("[[[1,2]]]", limits: limits) }
        #expect(throws: JSONError(line: 1, column: 4, message: "nested deeper than 3 levels")) {
            try JSON.parse("[[[[1]]]]", limits: limits)
        }
        #expect(throws: JSONError(line: 1, column: 10, message: "more than 5 values")) { try JSON.parse("[1,2,3,4,5]", limits: limits) }
        #expect(throws: JSONError(line: 1, column: 1, message: "the text has 41 bytes; the limit is 40")) {
            try JSON.parse(String(repeating: " ", count: 41), limits: limits)
        }
    }

    @Test("stops at the depth limit, however many brackets follow")
    func bomb() {
        let text = Array(repeating: UInt8(ascii: "["), count: 200_000)
        #expect(throws: JSONError.self) { try JSON.parse(text) }
    }

    @Test("remembers the line of every member, and of what is around a missing one")
    func lines() throws {
        let text = "{\n \"a\": {\n  \"b\": [\n   1,\n   2]},\n \"c\": 1}"
        let located = try JSON.parseLocated(Array(text.utf8))

        #expect(located.line(of: ValuePath(members: "a")) == 2)
        #expect(located.line(of: ValuePath(members: "a", "b").index(1)) == 5)
        #expect(located.line(of: ValuePath(members: "a", "b").index(7)) == 3)
        #expect(located.line(of: ValuePath(members: "c", "x", "y")) == 6)
        #expect(located.line(of: ValuePath()) == 1)
    }

    @Test("writes one canonical text")
    func canonical() {
        let value: Value = ["b": [1, 2.5, nil, true], "a": "é\u{1}\"\\\n", "": .bytes([0xFF, 0x00]), "Z": .double(.nan), "ä": [:]]

        #expect(JSON.text(value) == #"{"":"/wA=","Z":null,"a":"é\u0001\"\\\n","b":[1,2.5,null,true],"ä":{}}"#)
        #expect(JSON.text(["a": [1], "b": [], "c": [:]], pretty: true) == "{\n  \"a\": [\n    1\n  ],\n  \"b\": [],\n  \"c\": {}\n}")
    }

    @Test("reads back every value that it writes", arguments: RandomValues.seeds)
    func roundTrip(seed: UInt64) throws {
        var random = RandomValues(seed: seed)
        for _ in 0..<200 {
            let value = random.value(json: true)
            let text = JSON.text(value, pretty: random.coin())
            #expect(try JSON.parse(text) == value, "seed \(seed)")
            #expect(JSON.text(try JSON.parse(text)) == JSON.text(value), "seed \(seed)")
        }
    }

    @Test("never does anything but throw on damaged text", arguments: RandomValues.seeds)
    func damaged(seed: UInt64) {
        var random = RandomValues(seed: seed)
        for _ in 0..<300 {
            let bytes = random.damaged(JSON.serialize(random.value(json: true)))
            // What is still JSON must mean the same when it is written and read again.
            if let value = try? JSON.parse(bytes) { #expect((try? JSON.parse(JSON.serialize(value))) == value, "seed \(seed)") }
        }
    }
}
