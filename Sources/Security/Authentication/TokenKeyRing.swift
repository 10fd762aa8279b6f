// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// How access tokens are signed (RFC 7518, RFC 8037).
package enum TokenAlgorithm: String, Sendable, Hashable, CaseIterable {
    case hs256 = "HS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"

    init(_ form: HostKeyForm) {
        self =
            switch form {
            case .symmetric: .hs256
            case .p256: .es256
            case .ed25519: .edDSA
            }
    }

    /// The keys that go with it.
    package var form: HostKeyForm {
        switch self {
        case .hs256: .symmetric
        case .es256: .p256
        case .edDSA: .ed25519
        }
    }
}

/// One key that signs access tokens, or checks them.
///
/// The key fixes the algorithm, whatever a token says.
struct TokenKey: Sendable {
    private let entry: HostKeys.Entry

    init(_ entry: HostKeys.Entry) {
        self.entry = entry
    }

    var id: String { entry.id }
    var algorithm: TokenAlgorithm { TokenAlgorithm(entry.form) }

    func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard let secret = entry.key else { throw .notAuthentic }
        return switch algorithm {
        case .hs256: HMAC.authenticate(message, key: secret)
        case .es256: try P256.PrivateKey(scalar: secret).sign(message)
        case .edDSA: try Ed25519.PrivateKey(seed: secret).sign(message)
        }
    }

    func isValid(_ signature: [UInt8], for message: some Collection<UInt8>) -> Bool {
        switch algorithm {
        case .hs256: entry.key.map { HMAC.isValid(signature, for: message, key: $0) } ?? false
        case .es256: entry.publicKey.map { P256.isValid(signature, for: Array(message), publicKey: $0) } ?? false
        case .edDSA: entry.publicKey.map { Ed25519.isValid(signature, for: Array(message), publicKey: $0) } ?? false
        }
    }

    /// The key for everybody to check with (RFC 7517); nil for one that is shared with nobody.
    var published: Value? {
        guard let key = entry.publicKey else { return nil }
        var members: [String: Value] = ["kid": .string(id), "use": "sig", "alg": .string(algorithm.rawValue)]
        func set(_ name: String, _ bytes: ArraySlice<UInt8>) { members[name] = .string(Base64.encode(bytes, url: true)) }
        switch algorithm {
        case .hs256: return nil
        case .es256:
            guard key.count == 65 else { return nil }
            (members["kty"], members["crv"]) = ("EC", "P-256")
            set("x", key[1..<33])
            set("y", key[33..<65])
        case .edDSA:
            (members["kty"], members["crv"]) = ("OKP", "Ed25519")
            set("x", key[...])
        }
        return .map(members)
    }
}

/// The keys that sign access tokens, by `kid`.
///
/// An old key is accepted until the last token under it has expired.
package struct TokenKeyRing: Sendable {
    private let keys: HostKeys

    /// The token keys among an installation's keys.
    package init(_ keys: HostKeys) {
        self.keys = keys
    }

    /// Keys derived from roots and stored nowhere.
    package init(ring: KEKRing) {
        self.init(HostKeys(derivedFrom: ring))
    }

    var current: TokenKey { TokenKey(keys.current(.accessToken)) }

    func key(_ id: String) -> TokenKey? { keys.entry(.accessToken, id: id).map(TokenKey.init) }

    /// Looks for new versions when it is time to.
    func refresh() async { await keys.refresh() }

    /// Looks for a key that a token names and that is not known here; answers whether it is now.
    func learn(_ id: String) async -> Bool {
        await keys.refreshUnknown()
        return key(id) != nil
    }

    /// The JWK set (RFC 7517) of the public keys that sign, have signed what is still good, or will sign soon.
    package func published() async -> Value {
        await keys.refresh()
        let accepted = keys.entries(.accessToken).filter { keys.entry(.accessToken, id: $0.id) != nil }
        return ["keys": .array(accepted.compactMap { TokenKey($0).published })]
    }
}
