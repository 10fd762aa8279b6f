// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

/// Writes tokens of any kind, correctly signed: what is refused here is refused for its content alone.
private struct Forge {
    static let now: Int64 = 1_795_000_000
    static let header: [String: Value] = ["alg": "HS256", "kid": "k2", "typ": "at+jwt"]
    static let subject = UserID.make().description
    static let session = SessionID.make().description
    static let payload: [String: Value] = [
        "iss": "https://panelhost.test", "aud": "panelhost", "sub": .string(subject), "tid": .string(Fixture.acme.description),
        "sid": .string(session), "jti": .string(EventID.make().description), "iat": .int(now), "nbf": .int(now), "exp": .int(now + 600),
        "auth_time": .int(now), "amr": ["pwd"], "ver": 1,
    ]

    static func encode(_ text: String) -> String { Base64.encode(text.utf8, url: true) }

    // swift-format-ignore: NeverForceUnwrap
    static func token(header: String, payload: String, kid: String = "k2") -> String {
        let signed = encode(header) + "." + encode(payload)
        let key = Fixture.ring.key(for: .accessToken, id: kid)!
        return signed + "." + Base64.encode(HMAC.authenticate(signed.utf8, key: key), url: true)
    }

    static func token(header changes: [String: Value?] = [:], payload payloadChanges: [String: Value?] = [:], kid: String = "k2") -> String
    {
        token(header: text(header, changes), payload: text(payload, payloadChanges), kid: kid)
    }

    static func text(_ members: [String: Value], _ changes: [String: Value?] = [:]) -> String {
        var members = members
        for (name, value) in changes { members[name] = value }
        return JSON.text(.map(members))
    }

    static func payload(replacing member: String, with text: String) -> String {
        let plain = Self.text(payload, [member: .string("@")])
        return plain.replacing("\"\(member)\":\"@\"", with: "\"\(member)\":\(text)")
    }
}

@Suite("Access token")
struct AccessTokenTests {
    private let clock = TestClock(Forge.now * 1000)

    private var rules: AccessTokenRules {
        AccessTokenRules(issuer: "https://panelhost.test", audience: "panelhost", maximumLifetime: 600)
    }

    private var verifier: AccessTokenVerifier {
        AccessTokenVerifier(keys: TokenKeyRing(ring: Fixture.ring), rules: rules, clock: clock.wall)
    }

    private static let validClaims = AccessTokenClaims(
        subject: .make(), tenant: Fixture.acme, session: .make(), id: .make(), issuedAt: Forge.now, expiresAt: Forge.now + 600,
        authenticatedAt: Forge.now, methods: ["pwd"], epoch: 7)

    @Test("what is signed is verified, under the current key and an older one")
    func roundTrip() throws {
        let signer = AccessTokenSigner(keys: TokenKeyRing(ring: Fixture.ring), rules: rules)
        #expect(try verifier.verify(signer.sign(Self.validClaims)) == Self.validClaims)
        #expect(try verifier.verify(Forge.token()).epoch == 1)
        #expect(try verifier.verify(Forge.token(header: ["kid": "k1"], kid: "k1")).epoch == 1)
        // The order of members and blanks between them are free; unknown claims say nothing to us.
        let spaced = #"{ "typ":"at+jwt" , "kid":"k2","alg":"HS256" }"#
        #expect(try verifier.verify(Forge.token(header: spaced, payload: Forge.text(Forge.payload, ["role": "x"]))).epoch == 1)
    }

