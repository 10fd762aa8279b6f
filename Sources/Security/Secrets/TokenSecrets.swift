// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Secrets of the environment that sign access tokens with HS256: `JWT_SECRET`, and `JWT_SECRET_PREVIOUS` while it is rotated.
///
/// For a panel that signs or checks tokens with the same secret. Every host of an installation needs the same ones.
public struct TokenSecrets: Sendable {
    /// The least number of bytes (RFC 7518, section 3.2).
    public static let minimumByteCount = 32
    /// Fewer different bytes than this are a placeholder and not a secret.
    static let minimumDifferentBytes = 10

    let entries: [HostKeys.Entry]

    /// Takes the two variables out of the environment; nil when there is none of them.
    package init?(_ take: (String) -> Secret? = EnvironmentSecret.take) throws(TokenSecretError) {
        let names = ["JWT_SECRET", "JWT_SECRET_PREVIOUS"]
        let given = names.map(take)
        guard let current = given[0] else {
            guard given[1] == nil else { throw TokenSecretError(names[1], "is set without JWT_SECRET") }
            return nil
        }
        var entries: [HostKeys.Entry] = []
        for (name, secret) in zip(names, [current, given[1]]) {
            guard let secret else { continue }
            entries.append(try Self.entry(secret, name))
        }
        guard Set(entries.map(\.id)).count == entries.count else { throw TokenSecretError(names[1], "is the same as JWT_SECRET") }
        self.entries = entries
    }

    private static func entry(_ secret: Secret, _ name: String) throws(TokenSecretError) -> HostKeys.Entry {
        guard secret.count >= minimumByteCount else {
            throw TokenSecretError(name, "has \(secret.count) bytes and needs \(minimumByteCount): make one with 'openssl rand -hex 32'")
        }
        guard secret.withBytes({ Set($0).count }) >= minimumDifferentBytes else {
            throw TokenSecretError(name, "repeats a few characters, which is no secret: make one with 'openssl rand -hex 32'")
        }
        // Not the beginning of a plain hash: the id stands in every token.
        let id = Hex.encode(HMAC.authenticate("panelhost token key id".utf8, key: secret).prefix(8))
        return HostKeys.Entry(
            id: "env-\(id)", form: .symmetric, version: 0, key: secret, publicKey: nil, notBefore: 0, retiredAt: nil, createdAt: 0)
    }
}

/// A secret of the environment that cannot be used.
public struct TokenSecretError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Safe to show: names the variable, never its value.
    public let description: String

    init(_ name: String, _ reason: String) { description = "\(name) \(reason)" }
}
