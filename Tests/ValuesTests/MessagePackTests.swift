// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Testing
import Values

@Suite("MessagePack")
struct MessagePackTests {
    @Test(
        "writes the shortest form",
        arguments: [
            (Value.null, "c0"), (true, "c3"), (false, "c2"), (0, "00"), (127, "7f"), (128, "cc80"), (256, "cd0100"), (65536, "ce00010000"),
            (4_294_967_296, "d30000000100000000"), (-1, "ff"), (-32, "e0"), (-33, "d0df"), (-129, "d1ff7f"), (-32769, "d2ffff7fff"),
            (.int(.min), "d38000000000000000"), (1.5, "cb3ff8000000000000"), ("a", "a161"), (.bytes([0xFF]), "c401ff"), ([1], "9101"),
            (["a": 1], "81a16101"),
            (.secret(SecretUse(name: "k")), "c70701" + "92a16ba3726177"),
        ] as [(Value, String)])
    func encodes(value: Value, hex: String) throws {
        #expect(Hex.encode(MessagePack.encode(value)) == hex)
        #expect(try MessagePack.decode(MessagePack.encode(value)) == value)
    }

    @Test("takes both kinds of bytes, and text only where they are UTF-8")
    func octets() throws {
        #expect(try MessagePack.decode([0xC4, 0x01, 0x61]) == "a")
        #expect(try MessagePack.decode([0xA1, 0xFF]) == .bytes([0xFF]))
    }

    @Test(
        "refuses what is not part of the protocol",
        arguments: [
            ("", "the bytes end inside a value"), ("c1", "type 0xc1 is not part of the protocol"),
            ("ca00000000", "type 0xca is not part of the protocol"),
            ("0000", "1 bytes after the value"), ("dcffff", "a container that claims more elements than bytes are left"),
            ("ddffffffff00", "a container that claims more elements than bytes are left"),
            ("dfffffffff0000", "a container that claims more elements than bytes are left"),
            ("c6ffffffff00", "the bytes end inside a value"), ("cfffffffffffffffff", "an integer beyond 64 bits with sign"),
            ("810101", "a map key that is not text"),
            ("82a16101a16102", "duplicate map key"), ("d40200", "an unknown extension type"), ("d40190", "a malformed secret"),
            ("c7080193a16ba3726177c0", "a malformed secret"),
        ])
    func refuses(hex: String, message: String) throws {
        let bytes = try #require(Hex.decode(hex))

        let error = #expect(throws: MessagePackError.self) { try MessagePack.decode(bytes) }
        #expect(error?.message == message)
    }

    @Test("enforces depth and number of values")
    func limits() {
        let limits = ValueLimits(maxBytes: 100, maxDepth: 2, maxNodes: 4)

        #expect(throws: MessagePackError(offset: 3, message: "nested deeper than 2 levels")) {
            try MessagePack.decode([0x91, 0x91, 0x90], limits: limits)
        }
        #expect(throws: MessagePackError(offset: 1, message: "more than 4 values")) {
            try MessagePack.decode([0x94, 1, 2, 3, 4], limits: limits)
        }
    }

    @Test(
        "a secret keeps its form",
        arguments: [SecretUse.Form.raw, .bearer, .basic(user: "me"), .text([.literal("Code "), .secret("code")])])
    func secrets(form: SecretUse.Form) throws {
        let name: String
        if case .text = form { name = "" } else { name = "api_key" }
        let value: Value = [.secret(SecretUse(name: name, form: form))]

        #expect(try MessagePack.decode(MessagePack.encode(value)) == value)
    }

    @Test("reads back every value that it writes", arguments: RandomValues.seeds)
    func roundTrip(seed: UInt64) throws {
        var random = RandomValues(seed: seed)
        for _ in 0..<200 {
            let value = random.value(json: false)
            #expect(try MessagePack.decode(MessagePack.encode(value)) == value, "seed \(seed)")
        }
    }

    @Test("never does anything but throw on damaged bytes", arguments: RandomValues.seeds)
    func damaged(seed: UInt64) {
        var random = RandomValues(seed: seed)
        for _ in 0..<300 {
            let bytes = random.damaged(MessagePack.encode(random.value(json: false)))
            if let value = try? MessagePack.decode(bytes) {
                #expect((try? MessagePack.decode(MessagePack.encode(value))) != nil, "seed \(seed)")
            }
        }
    }
}
