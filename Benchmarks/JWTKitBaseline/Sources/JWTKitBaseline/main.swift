// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import JWTKit

/// The members of one of our access tokens; checked here as far as JWTKit's users write themselves: issuer, audience and end.
struct Payload: JWTPayload {
    var iss: IssuerClaim
    var aud: AudienceClaim
    var sub: SubjectClaim
    var tid: String
    var sid: String
    var jti: IDClaim
    var iat: IssuedAtClaim
    var nbf: NotBeforeClaim
    var exp: ExpirationClaim
    var auth_time: Int
    var amr: [String]
    var ver: Int

    func verify(using algorithm: some JWTAlgorithm) async throws {
        try exp.verifyNotExpired()
        try nbf.verifyNotBefore()
        try aud.verifyIntendedAudience(includes: "panelhost")
        guard iss.value == "https://panel.example" else { throw JWTError.claimVerificationFailure(failedClaim: iss, reason: "issuer") }
    }
}

func rate(_ count: Int, _ body: () async throws -> Void) async throws -> Int {
    var best = 0
    for _ in 0..<5 {
        let start = ContinuousClock.now
        for _ in 0..<count { try await body() }
        let time = (ContinuousClock.now - start).components
        best = max(best, Int(Double(count) / (Double(time.seconds) + Double(time.attoseconds) / 1e18)))
    }
    return best
}

let count = CommandLine.arguments.contains("--quick") ? 500 : 5000
let id = { UUID().uuidString.lowercased() }
let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded())
let payload = Payload(
    iss: "https://panel.example", aud: "panelhost", sub: .init(value: id()), tid: id(), sid: id(), jti: .init(value: id()),
    iat: .init(value: now), nbf: .init(value: now), exp: .init(value: now.addingTimeInterval(600)),
    auth_time: Int(now.timeIntervalSince1970), amr: ["pwd"], ver: 1)
var report: [String: Int] = [:]
for name in ["HS256", "ES256", "EdDSA"] {
    let keys = JWTKeyCollection()
    let kid: JWKIdentifier = .init(string: id())
    switch name {
    case "HS256":
        await keys.add(hmac: .init(from: Data((0..<32).map { _ in UInt8.random(in: 0...255) })), digestAlgorithm: .sha256, kid: kid)
    case "ES256": await keys.add(ecdsa: ES256PrivateKey(), kid: kid)
    default: await keys.add(eddsa: try EdDSA.PrivateKey(curve: .ed25519), kid: kid)
    }
    let token = try await keys.sign(payload, kid: kid)
    report["sign_\(name)"] = try await rate(count) { _ = try await keys.sign(payload, kid: kid) }
    report["verify_\(name)"] = try await rate(count) { _ = try await keys.verify(token, as: Payload.self) }
}
print(String(decoding: try JSONSerialization.data(withJSONObject: report, options: .sortedKeys), as: UTF8.self))
