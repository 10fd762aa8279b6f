// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The public half of one version of the audit checkpoint key.
public struct AuditPublicKey: Sendable, Hashable {
    /// Its identity.
    public let id: String
    /// The version, from 1.
    public let version: Int
    /// The 32 bytes of the Ed25519 key.
    public let publicKey: [UInt8]
    /// From when it signs, in milliseconds.
    public let notBefore: Int64
    /// From when it signs no more, in milliseconds; what it signed before stays good.
    public let retiredAt: Int64?

    package init(id: String, version: Int, publicKey: [UInt8], notBefore: Int64, retiredAt: Int64?) {
        self.id = id
        self.version = version
        self.publicKey = publicKey
        self.notBefore = notBefore
        self.retiredAt = retiredAt
    }

    /// What verifies the signatures that this key made under a name; its text is for auditors to keep.
    public func verifier(_ name: LogName) -> NoteVerifier? { NoteVerifier(name: name, publicKey: publicKey) }
}

/// The Ed25519 key that signs audit checkpoints, with its predecessors' public halves.
public struct AuditSigningKeys: Sendable {
    private let keys: HostKeys

    /// The audit keys among an installation's keys.
    public init(_ keys: HostKeys) {
        self.keys = keys
    }

    /// The key that signs now; looks for a newer one every few seconds.
    public func current() async throws -> (key: AuditPublicKey, signer: Ed25519.PrivateKey) {
        await keys.refresh()
        let entry = keys.current(.audit)
        guard let seed = entry.key else { throw EncryptionError.unavailable(Redacted("the audit key has no secret half")) }
        let signer = try Ed25519.PrivateKey(seed: seed)
        return (entry.auditKey(signer.publicKey), signer)
    }

    /// Every version's public half, newest first.
    public func all() async -> [AuditPublicKey] {
        await keys.refresh()
        return keys.entries(.audit).compactMap { entry in entry.publicKey.map { entry.auditKey($0) } }
    }
}

extension HostKeys.Entry {
    fileprivate func auditKey(_ publicKey: [UInt8]) -> AuditPublicKey {
        AuditPublicKey(id: id, version: version, publicKey: publicKey, notBefore: notBefore, retiredAt: retiredAt)
    }
}
