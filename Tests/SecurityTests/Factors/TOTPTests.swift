// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Testing

import Security

@Suite("TOTP")
struct TOTPTests {
    private static let key = Secret("12345678901234567890")

    @Test(
        "gives the codes of RFC 6238, appendix B",
        arguments: [
            (Int64(59), "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
        ])
    func vectors(seconds: Int64, code: String) {
        let totp = TOTP(secret: Self.key, digits: 8)
        #expect(String(decoding: totp.code(TOTP.counter(at: seconds * 1000)), as: UTF8.self) == code)
        #expect(totp.counter(of: Array(code.utf8), at: seconds * 1000) == seconds / 30)
    }

    @Test("gives the codes of RFC 4226, appendix D")
    func counters() {
        let expected = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
        #expect(expected.indices.map { String(decoding: TOTP(secret: Self.key).code(Int64($0)), as: UTF8.self) } == expected)
    }

    @Test("takes the code of the period before and after, and no other", arguments: -3...3)
    func drift(periods: Int64) {
        let totp = TOTP(secret: Self.key)
        let now: Int64 = 1_795_000_000_000
        let counter = TOTP.counter(at: now) + periods
        #expect(totp.counter(of: totp.code(counter), at: now) == (abs(periods) <= 1 ? counter : nil))
    }

    @Test("takes no code of another length", arguments: ["", "1", "28708", "2870820", "287082\0"])
    func lengths(code: String) {
        #expect(TOTP(secret: Self.key).counter(of: Array(code.utf8), at: 59_000) == nil)
    }

    @Test("the address for authenticator apps holds the secret in Base32, and no name ends its part early")
    func uri() {
        let uri = TOTP(secret: Self.key).uri(issuer: "Panel & co", account: "ada:x/ü@acme.test").revealedText()
        #expect(
            uri == "otpauth://totp/Panel%20%26%20co:ada%3Ax%2F%C3%BC%40acme.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                + "&issuer=Panel%20%26%20co&algorithm=SHA1&digits=6&period=30")
    }

    @Test(
        "Base32 is that of RFC 4648",
        arguments: [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
        ])
    func base32(text: String, encoded: String) {
        #expect(Base32.encode(Array(text.utf8)) == encoded)
    }
}
