// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Reads access tokens, strictly (RFC 7515, RFC 8725, RFC 9068).
///
/// The order is fixed: size, three segments, canonical base64url, header, key, signature, payload, claims. Nothing of the
/// payload is looked at before the signature holds, nothing is partly valid, and every deviation is the same error.
package struct AccessTokenVerifier: Sendable {
    private let keys: TokenKeyRing
    private let rules: AccessTokenRules
    private let clock: WallClock

    package init(keys: TokenKeyRing, rules: AccessTokenRules, clock: WallClock) {
        self.keys = keys
        self.rules = rules
        self.clock = clock
    }

    /// The claims of a token that is good now.
    package func verify(_ token: String) throws(InvalidToken) -> AccessTokenClaims {
        guard token.utf8.count <= AccessTokenRules.maximumByteCount else { throw InvalidToken() }
        let text = Array(token.utf8)
        let segments = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard segments.count == 3, let header = Self.decode(segments[0]), let payload = Self.decode(segments[1]),
            let signature = Self.decode(segments[2])
        else { throw InvalidToken() }
        let key = try key(header)
        // Over the bytes as they came, not over what was decoded and might be written differently.
        let signed = text[..<segments[1].endIndex]
        guard key.isValid(signature, for: signed) else { throw InvalidToken() }
        return try claims(payload)
    }

    /// The one text for some bytes: alphabet, no padding, no stray bits in the last character.
    private static func decode(_ segment: ArraySlice<UInt8>) -> [UInt8]? {
        segment.isEmpty ? nil : Base64.decode(segment, url: true)
    }

    private func key(_ header: [UInt8]) throws(InvalidToken) -> TokenKey {
        let members = try object(header, depth: 1)
        // Exactly these: `crit`, `jwk`, `jku`, `b64`, `zip` and whatever comes next are refused by not being among them.
        guard members.count == 3, case .string(AccessTokenRules.type)? = members["typ"],
            case .string(let id)? = members["kid"], case .string(let name)? = members["alg"], let algorithm = TokenAlgorithm(rawValue: name)
        else { throw InvalidToken() }
        guard let key = keys.key(id) else { throw InvalidToken(unknownKey: KeyID(id)?.description) }
        guard key.algorithm == algorithm else { throw InvalidToken() }
        return key
    }

    private func claims(_ payload: [UInt8]) throws(InvalidToken) -> AccessTokenClaims {
        let members = try object(payload, depth: 4)
        guard case .string(rules.issuer)? = members["iss"], case .string(rules.audience)? = members["aud"],
            let subject = UserID(members, "sub"), let tenant = TenantID(members, "tid"), let session = SessionID(members, "sid"),
            let id = EventID(members, "jti"),
            case .int(let issuedAt)? = members["iat"], case .int(let notBefore)? = members["nbf"],
            case .int(let expiresAt)? = members["exp"], case .int(let authenticatedAt)? = members["auth_time"],
            case .int(let epoch)? = members["ver"], epoch >= 0,
            case .array(let methods)? = members["amr"], methods.count <= 8
        else { throw InvalidToken() }
        let names = methods.compactMap(\.stringValue)
        let now = clock.now() / 1000
        // Each is bounded before any arithmetic, so that nothing overflows.
        let range = 0...Int64(1 << 40)
        guard names.count == methods.count,
            range.contains(issuedAt), range.contains(notBefore), range.contains(expiresAt), range.contains(authenticatedAt),
            issuedAt <= now + rules.skew, notBefore <= now + rules.skew, authenticatedAt <= now + rules.skew,
            now < expiresAt, issuedAt < expiresAt, expiresAt - issuedAt <= rules.maximumLifetime
        else { throw InvalidToken() }
        return AccessTokenClaims(
            subject: subject, tenant: tenant, session: session, id: id, issuedAt: issuedAt, expiresAt: expiresAt,
            authenticatedAt: authenticatedAt, methods: names, epoch: epoch)
    }

    private func object(_ bytes: [UInt8], depth: Int) throws(InvalidToken) -> [String: Value] {
        let limits = ValueLimits(maxBytes: AccessTokenRules.maximumByteCount, maxDepth: depth, maxNodes: 64)
        guard let value = try? JSON.parse(bytes, limits: limits), case .map(let members) = value else { throw InvalidToken() }
        return members
    }
}

extension Identifier {
    fileprivate init?(_ members: [String: Value], _ name: String) {
        guard case .string(let text)? = members[name] else { return nil }
        self.init(text)
    }
}
