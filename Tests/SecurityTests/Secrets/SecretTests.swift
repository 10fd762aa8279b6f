// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

@Suite("Secret")
struct SecretTests {
    private struct Carrier {
        let secret: Secret
        let hidden: Redacted<String>
        let list: [Secret?]
    }

    @Test("never shows in any way that Swift prints")
    func neverPrinted() {
        let text = "hunter2-hunter2"
        let secret = Secret(text)
        let carrier = Carrier(secret: secret, hidden: Redacted(text), list: [secret, nil])
        var dumped = ""
        dump(carrier, to: &dumped)
        dump(secret, to: &dumped)
        dump(Redacted(text), to: &dumped)

        let printed = [
            "\(secret)", String(describing: secret), String(reflecting: secret), secret.description, secret.debugDescription,
            "\(carrier)", String(reflecting: carrier), "\([secret])", "\(Optional(secret) as Any)", "\(["k": secret])", dumped,
            "\(EncryptionError.unavailable(Redacted(text)))", String(reflecting: EncryptionError.unavailable(Redacted(text))),
            String(reflecting: AuthenticationError.unavailable(Redacted(text))), "\(Mirror(reflecting: secret).children.map { $0 })",
        ]
        for form in printed { #expect(!form.contains("hunter2"), "\(form)") }
        #expect("\(secret)" == "[secret]")
    }

    @Test("gives its bytes to who asks on purpose")
    func reveals() {
        #expect(Secret("äö").revealedText() == "äö")
        #expect(Secret([0xFF]).revealedText() == nil)
        #expect(Secret([1, 2]).revealedBytes() == [1, 2])
        #expect(Secret("").isEmpty && Secret("ab").count == 2)
    }

    @Test("compares by its bytes")
    func equality() {
        #expect(Secret("a") == Secret("a"))
        #expect(Secret("a") != Secret("b"))
        #expect(Secret("a") != Secret("aa"))
    }

    @Test("token pairs and key rings print names only")
    func others() async throws {
        let pair = try await House().signIn()
        let ring = try KEKRing(parsing: "k1:\(Fixture.key(1))")
        var text = "\(pair)\(String(reflecting: pair))\(ring)\(String(reflecting: ring))"
        dump(pair, to: &text)
        dump(ring, to: &text)

        #expect(!text.contains(pair.accessToken) && !text.contains(pair.refreshToken))
        #expect(!text.contains(Fixture.key(1)))
    }
}
