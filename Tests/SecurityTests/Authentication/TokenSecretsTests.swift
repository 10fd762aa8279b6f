// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("Token secrets of the environment")
struct TokenSecretsTests {
    private static let good = "5f0f3a9c7be14d28a6c1905be72d4418e3f6"

    private func secrets(_ current: String?, _ previous: String? = nil) throws -> TokenSecrets? {
        try TokenSecrets { name in (name == "JWT_SECRET" ? current : previous).map { Secret($0) } }
    }

    @Test("a short, repetitive, doubled or lonely one is refused without being shown")
    func refused() {
        for (current, previous) in [
            ("short", nil), (String(Self.good.prefix(31)), nil), (String(repeating: "ab", count: 40), nil), ("", nil),
            (Self.good, Self.good),
            (nil, Self.good), (Self.good, "changeme"),
        ] {
            let error = #expect(throws: TokenSecretError.self) { try secrets(current, previous) }
            #expect(error?.description.contains(Self.good.prefix(8)) == false && error?.description.contains("JWT_SECRET") == true)
        }
        #expect(throws: Never.self) { try secrets(nil) }
    }

    @Test("it signs in front of the stored keys, which stay accepted, and its predecessor is read")
    func signing() async throws {
        let (store, clock) = (MemoryHostKeyStore(), TestClock())
        let rules = AccessTokenRules(issuer: "a", audience: "b", maximumLifetime: 600)
        func keys(_ current: String?, _ previous: String? = nil) async throws -> HostKeys {
            try await HostKeys.open(roots: Fixture.ring, store: store, secrets: secrets(current, previous), clock: clock.wall)
        }
        func token(_ keys: HostKeys) throws -> String {
            let now = clock.now / 1000
            return try AccessTokenSigner(keys: TokenKeyRing(keys), rules: rules).sign(
                AccessTokenClaims(
                    subject: .make(), tenant: Fixture.acme, session: .make(), id: .make(), issuedAt: now, expiresAt: now + 60,
                    authenticatedAt: now, methods: [], epoch: 0))
        }
        func verifies(_ token: String, _ keys: HostKeys) -> Bool {
            (try? AccessTokenVerifier(keys: TokenKeyRing(keys), rules: rules, clock: clock.wall).verify(token)) != nil
        }
        let (none, one) = (try await keys(nil), try await keys(Self.good))
        let two = try await keys(String(Self.good.reversed()), Self.good)
        let signed = try token(one)
        let parts = signed.split(separator: ".")

        #expect(Base64.decode(parts[2], url: true) == HMAC.authenticate((parts[0] + "." + parts[1]).utf8, key: Array(Self.good.utf8)))
        #expect(verifies(signed, one) && verifies(signed, two) && !verifies(signed, none))
        #expect(try verifies(token(none), one) && !verifies(token(two), one))
        #expect(one.signsWithGivenSecret && !none.signsWithGivenSecret)
        // A stored key that has leaked goes, whatever signs in front of it.
        let stored = try token(none)
        try await one.rotate(.accessToken, by: "system:test", isImmediate: true)
        #expect(!verifies(stored, one) && verifies(signed, one))
        #expect(try token(one).split(separator: ".")[0] == parts[0], "the environment's goes on signing")
    }
}
