// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("Token algorithms")
struct TokenAlgorithmTests {
    private let clock = TestClock()

    private var rules: AccessTokenRules { AccessTokenRules(issuer: "a", audience: "b", maximumLifetime: 600) }

    private var claims: AccessTokenClaims {
        let now = clock.now / 1000
        return AccessTokenClaims(
            subject: .make(), tenant: Fixture.acme, session: .make(), id: .make(), issuedAt: now, expiresAt: now + 600,
            authenticatedAt: now, methods: ["pwd"], epoch: 1)
    }

    private func keys(_ form: HostKeyForm) async throws -> HostKeys {
        let keys = try await HostKeys.open(roots: Fixture.ring, store: MemoryHostKeyStore(), clock: clock.wall)
        if form != .symmetric { try await keys.rotate(.accessToken, to: form, by: "system:test", isImmediate: true) }
        return keys
    }

    private func sign(_ keys: HostKeys) throws -> String { try AccessTokenSigner(keys: TokenKeyRing(keys), rules: rules).sign(claims) }

    private func verifies(_ token: String, _ keys: HostKeys) -> Bool {
        (try? AccessTokenVerifier(keys: TokenKeyRing(keys), rules: rules, clock: clock.wall).verify(token)) != nil
    }

    /// A token with another header, signed by whatever a forger has.
    private func forged(_ token: String, algorithm: String, signature: (String) throws -> [UInt8]) throws -> String {
        let parts = token.split(separator: ".")
        let old = try JSON.parse(#require(Base64.decode(parts[0], url: true)))
        guard case .map(var header) = old else { throw InvalidToken() }
        header["alg"] = .string(algorithm)
        let signed = Base64.encode(JSON.serialize(.map(header)), url: true) + "." + parts[1]
        return signed + "." + Base64.encode(try signature(signed), url: true)
    }

    @Test("a token holds under the key that signed it and under no other", arguments: HostKeyForm.allCases)
    func roundTrip(form: HostKeyForm) async throws {
        let (keys, others) = (try await keys(form), try await keys(form))
        let token = try sign(keys)
        let bytes = Array(token.utf8)

        #expect(verifies(token, keys) && !verifies(token, others))
        for index in bytes.indices {
            var changed = bytes
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(!verifies(String(decoding: changed, as: UTF8.self), keys), "byte \(index)")
        }
    }

    @Test("a public key is no secret to sign with, and no key answers for another algorithm", arguments: [HostKeyForm.p256, .ed25519])
    func confusion(form: HostKeyForm) async throws {
        let keys = try await keys(form)
        let token = try sign(keys)
        let published = await TokenKeyRing(keys).published()
        let key = try #require(published["keys"]?.arrayValue?.first)
        let coordinates = try ["x", "y"].compactMap { key[$0]?.stringValue }.flatMap { try #require(Base64.decode($0, url: true)) }
        let secrets: [[UInt8]] = [coordinates, [4] + coordinates, JSON.serialize(key), JSON.serialize(published), []]

        for secret in secrets {
            let forgery = try forged(token, algorithm: "HS256") { HMAC.authenticate($0.utf8, key: secret) }
            #expect(!verifies(forgery, keys))
        }
        for name in ["none", "HS256", "ES256", "EdDSA", "Ed25519", "ES384", "RS256"] where name != key["alg"]?.stringValue {
            #expect(try !verifies(forged(token, algorithm: name) { _ in [UInt8](repeating: 0, count: 64) }, keys))
            #expect(try !verifies(forged(token, algorithm: name) { _ in [] }, keys))
        }
        // r = s = 0 satisfies a careless ECDSA (CVE-2022-21449).
        #expect(try !verifies(forged(token, algorithm: #require(key["alg"]?.stringValue)) { _ in [UInt8](repeating: 0, count: 64) }, keys))
    }

    @Test("the key set shows public halves only, the next one ahead of its time, and drops what is no longer accepted")
    func published() async throws {
        let keys = try await keys(.symmetric)
        let ring = TokenKeyRing(keys)
        #expect(await ring.published() == ["keys": []])

        let (version, begin) = try await keys.rotate(.accessToken, to: .p256, by: "system:test", lifetime: 600_000)
        #expect(version == 2 && begin - clock.now >= Int64(HostKeys.publishedFor) * 1000, "cached key sets have ended by then")
        clock.advance(begin - clock.now - 1000)
        let old = try sign(keys)
        #expect(old.hasPrefix(Base64.encode(#"{"alg":"HS256""#.utf8, url: true).prefix(18)), "the old key signs until then")
        let first = try #require(await ring.published()["keys"]?.arrayValue)
        #expect(first.count == 1 && first[0]["alg"] == "ES256" && first[0]["kty"] == "EC" && first[0]["crv"] == "P-256")
        #expect(first[0]["d"] == nil && first[0]["use"] == "sig")

        clock.advance(1000)
        let token = try sign(keys)
        #expect(verifies(token, keys) && verifies(old, keys))
        try await keys.rotate(.accessToken, to: .ed25519, by: "system:test", isImmediate: true)

        #expect(!verifies(token, keys), "after a leak at once")
        let second = try #require(await ring.published()["keys"]?.arrayValue)
        #expect(second.map { $0["alg"] } == ["EdDSA"] && second[0]["kty"] == "OKP" && second[0]["d"] == nil)
    }

    @Test("a kind of key has its own forms and takes no other")
    func forms() async throws {
        let keys = try await keys(.symmetric)
        await #expect(throws: CryptoError.self) { try await keys.rotate(.pepper, to: .p256, by: "system:test") }
        await #expect(throws: CryptoError.self) { try await keys.rotate(.audit, to: .symmetric, by: "system:test") }
    }
}
