// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

/// The attacks of RFC 8725 on signatures, keys and purposes; those on headers and claims are in `AccessTokenTests`.
@Suite("Attacks on tokens")
struct TokenAttackTests {
    private let clock = TestClock()

    private var rules: AccessTokenRules { AccessTokenRules(issuer: "a", audience: "b", maximumLifetime: 600) }

    private func keys(_ form: HostKeyForm) async throws -> HostKeys {
        let keys = try await HostKeys.open(roots: Fixture.ring, store: MemoryHostKeyStore(), clock: clock.wall)
        if form != .symmetric { try await keys.rotate(.accessToken, to: form, by: "system:test", isImmediate: true) }
        return keys
    }

    private func sign(_ keys: HostKeys, _ rules: AccessTokenRules? = nil) throws -> String {
        let now = clock.now / 1000
        return try AccessTokenSigner(keys: TokenKeyRing(keys), rules: rules ?? self.rules).sign(
            AccessTokenClaims(
                subject: .make(), tenant: Fixture.acme, session: .make(), id: .make(), issuedAt: now, expiresAt: now + 600,
                authenticatedAt: now, methods: ["pwd"], epoch: 1))
    }

    private func verifies(_ token: String, _ keys: HostKeys) -> Bool {
        (try? AccessTokenVerifier(keys: TokenKeyRing(keys), rules: rules, clock: clock.wall).verify(token)) != nil
    }

