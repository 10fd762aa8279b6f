// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What wraps the keys that wrap everything else.
///
/// A ring of local keys today. A transit service fits as well: no root key has to leave it, since everything below is wrapped
/// and unwrapped one key at a time.
public protocol KEKProvider: Sendable {
    /// The id of the root key that wraps from now on.
    func currentID() async throws(KEKError) -> String

    /// Wraps a key under one root key; answers `iv:authtag:content`.
    func wrap(_ key: Secret, under id: String, authenticating: [UInt8]) async throws(KEKError) -> String

    /// Unwraps what one root key has wrapped.
    func unwrap(_ wrapped: String, under id: String, authenticating: [UInt8]) async throws(KEKError) -> Secret
}

/// Why a root key did not do its work.
public enum KEKError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no root key of that id.
    case unknown(String)
    /// What was wrapped was altered or moved, or the root key of that id is another one.
    case notAuthentic
    /// The provider failed.
    case unavailable(Redacted<String>)

    /// Safe to show.
    public var description: String {
        switch self {
        case .unknown(let id): "the root key \(id) is not in the ring"
        case .notAuthentic: "a wrapped key does not open under its root key"
        case .unavailable: "the root keys are not available"
        }
    }
}

extension KEKRing: KEKProvider {
    /// The root key that new keys are wrapped under.
    public func currentID() -> String { roots[0].id }

    /// Wraps a key under one of the root keys.
    public func wrap(_ key: Secret, under id: String, authenticating associated: [UInt8]) throws(KEKError) -> String {
        guard let root = self.key(for: .wrap, id: id) else { throw .unknown(id) }
        do throws(CryptoError) {
            return try key.withBytes { bytes throws(CryptoError) in try AESGCMKey(root).seal(bytes, authenticating: associated).text }
        } catch {
            throw .unavailable(Redacted("\(error)"))
        }
    }

    /// Unwraps a key; only the root key that wrapped it, and the same associated data, can.
    public func unwrap(_ wrapped: String, under id: String, authenticating associated: [UInt8]) throws(KEKError) -> Secret {
        guard let root = self.key(for: .wrap, id: id) else { throw .unknown(id) }
        guard let text = CipherText(wrapped) else { throw .notAuthentic }
        do throws(CryptoError) {
            return try AESGCMKey(root).open(text, authenticating: associated)
        } catch {
            throw .notAuthentic
        }
    }
}
