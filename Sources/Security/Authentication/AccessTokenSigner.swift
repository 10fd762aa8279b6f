// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Writes access tokens as compact JWS.
package struct AccessTokenSigner: Sendable {
    private let keys: TokenKeyRing
    private let rules: AccessTokenRules

    package init(keys: TokenKeyRing, rules: AccessTokenRules) {
        self.keys = keys
        self.rules = rules
    }

    /// The token for these claims.
    package func sign(_ claims: AccessTokenClaims) throws(CryptoError) -> String {
        let key = keys.current
        let header: Value = [
            "alg": .string(key.algorithm.rawValue), "kid": .string(key.id), "typ": .string(AccessTokenRules.type),
        ]
        let payload: Value = [
            "iss": .string(rules.issuer), "aud": .string(rules.audience), "sub": .string(claims.subject.description),
            "tid": .string(claims.tenant.description), "sid": .string(claims.session.description), "jti": .string(claims.id.description),
            "iat": .int(claims.issuedAt), "nbf": .int(claims.issuedAt), "exp": .int(claims.expiresAt),
            "auth_time": .int(claims.authenticatedAt), "amr": .array(claims.methods.map(Value.string)), "ver": .int(claims.epoch),
        ]
        let signed = Base64.encode(JSON.serialize(header), url: true) + "." + Base64.encode(JSON.serialize(payload), url: true)
        return signed + "." + Base64.encode(try key.sign(Array(signed.utf8)), url: true)
    }
}