    private func parts(_ token: String) throws -> (signed: String, signature: [UInt8]) {
        let parts = token.split(separator: ".")
        return ("\(parts[0]).\(parts[1])", try #require(Base64.decode(parts[2], url: true)))
    }

    private static let order = Hex.decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551") ?? []

    @Test("no signature of ES256 with a number out of its range, in another form or length is taken")
    func es256() async throws {
        let keys = try await keys(.p256)
        let token = try sign(keys)
        #expect(verifies(token, keys))
        let (signed, good) = try parts(token)
        let (r, s, zero) = (Array(good[..<32]), Array(good[32...]), [UInt8](repeating: 0, count: 32))
        func integer(_ bytes: [UInt8]) -> [UInt8] {
            let body = Array(bytes.drop { $0 == 0 })
            let padded = (body.first ?? 0) >= 0x80 ? [0] + body : body
            return [2, UInt8(padded.count)] + padded
        }
        let der = [0x30, UInt8((integer(r) + integer(s)).count)] + integer(r) + integer(s)
        let one = Array(zero.dropLast()) + [1]
        let attacks: [(String, [UInt8])] = [
            ("r = s = 0", zero + zero), ("r = 0", zero + s), ("s = 0", r + zero), ("r = n", Self.order + s), ("s = n", r + Self.order),
            ("r = s = n", Self.order + Self.order), ("r = 1", one + s), ("s = 1", r + one),
            ("all ones", [UInt8](repeating: 0xFF, count: 64)),
            ("DER", der), ("r and s changed places", s + r), ("short", Array(good.dropLast())), ("long", good + [0]),
            ("a zero in front", [0] + good), ("empty", []), ("r alone", r), ("twice", good + good),
        ]
        for (name, signature) in attacks { #expect(!verifies(signed + "." + Base64.encode(signature, url: true), keys), "\(name)") }
    }

    @Test("no signature of EdDSA with a point of small order or a number that is not reduced is taken")
    func edDSA() async throws {
        let keys = try await keys(.ed25519)
        let token = try sign(keys)
        #expect(verifies(token, keys))
        let (signed, good) = try parts(token)
        // The eight points of small order, and other spellings of them.
        let points = [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ]
        let zero = [UInt8](repeating: 0, count: 32)
        for text in points {
            let point = try #require(Hex.decode(text))
            for scalar in [zero, Array(good[32...])] {
                #expect(!verifies(signed + "." + Base64.encode(point + scalar, url: true), keys), "\(text)")
            }
        }
        // S + L is the same number to whoever does not look.
        let order = try #require(Hex.decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"))
        var (sum, carry) = ([UInt8](), 0)
        for (left, right) in zip(good[32...], order) {
            carry += Int(left) + Int(right)
            sum.append(UInt8(carry & 0xFF))
            carry >>= 8
        }
        #expect(!verifies(signed + "." + Base64.encode(Array(good[..<32]) + sum, url: true), keys), "S + L")
        for signature in [zero + zero, Array(good.dropLast()), good + [0], Array(good[32...] + good[..<32])] {
            #expect(!verifies(signed + "." + Base64.encode(signature, url: true), keys))
        }
    }

    @Test("a key answers for its own algorithm only, in all pairs", arguments: HostKeyForm.allCases, ["HS256", "ES256", "EdDSA", "none"])
    func pairs(form: HostKeyForm, algorithm: String) async throws {
        let keys = try await keys(form)
        let token = try sign(keys)
        let segments = token.split(separator: ".")
        let header = try JSON.parse(#require(Base64.decode(segments[0], url: true)))
        guard case .map(var members) = header, members["alg"] != .string(algorithm) else { return }
        members["alg"] = .string(algorithm)
        let signed = Base64.encode(JSON.serialize(.map(members)), url: true) + "." + segments[1]
        // The signature that the token had, one by every other algorithm with keys of a forger's own, and none.
        var signatures = [try parts(token).signature, [], HMAC.authenticate(signed.utf8, key: [UInt8](repeating: 1, count: 32))]
        signatures.append(try P256.PrivateKey(scalar: Secret([UInt8](repeating: 1, count: 32))).sign(Array(signed.utf8)))
        signatures.append(try Ed25519.PrivateKey(seed: Secret([UInt8](repeating: 1, count: 32))).sign(Array(signed.utf8)))
        for signature in signatures { #expect(!verifies(signed + "." + Base64.encode(signature, url: true), keys)) }
    }

    @Test(
        "no member of a header brings a key or a rule of its own",
        arguments: [
            ["jku": "https://evil.test/jwks.json"], ["x5u": "https://evil.test/cert.pem"], ["x5c": ["AA"]], ["x5t": "AA"],
            ["x5t#S256": "AA"],
            ["jwk": ["kty": "oct", "k": "AA"]], ["jwk": .null], ["crit": ["kid"]], ["crit": .null], ["b64": true], ["enc": "A128GCM"],
            ["p2c": 1_000_000], ["epk": [:]], ["nonce": "x"], ["kid": "k2' OR '1'='1"], ["kid": "/dev/null"], ["kid": "../../etc/passwd"],
            ["kid": "k2\u{0}"], ["kid": "K2"], ["kid": ["k2"]], ["typ": "refresh+jwt"], ["typ": "id_token"], ["typ": "dpop+jwt"],
            ["typ": "logout+jwt"], ["typ": "secevent+jwt"], ["typ": "entity-statement+jwt"],
        ] as [[String: Value]])
    func headers(changes: [String: Value]) throws {
        let ring = TokenKeyRing(ring: Fixture.ring)
        let token = try AccessTokenSigner(keys: ring, rules: rules).sign(
            AccessTokenClaims(
                subject: .make(), tenant: Fixture.acme, session: .make(), id: .make(), issuedAt: clock.now / 1000,
                expiresAt: clock.now / 1000 + 600, authenticatedAt: clock.now / 1000, methods: ["pwd"], epoch: 1))
        let payload = token.split(separator: ".")[1]
        let header: [String: Value] = ["alg": "HS256", "kid": "k2", "typ": "at+jwt"]
        func signed(_ members: [String: Value]) -> String {
            let signed = Base64.encode(JSON.serialize(.map(members)), url: true) + "." + payload
            return signed + "." + Base64.encode(HMAC.authenticate(signed.utf8, key: Fixture.ring.key(for: .accessToken).key), url: true)
        }
        let verifier = AccessTokenVerifier(keys: ring, rules: rules, clock: clock.wall)
        #expect((try? verifier.verify(signed(header))) != nil)
        #expect(throws: InvalidToken()) { try verifier.verify(signed(header.merging(changes) { $1 })) }
    }

    @Test("a token of another installation, issuer or audience is refused, whoever signed it")
    func installations() async throws {
        let (here, there) = (try await keys(.ed25519), try await keys(.ed25519))
        #expect(try !verifies(sign(there), here))
        for (issuer, audience) in [("a", "x"), ("x", "b"), ("b", "a"), ("A", "b"), ("a ", "b")] {
            let token = try sign(here, AccessTokenRules(issuer: issuer, audience: audience, maximumLifetime: 600))
            #expect(!verifies(token, here), "\(issuer) \(audience)")
        }
    }

    @Test("what was made for one purpose is good for no other")
    func purposes() async throws {
        let house = try await House()
        let outcome = try await house.authenticator.signIn(
            slug: "acme", email: "ada@acme.test", password: Secret(House.password), device: DeviceClaim(kept: nil))
        let pair = try #require(outcome.session)
        let key = try #require(
            try await house.authenticator.issueAPIKey(
                Fixture.permit(.userManage), name: "x", permissions: ["plugin.read"], expiresAt: house.clock.now + 60_000
            ).text.revealedText())
        let device = try #require(pair.deviceCookie)
        for text in [pair.refreshToken, device, key.replacing("ph_test", with: "ph_live"), key + ".x", House.password, "phr_", "ph_", ""] {
            await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: text) }
        }
        for text in [pair.accessToken, device, key, "phr_" + device, "phr_" + String(repeating: "A", count: 43)] {
            await #expect(throws: AuthenticationError.refused) {
                try await house.authenticator.refresh(text, device: DeviceClaim(kept: device))
            }
        }
        for text in [pair.accessToken, pair.refreshToken, key] { #expect(DeviceCookie(text) == nil) }
        _ = try await house.authenticator.refresh(pair.refreshToken, device: DeviceClaim(kept: device))
    }
}
