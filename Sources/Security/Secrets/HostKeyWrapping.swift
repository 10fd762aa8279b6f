// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Moves the installation's keys between the store and memory.
struct HostKeyWrapping: Sendable {
    let roots: any KEKProvider
    let store: any HostKeyStore
    let installation: String
    let clock: WallClock

    private static let scope = PlatformScope(reason: "the installation's keys")

    /// Every key, newest version first.
    func load() async throws -> [HostKeyKind: [HostKeys.Entry]] {
        var entries: [HostKeyKind: [HostKeys.Entry]] = [:]
        for stored in try await store.hostKeys(Self.scope).sorted(by: { $0.version > $1.version }) {
            let key = stored.wrapped.isEmpty ? nil : try await unwrap(stored)
            entries[stored.kind, default: []].append(
                HostKeys.Entry(
                    id: stored.id, form: stored.form, version: stored.version, key: key,
                    publicKey: stored.publicKey.flatMap { Hex.decode($0) },
                    notBefore: stored.notBefore, retiredAt: stored.retiredAt, createdAt: stored.createdAt))
        }
        return entries
    }

    /// Makes and stores a version; false when another host was first.
    func create(
        _ kind: HostKeyKind, form: HostKeyForm, version: Int, notBefore: Int64, retireOthersAt: Int64? = nil,
        destroyingOthers: Bool = false, by actor: String
    ) async throws -> Bool {
        let key = SecureRandom.secret(32)
        // One scalar in four billion is none of P-256: then this throws, and making the key is tried again by whoever wanted it.
        let publicKey = try form.publicKey(of: key).map { Hex.encode($0) }
        let stored = try await wrap(
            key, id: KeyID.make().description, kind: kind, form: form, version: version, publicKey: publicKey, notBefore: notBefore,
            retiredAt: nil,
            createdAt: clock.now())
        return try await store.insertHostKey(
            Self.scope, stored, retireOthersAt: retireOthersAt, destroyingOthers: destroyingOthers, by: actor)
    }

    /// Wraps every key under the root key that wraps now, and destroys token keys whose time is over; answers how many changed.
    func rewrapAll() async throws -> Int {
        var changed = 0
        let (root, now) = (try await roots.currentID(), clock.now())
        for stored in try await store.hostKeys(Self.scope) where !stored.wrapped.isEmpty {
            let isOver = stored.retiredAt.map { $0 + HostKeys.publication < now } ?? false
            guard isOver || stored.wrappedBy != root else { continue }
            let new = isOver ? stored.destroyed() : try await rewrapped(stored)
            if try await store.replaceHostKey(Self.scope, stored, with: new) { changed += 1 }
        }
        return changed
    }

    private func rewrapped(_ stored: WrappedHostKey) async throws -> WrappedHostKey {
        try await wrap(
            try await unwrap(stored), id: stored.id, kind: stored.kind, form: stored.form, version: stored.version,
            publicKey: stored.publicKey,
            notBefore: stored.notBefore, retiredAt: stored.retiredAt, createdAt: stored.createdAt)
    }

    private func unwrap(_ stored: WrappedHostKey) async throws -> Secret {
        try await roots.unwrap(stored.wrapped, under: stored.wrappedBy, authenticating: associatedData(stored))
    }

    private func wrap(
        _ key: Secret, id: String, kind: HostKeyKind, form: HostKeyForm, version: Int, publicKey: String?, notBefore: Int64,
        retiredAt: Int64?, createdAt: Int64
    ) async throws -> WrappedHostKey {
        let root = try await roots.currentID()
        func stored(_ wrapped: String) -> WrappedHostKey {
            WrappedHostKey(
                id: id, kind: kind, form: form, version: version, wrappedBy: root, wrapped: wrapped, publicKey: publicKey,
                notBefore: notBefore,
                retiredAt: retiredAt, createdAt: createdAt)
        }
        return stored(try await roots.wrap(key, under: root, authenticating: associatedData(stored(""))))
    }

    private func associatedData(_ key: WrappedHostKey) -> [UInt8] {
        var fields = LengthPrefixed(
            "panelhost.hostkey.v1", installation, key.kind.rawValue, key.form.rawValue, key.id, key.wrappedBy, key.publicKey ?? "")
        fields.append(Int64(key.version))
        return fields.bytes
    }
}

extension WrappedHostKey {
    /// What is left of a key that nobody may use any more.
    fileprivate func destroyed() -> WrappedHostKey {
        WrappedHostKey(
            id: id, kind: kind, form: form, version: version, wrappedBy: "", wrapped: "", publicKey: publicKey, notBefore: notBefore,
            retiredAt: retiredAt, createdAt: createdAt)
    }
}

extension HostKeyForm {
    /// The public half of a secret one; nil where there is none.
    func publicKey(of secret: Secret) throws(CryptoError) -> [UInt8]? {
        switch self {
        case .symmetric: nil
        case .p256: try P256.PrivateKey(scalar: secret).publicKey
        case .ed25519: try Ed25519.PrivateKey(seed: secret).publicKey
        }
    }
}
