// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The keys that belong to the installation as a whole.
public enum HostKeyKind: String, Hashable, Sendable, CaseIterable {
    /// Signs access tokens: HS256, ES256 or EdDSA, as the key says.
    case accessToken = "access_token"
    /// Derives a refresh token from the one before.
    case refresh
    /// Goes into passwords in front of argon2.
    case pepper
    /// Signs the cookies that devices are known again by.
    case device
    /// Signs audit checkpoints (Ed25519).
    case audit
}

extension HostKeyKind {
    /// The forms that its keys may have, the usual one first.
    public var forms: [HostKeyForm] {
        switch self {
        case .accessToken: [.symmetric, .p256, .ed25519]
        case .refresh, .pepper, .device: [.symmetric]
        case .audit: [.ed25519]
        }
    }
}

/// What sort of key it is, which fixes the algorithm that it is used with.
public enum HostKeyForm: String, Hashable, Sendable, CaseIterable {
    /// 32 random bytes.
    case symmetric
    /// A scalar and a point of P-256.
    case p256
    /// A seed and a public key of Ed25519.
    case ed25519
}

/// One version of an installation's key, as it is stored: wrapped under a root key.
public struct WrappedHostKey: Hashable, Sendable {
    /// Its own identity, which tokens and hashes carry.
    public let id: String
    /// What it is for.
    public let kind: HostKeyKind
    /// What sort of key it is.
    public let form: HostKeyForm
    /// The version, from 1.
    public let version: Int
    /// The root key that it is wrapped under; empty once the key was destroyed.
    public let wrappedBy: String
    /// The wrapped bytes as `iv:authtag:content`; empty once the key was destroyed.
    public let wrapped: String
    /// The public half of a signing key, in hex.
    public let publicKey: String?
    /// From when it is used, in milliseconds: later than it is stored, so that every host knows it by then.
    public let notBefore: Int64
    /// From when it is not accepted any more, in milliseconds.
    public let retiredAt: Int64?
    /// When it was made, in milliseconds.
    public let createdAt: Int64

    /// A key from its columns.
    public init(
        id: String, kind: HostKeyKind, form: HostKeyForm, version: Int, wrappedBy: String, wrapped: String, publicKey: String?,
        notBefore: Int64,
        retiredAt: Int64?, createdAt: Int64
    ) {
        self.id = id
        self.kind = kind
        self.form = form
        self.version = version
        self.wrappedBy = wrappedBy
        self.wrapped = wrapped
        self.publicKey = publicKey
        self.notBefore = notBefore
        self.retiredAt = retiredAt
        self.createdAt = createdAt
    }
}

/// Where the installation's keys are kept.
public protocol HostKeyStore: Sendable {
    /// All versions of all kinds.
    func hostKeys(_ scope: PlatformScope) async throws -> [WrappedHostKey]

    /// Inserts a version, in one transaction with an audit event in the operators' trail.
    ///
    /// Answers false when this version exists: another host was first.
    /// - Parameters:
    ///   - retireOthersAt: sets this on the kind's older versions that have no such time yet.
    ///   - destroyingOthers: overwrites the secret half of the kind's older versions.
    func insertHostKey(
        _ scope: PlatformScope, _ key: WrappedHostKey, retireOthersAt: Int64?, destroyingOthers: Bool, by actor: String
    ) async throws -> Bool

    /// Replaces the wrapped form of a key if it is still the old one; answers whether it was.
    func replaceHostKey(_ scope: PlatformScope, _ old: WrappedHostKey, with new: WrappedHostKey) async throws -> Bool
}
