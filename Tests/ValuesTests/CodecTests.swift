// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Testing
import Values

@Suite("Hex and Base64")
struct CodecTests {
    @Test(
        "encode as RFC 4648 shows",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func vectors(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
        #expect(Base64.decode(encoded.filter { $0 != "=" }, url: true) == Array(plain.utf8))
    }

    @Test("the URL form has its own alphabet and no padding")
    func urlForm() {
        #expect(Base64.encode([0xFB, 0xFF], url: true) == "-_8")
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8=")
        #expect(Base64.decode("-_8") == nil)
        #expect(Base64.decode("+/8", url: true) == nil)
    }

    @Test(
        "base64 that could be written in another way is refused",
        arguments: ["Zg", "Zg=", "Zh==", "Zm9=", "Zm8==", "Z===", "====", "Zg==\n", " Zg==", "Zg==Zg=="])
    func strict(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test("stray bits are refused in the URL form too", arguments: ["Zh", "Zm9", "Z", "Zg==", "Z/"])
    func strictURL(text: String) {
        #expect(Base64.decode(text, url: true) == nil)
    }

    @Test("hexadecimal is lower case, and read in either unless asked otherwise")
    func hex() {
        #expect(Hex.encode([0x00, 0xAB, 0xFF]) == "00abff")
        #expect(Hex.decode("00ABff") == [0x00, 0xAB, 0xFF])
        #expect(Hex.decode("00ABff", lowerCaseOnly: true) == nil)
        #expect(Hex.decode("0") == nil)
        #expect(Hex.decode("0g") == nil)
    }
}
