// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("Redactor")
struct RedactorTests {
    @Test(
        "blanks what looks like a credential, a card or an address",
        arguments: [
            // Headers.
            ("Authorization: Bearer abc.def-ghi_123", "Authorization: [redacted]"),
            ("sent bearer abc.def.ghi to the host", "sent bearer [redacted] to the host"),
            ("got Basic c2tfdGVzdDo= back", "got Basic [redacted] back"),
            ("-H 'Authorization: Basic c2tfdGVzdDo='", "-H 'Authorization: [redacted]'"),
            ("Cookie: a=1; b=2\nHost: x", "Cookie: [redacted]\nHost: x"),
            ("Set-Cookie: sid=xyz; HttpOnly\r\nX: 1", "Set-Cookie: [redacted]\r\nX: 1"),
            ("Stripe-Signature: t=1,v1=abc", "Stripe-Signature: [redacted]"),
            // Cards.
            ("card 4242424242424242 declined", "card [redacted] declined"),
            ("card 4242 4242 4242 4242 declined", "card [redacted] declined"),
            ("4242-4242-4242-4242", "[redacted]"),
            ("amex 378282246310005.", "amex [redacted]."),
            ("pan=4242424242424242&x=1", "pan=[redacted]&x=1"),
            ("ref_4242424242424242", "ref_[redacted]"),
            ("on 2026-11-21 4242 4242 4242 4242", "on 2026-11-21 [redacted]"),
            ("visa13 4222222222222", "visa13 [redacted]"),
            ("nineteen 6304000000000000000", "nineteen [redacted]"),
            // key=value and JSON.
            ("password=hunter2 user=ada", "password=[redacted] user=ada"),
            ("user=ada&client_secret=abc&x=1", "user=ada&client_secret=[redacted]&x=1"),
            (#"{"password":"hunter2","a":1}"#, #"{"password":"[redacted]","a":1}"#),
            (#"{"api_key": "a\"b", "a": 1}"#, #"{"api_key": "[redacted]", "a": 1}"#),
            (#"{"apiKey":12345,"a":1}"#, #"{"apiKey":[redacted],"a":1}"#),
            (#"{"token":{"a":"}","b":[1]},"c":1}"#, #"{"token":[redacted],"c":1}"#),
            (#"{\"otp\":\"123456\",\"a\":1}"#, #"{\"otp\":\"[redacted]\",\"a\":1}"#),
            ("PIN: 1234", "PIN: [redacted]"),
            ("cvv=123;x", "cvv=[redacted];x"),
            ("X-Api-Key: abc def", "X-Api-Key: [redacted]"),
            ("'secret' => 'abc', 'x' => 1", "'secret' => '[redacted]', 'x' => 1"),
            ("data[client_secret]=abc&x=1", "data[client_secret]=[redacted]&x=1"),
            ("client_secret%3Dabc&x", "client_secret%3D[redacted]&x"),
            (#"{"password":null}"#, #"{"password":null}"#),
            ("unfinished password=\"abc", "unfinished password=\"[redacted]\""),
            // Addresses.
            ("mail to ada.lovelace@example.co.uk now", "mail to a***@e***.uk now"),
            ("<ada@acme.test>", "<a***@a***.test>"), ("ada+tag+more@acme.test", "a***@a***.test"), ("1+1=2", "1+1=2"),
            ("call +491701234567 back", "call +***67 back"),
        ])
    func blanks(text: String, expected: String) {
        #expect(Redactor.standard.scrub(text) == expected)
    }

    @Test(
        "leaves ordinary text alone",
        arguments: [
            "", "payment 01938d5e-7c1a-7abc-8def-0123456789ab took 123 ms", "at 1795300000123 ms", "basic understanding of things",
            "shipping: 12 parcels, mapping=fine, option=1", "4242424242424241", "amount_minor=1230 currency=EUR", "a@b", "@", "x @ y.z",
            "tokens", "https://api.stripe.com/v1/charges", "ünïcödé – 日本語", "1234567890123456789012345678901234567890",
            "status: ok", "sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "+1", "1 + 2",
        ])
    func leaves(text: String) {
        #expect(Redactor.standard.scrub(text) == text)
    }

    @Test("finds a known secret in every form", arguments: ["sk_test_51/Hx+y=z", "päss wörd ünd mehr", "quote\"back\\slash/x", "123456"])
    func knownSecrets(text: String) {
        let secret = Secret(text)
        let redactor = Redactor(secrets: [secret, Secret("abc"), Secret("")])
        let bytes = secret.revealedBytes()
        let hex = Hex.encode(bytes)
        let percent = bytes.map { byte in
            let isPlain =
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                || "-._~".utf8.contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + Hex.encode([byte]).uppercased()
        }.joined()
        let forms = [
            text, hex, hex.uppercased(), Base64.encode(bytes), Base64.encode(bytes, url: true), percent,
            percent.replacing("%20", with: "+"), JSON.text(.string(text)),
        ]

        for form in forms {
            let clean = redactor.scrub("before (\(form)) after")
            #expect(clean.contains("[secret]") && clean.hasPrefix("before (") && clean.hasSuffix(") after"), "\(form) → \(clean)")
            #expect(!clean.contains(text) && !clean.contains(hex), "\(clean)")
        }
        #expect(redactor.scrub("abc is too short to blank") == "abc is too short to blank")
    }

    @Test("the longer of two secrets with the same beginning goes as a whole")
    func overlapping() {
        let redactor = Redactor(secrets: [Secret("sk_live"), Secret("sk_live_extended")])

        #expect(redactor.scrub("sk_live_extended sk_live") == "[secret] [secret]")
        #expect(redactor.scrub("xsk_livex") == "x[secret]x")
    }

    @Test("goes through values, whole under secret-looking names")
    func values() {
        let clean = Redactor(secrets: [Secret("s3cr3t")]).scrub([
            "user": "ada@acme.test", "client_secret": ["a": 1], "note": "has s3cr3t inside", "list": ["4242424242424242", 7],
            "number": 4_242_424_242_424_242, "nested": ["authToken": "x", "pin": 1234, "shipping": "box"], "otp": .null,
        ])

        #expect(
            clean == [
                "user": "a***@a***.test", "client_secret": "[redacted]", "note": "has [secret] inside", "list": ["[redacted]", 7],
                "number": "[redacted]", "nested": ["authToken": "[redacted]", "pin": "[redacted]", "shipping": "box"], "otp": .null,
            ])
    }

    @Test(
        "names decide",
        arguments: [
            ("password", true), ("passphrase", true), ("user_pass", true), ("clientSecret", true), ("access_token", true), ("tokens", true),
            ("api_key", true), ("api-key", true), ("apikey", true), ("apiKey", true), ("API_KEY", true), ("x-api-key", true),
            ("authorization", true), ("Auth", true), ("cookie", true), ("Set-Cookie", true), ("signature", true), ("otp", true),
            ("otp_code", true), ("totp", true), ("pin", true), ("pinCode", true), ("userPin", true), ("cvv", true), ("cvv2", true),
            ("shipping", false), ("mapping", false), ("user", false), ("amount_minor", false), ("key", false), ("id", false), ("", false),
            ("api", false), ("option", false),
        ])
    func names(name: String, isSensitive: Bool) {
        #expect((Redactor.standard.scrub([name: "value"])[name] == "[redacted]") == isSensitive)
    }

    @Test(
        "takes any bytes and any cut, and is done after one pass",
        arguments: [
            "password=", "password:", "\"password\":", "\"password\":\"", "{\"token\":{", "Bearer ", "Basic ", "a@", "a@b.", "+", "\\\"",
            "4242 ",
            "password\\", "otp=\\\"1",
        ])
    func edges(text: String) {
        _ = Redactor.standard.scrub(text)
        let long = String(repeating: text, count: 200)
        let once = Redactor.standard.scrub(long)
        #expect(once.utf8.count < long.utf8.count * 12 + 64)
    }
}
