// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Testing
import Values

@Suite("Value")
struct ValueTests {
    @Test("bytes that are valid UTF-8 are a string, others stay bytes")
    func octets() {
        #expect(Value.octets([0x68, 0x69]) == "hi")
        #expect(Value.octets([0xFF]) == .bytes([0xFF]))
        #expect(Value.octets([0xED, 0xA0, 0x80]) == .bytes([0xED, 0xA0, 0x80]))  // a surrogate is not UTF-8
    }

    @Test("a double is never an integer, even when it is whole")
    func integers() {
        #expect(Value.double(12).intValue == nil)
        #expect(Value.int(12).intValue == 12)
    }

    @Test("members can be read and set")
    func members() {
        var value: Value = ["a": ["b": [1, 2]]]
        value["c"] = "x"

        #expect(value["a"]?["b"]?[1] == 2)
        #expect(value["a"]?["b"]?[2] == nil)
        #expect(value["c"] == "x")
        value["c"] = nil
        #expect(value["c"] == nil)
    }

    @Test("a compact map has no empty members")
    func compact() {
        let missing: String? = nil

        #expect(Value.compact(["a": missing.map(Value.string), "b": missing == nil ? nil : 1, "c": 2]) == ["c": 2])
    }

    @Test("a secret shows neither its name nor its value")
    func secrets() {
        let use = SecretUse(name: "api_key", form: .basic(user: "me"))

        #expect("\(use)" == "[secret]")
        #expect(JSON.text(["key": .secret(use)]) == #"{"key":"[secret]"}"#)
    }

    @Test(
        "paths are written as people write them",
        arguments: [
            (ValuePath(members: "amount", "currency"), "amount.currency"),
            (ValuePath(members: "lines").index(0).member("name"), "lines[0].name"),
            (ValuePath(members: "metadata", "a.b"), #"metadata["a.b"]"#), (ValuePath(), ""),
        ])
    func paths(path: ValuePath, text: String) {
        #expect(path.description == text)
    }
}
