// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

// What a stranger shows to be let in: tokens that nobody signed are refused, signed ones say what they say or are refused,
// and keys, hashes and refresh tokens have one spelling.

private let ring = try? KEKRing(parsing: "k1:f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff00")
private let rules = AccessTokenRules(issuer: "i", audience: "a", maximumLifetime: 600)
private let now: Int64 = 1_795_000_000
private let clock = WallClock { now * 1000 }

private struct Bench {
    let verifier: AccessTokenVerifier
    let signer: AccessTokenSigner
    let key: Secret

    init?() {
        guard let ring, let key = ring.key(for: .accessToken, id: "k1") else { return nil }
        let keys = TokenKeyRing(ring: ring)
        verifier = AccessTokenVerifier(keys: keys, rules: rules, clock: clock)
        signer = AccessTokenSigner(keys: keys, rules: rules)
        self.key = key
    }

    func signed(_ header: [UInt8], _ payload: [UInt8]) -> String {
        let text = Base64.encode(header, url: true) + "." + Base64.encode(payload, url: true)
        return text + "." + Base64.encode(HMAC.authenticate(text.utf8, key: key), url: true)
    }
}

private let bench = Bench()
private let good = AccessTokenClaims(
    subject: .make(), tenant: .make(), session: .make(), id: .make(), issuedAt: now, expiresAt: now + 600, authenticatedAt: now,
    methods: ["pwd"], epoch: 1)

/// A made token, changed at a place that the input names.
private func changed(_ bytes: [UInt8], _ bench: Bench) {
    guard bytes.count >= 3, let token = try? bench.signer.sign(good) else { return }
    var text = Array(token.utf8)
    let place = (Int(bytes[0]) << 8 | Int(bytes[1])) % text.count
    let old = text[place]
    text[place] = bytes[2]
    let accepted = (try? bench.verifier.verify(String(decoding: text, as: UTF8.self))) != nil
    require(accepted == (old == bytes[2]), "a changed token is accepted, or one that was not changed is not")
}

/// Any payload under a good header and signature: what is accepted is within the rules.
private func payload(_ bytes: [UInt8], _ bench: Bench) {
    let token = bench.signed(Array(#"{"alg":"HS256","kid":"k1","typ":"at+jwt"}"#.utf8), bytes)
    guard let claims = try? bench.verifier.verify(token) else { return }
    require(claims.expiresAt > now && claims.expiresAt - claims.issuedAt <= 600 && claims.epoch >= 0, "claims out of the rules: \(claims)")
    require((try? JSON.parse(bytes)) != nil, "claims of a payload that is no JSON")
}

/// Takes one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count), let bench else { return 0 }
    let text = String(decoding: input.bytes, as: UTF8.self)
    switch input.choice % 5 {
    case 0: require((try? bench.verifier.verify(text)) == nil, "a token that nobody signed is accepted")
    case 1: changed(input.bytes, bench)
    case 2: payload(input.bytes, bench)
    case 3:
        // Any header, signed: nothing but the one form is looked at further.
        let accepted = (try? bench.verifier.verify(bench.signed(input.bytes, JSON.serialize(["iss": "i"])))) != nil
        require(!accepted, "a token without claims is accepted")
    default:
        if let phc = PHCString(text) { require(PHCString(phc.text) == phc, "a password hash has two meanings") }
        _ = APIKeyFormat(text, environment: "test")
    }
    return 0
}