    // swift-format-ignore: NeverForceUnwrap
    static let refusedTokens: [(String, String)] = {
        let good = Forge.token()
        let parts = good.split(separator: ".").map(String.init)
        let other = Forge.token(payload: ["ver": 2]).split(separator: ".").map(String.init)
        let header = Forge.text(Forge.header)
        let payload = Forge.text(Forge.payload)
        func replaced(_ member: String, _ text: String) -> String {
            Forge.token(header: header, payload: Forge.payload(replacing: member, with: text))
        }
        var list: [(String, String)] = []
        // Shape.
        list += [
            ("empty", ""), ("dots", ".."), ("one segment", parts[0]), ("two segments", parts[0] + "." + parts[1]),
            ("no signature", parts[0] + "." + parts[1] + "."), ("extra segment", good + "."), ("extra segment with text", good + ".e30"),
            ("five segments", good + ".a.b"), ("empty header", "." + parts[1] + "." + parts[2]),
            ("padding", good + "="), ("padded header", parts[0] + "==." + parts[1] + "." + parts[2]),
            ("blank in front", " " + good), ("newline behind", good + "\n"), ("trailing bytes", good + "AAAA"),
            ("standard alphabet", good.replacing("-", with: "+").replacing("_", with: "/") + "+"),
            ("oversized", Forge.token(payload: ["x": .string(String(repeating: "a", count: 2000))])),
            ("huge", String(repeating: "a", count: 10_000_000)), ("Bearer in front", "Bearer " + good), ("not ASCII", good + "é"),
        ]
        // Signature.
        list += [
            ("swapped signature", parts[0] + "." + parts[1] + "." + other[2]),
            ("swapped payload", parts[0] + "." + other[1] + "." + parts[2]),
            ("cut signature", String(good.dropLast(2))), ("signature of nothing", parts[0] + "." + parts[1] + ".AA"),
            ("another root's key", Forge.token(header: ["kid": "k2"], kid: "k1")),
            (
                "raw root key",
                {
                    let signed = parts[0] + "." + parts[1]
                    return signed + "." + Base64.encode(HMAC.authenticate(signed.utf8, key: Hex.decode(Fixture.key(2))!), url: true)
                }()
            ),
            (
                "empty key",
                {
                    let signed = parts[0] + "." + parts[1]
                    return signed + "." + Base64.encode(HMAC.authenticate(signed.utf8, key: [UInt8]()), url: true)
                }()
            ),
        ]
        // Header, each correctly signed.
        list += [
            ("alg none", Forge.token(header: ["alg": "none"])), ("alg None", Forge.token(header: ["alg": "None"])),
            ("alg RS256", Forge.token(header: ["alg": "RS256"])), ("alg HS512", Forge.token(header: ["alg": "HS512"])),
            ("alg hs256", Forge.token(header: ["alg": "hs256"])), ("alg null", Forge.token(header: ["alg": .null])),
            ("alg list", Forge.token(header: ["alg": ["HS256"]])), ("no alg", Forge.token(header: ["alg": .none])),
            ("unknown kid", Forge.token(header: ["kid": "k9"])), ("empty kid", Forge.token(header: ["kid": ""])),
            ("no kid", Forge.token(header: ["kid": .none])), ("kid number", Forge.token(header: ["kid": 2])),
            ("kid path", Forge.token(header: ["kid": "../k2"])),
            ("typ JWT", Forge.token(header: ["typ": "JWT"])), ("no typ", Forge.token(header: ["typ": .none])),
            ("typ upper", Forge.token(header: ["typ": "AT+JWT"])), ("typ media", Forge.token(header: ["typ": "application/at+jwt"])),
            ("crit", Forge.token(header: ["crit": ["exp"]])), ("crit empty", Forge.token(header: ["crit": []])),
            ("jwk", Forge.token(header: ["jwk": ["k": "AA"]])), ("jku", Forge.token(header: ["jku": "https://evil.test"])),
            ("x5u", Forge.token(header: ["x5u": "https://evil.test"])), ("b64", Forge.token(header: ["b64": false])),
            ("zip", Forge.token(header: ["zip": "DEF"])), ("cty", Forge.token(header: ["cty": "JWT"])),
            ("duplicate alg", Forge.token(header: #"{"alg":"none","alg":"HS256","kid":"k2","typ":"at+jwt"}"#, payload: payload)),
            (
                "duplicate alg escaped",
                Forge.token(header: #"{"alg":"HS256","\u0061lg":"none","kid":"k2","typ":"at+jwt"}"#, payload: payload)
            ),
            ("trailing bytes in header", Forge.token(header: header + "{}", payload: payload)),
            ("header list", Forge.token(header: "[\(header)]", payload: payload)),
            ("header text", Forge.token(header: "\"HS256\"", payload: payload)),
            ("header comment", Forge.token(header: "/**/" + header, payload: payload)),
            ("header byte order mark", Forge.token(header: "\u{FEFF}" + header, payload: payload)),
        ]
        // Claims, each correctly signed.
        for name in Forge.payload.keys.sorted() { list.append(("no \(name)", Forge.token(payload: [name: .none]))) }
        list += [
            ("wrong iss", Forge.token(payload: ["iss": "https://evil.test"])),
            ("iss slash", Forge.token(payload: ["iss": "https://panelhost.test/"])),
            ("wrong aud", Forge.token(payload: ["aud": "other"])), ("aud []", Forge.token(payload: ["aud": []])),
            ("aud list", Forge.token(payload: ["aud": ["panelhost"]])),
            ("aud list of two", Forge.token(payload: ["aud": ["panelhost", "x"]])),
            ("aud null", Forge.token(payload: ["aud": .null])), ("aud empty", Forge.token(payload: ["aud": ""])),
            ("exp text", Forge.token(payload: ["exp": .string("\(Forge.now + 600)")])),
            ("exp float", replaced("exp", "\(Forge.now + 600).0")),
            ("exp exponent", replaced("exp", "1.795e9")), ("exp huge", replaced("exp", "99999999999999999999")),
            ("exp largest", Forge.token(payload: ["exp": .int(.max)])), ("exp smallest", Forge.token(payload: ["exp": .int(.min)])),
            ("exp negative", Forge.token(payload: ["exp": -1])), ("exp true", Forge.token(payload: ["exp": true])),
            ("exp null", Forge.token(payload: ["exp": .null])), ("expired", Forge.token(payload: ["exp": .int(Forge.now - 1)])),
            ("expires now", Forge.token(payload: ["exp": .int(Forge.now)])),
            ("lives too long", Forge.token(payload: ["exp": .int(Forge.now + 601)])),
            ("iat ahead", Forge.token(payload: ["iat": .int(Forge.now + 60), "exp": .int(Forge.now + 120)])),
            ("iat smallest", Forge.token(payload: ["iat": .int(.min)])), ("iat float", replaced("iat", "\(Forge.now).5")),
            ("nbf ahead", Forge.token(payload: ["nbf": .int(Forge.now + 60)])), ("nbf text", Forge.token(payload: ["nbf": "0"])),
            ("auth_time ahead", Forge.token(payload: ["auth_time": .int(Forge.now + 60)])),
            ("sub not an id", Forge.token(payload: ["sub": "admin"])),
            ("tid upper", Forge.token(payload: ["tid": .string(Fixture.acme.description.uppercased())])),
            ("tid slug", Forge.token(payload: ["tid": "acme"])), ("sid number", Forge.token(payload: ["sid": 1])),
            ("ver text", Forge.token(payload: ["ver": "1"])), ("ver negative", Forge.token(payload: ["ver": -1])),
            ("amr text", Forge.token(payload: ["amr": "pwd"])), ("amr of numbers", Forge.token(payload: ["amr": [1]])),
            ("duplicate claim", Forge.token(header: header, payload: String(payload.dropLast()) + #","tid":"\#(Fixture.globex)"}"#)),
            ("too deep", Forge.token(payload: ["x": [[[[[1]]]]]])),
            ("trailing bytes in payload", Forge.token(header: header, payload: payload + " x")),
            ("payload list", Forge.token(header: header, payload: "[\(payload)]")),
            ("payload empty object", Forge.token(header: header, payload: "{}")),
        ]
        return list
    }()

    @Test("any deviation is the same refusal", arguments: refusedTokens)
    func refused(name: String, token: String) {
        #expect(throws: InvalidToken()) { try verifier.verify(token) }
    }

    @Test("no other last character stands for the same signature")
    func canonicalSignature() {
        let good = Forge.token()
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        var accepted = 0
        for character in alphabet where (try? verifier.verify(String(good.dropLast()) + String(character))) != nil { accepted += 1 }

        #expect(accepted == 1)
    }

    @Test("no single changed character is accepted anywhere")
    func everyCharacter() {
        let good = Array(Forge.token().utf8)
        for index in good.indices {
            var changed = good
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(throws: InvalidToken()) { try verifier.verify(String(decoding: changed, as: UTF8.self)) }
        }
    }

    @Test("a token ends at its second")
    func expiry() throws {
        let token = Forge.token()
        clock.advance(599_999)
        #expect(try verifier.verify(token).epoch == 1)
        clock.advance(1)
        #expect(throws: InvalidToken()) { try verifier.verify(token) }
    }

    @Test(
        "there is no policy without an issuer, an audience and a sane environment",
        arguments: [("", "a", "test"), ("i", "", "test"), ("i", "a", ""), ("i", "a", "Te_st")])
    func policy(issuer: String, audience: String, environment: String) {
        #expect(throws: AuthenticationError.self) { try AuthenticationPolicy(issuer: issuer, audience: audience, environment: environment) }
    }
}
