// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization
internal import Values

/// The keys under the root: made on first need, kept wrapped in the store and unwrapped in memory.
///
/// root → (wraps) tenant's key → (wraps) data key of a plugin and purpose. Destroying a tenant's key destroys
/// all that the tenant has encrypted.
final class EnvelopeKeys: Sendable {
    /// The tenant comes first, so that no entry can ever serve another tenant.
    private struct SlotKey: Hashable {
        let tenant: TenantID
        let slot: KeySlot
    }

    private struct VersionKey: Hashable {
        let tenant: TenantID
        let id: KeyID
    }

    private struct Cache {
        var newest: [SlotKey: DataKey] = [:]
        var versions: [VersionKey: DataKey] = [:]
    }

    private static let cacheLimit = 8192
    private static let tenantSlot = KeySlot(kind: .tenant, plugin: "", purpose: "")

    let installation: String
    private let wrapping: [String: AESGCMKey]
    private let primary: (id: String, key: AESGCMKey)
    private let store: any KeyStore
    private let limits: KeyUseLimits
    private let clock: WallClock
    private let cache = Mutex(Cache())

    init(ring: KEKRing, store: any KeyStore, installation: String, limits: KeyUseLimits, clock: WallClock) throws(CryptoError) {
        var wrapping: [String: AESGCMKey] = [:]
        for (id, key) in ring.keys(for: .wrap) { wrapping[id] = try AESGCMKey(key) }
        let (id, key) = ring.key(for: .wrap)
        primary = (id, try AESGCMKey(key))
        self.wrapping = wrapping
        self.store = store
        self.installation = installation
        self.limits = limits
        self.clock = clock
    }

    /// A data key to encrypt once with.
    func writingKey(_ scope: TenantScope, slot: KeySlot) async throws -> DataKey {
        var key = try await newest(scope, slot: slot)
        // Each round either answers or moves on to a later version; a few are enough even when hosts race.
        for _ in 0..<8 {
            if key.takeUse() { return key }
            let used = try await store.reserveKeyUses(scope, id: key.id, count: limits.block)
            let isUsedUp = used + limits.block > limits.hard
            if used < limits.soft, !isUsedUp {
                key.addUses(limits.block)
                continue
            }
            let next = try await successor(of: key, scope, mustReplace: isUsedUp)
            if next === key { key.addUses(limits.block) }
            key = next
        }
        throw EncryptionError.keyExhausted
    }

    /// The data key that encrypted something.
    func readingKey(_ scope: TenantScope, id: KeyID, slot: KeySlot, version: Int) async throws -> DataKey {
        let key = try await load(scope, id: id)
        guard let key, key.slot == slot, key.version == version else { throw EncryptionError.undecryptable }
        return key
    }

    /// Makes a new version, which is written with from now on by this host, and by others once they restart.
    func rotate(_ scope: TenantScope, slot: KeySlot) async throws -> DataKey {
        let current = try await newest(scope, slot: slot)
        return try await create(scope, slot: slot, version: current.version + 1)
    }

    // MARK: Versions

    private func newest(_ scope: TenantScope, slot: KeySlot) async throws -> DataKey {
        if let cached = cache.withLock({ $0.newest[SlotKey(tenant: scope.tenant, slot: slot)] }) { return cached }
        guard let stored = try await store.newestKey(scope, slot: slot) else {
            return try await create(scope, slot: slot, version: 1)
        }
        return remember(try await unwrap(stored, scope), scope, asNewest: true)
    }

    /// The version after a used-up one.
    ///
    /// While the old one is merely due, not being able to replace it is not fatal.
    private func successor(of key: DataKey, _ scope: TenantScope, mustReplace: Bool) async throws -> DataKey {
        do {
            if let stored = try await store.newestKey(scope, slot: key.slot), stored.version > key.version {
                return remember(try await unwrap(stored, scope), scope, asNewest: true)
            }
            return try await create(scope, slot: key.slot, version: key.version + 1)
        } catch {
            if mustReplace { throw EncryptionError.keyExhausted }
            return key
        }
    }

    private func load(_ scope: TenantScope, id: KeyID) async throws -> DataKey? {
        if let cached = cache.withLock({ $0.versions[VersionKey(tenant: scope.tenant, id: id)] }) { return cached }
        guard let stored = try await store.key(scope, id: id) else { return nil }
        return remember(try await unwrap(stored, scope), scope, asNewest: false)
    }

    private func create(_ scope: TenantScope, slot: KeySlot, version: Int) async throws -> DataKey {
        let id = KeyID.make()
        let wrapper = try await wrapper(for: slot, scope)
        let key = SecureRandom.secret(AESGCMKey.keyByteCount)
        let associated = associatedData(scope, slot: slot, id: id, version: version, wrappedBy: wrapper.id)
        let wrapped = try key.withBytes { bytes throws(CryptoError) in try wrapper.key.seal(bytes, authenticating: associated) }
        let stored = WrappedKey(
            id: id, slot: slot, version: version, wrappedBy: wrapper.id, wrapped: wrapped.text, createdAt: clock.now())
        let event = AuditEvent(
            occurredAt: clock.now(), tenant: scope.tenant, actor: "system:encryption", action: "key.create", resource: "key:\(id)",
            outcome: .success,
            detail: [
                "kind": .string(slot.kind.rawValue), "plugin": .string(slot.plugin), "purpose": .string(slot.purpose),
                "version": .int(Int64(version)), "wrapped_by": .string(wrapper.id),
            ],
            correlation: id.description)
        if try await store.insertKey(scope, stored, audit: event) {
            return remember(DataKey(stored, cipher: try AESGCMKey(key)), scope, asNewest: true)
        }
        // Another host made this version first: its key is the one.
        guard let theirs = try await store.newestKey(scope, slot: slot) else { throw EncryptionError.undecryptable }
        return remember(try await unwrap(theirs, scope), scope, asNewest: true)
    }

    // MARK: Wrapping

    private func wrapper(for slot: KeySlot, _ scope: TenantScope) async throws -> (id: String, key: AESGCMKey) {
        switch slot.kind {
        case .tenant: return primary
        case .data:
            let tenantKey = try await newest(scope, slot: Self.tenantSlot)
            return (tenantKey.id.description, tenantKey.cipher)
        }
    }

    private func unwrap(_ stored: WrappedKey, _ scope: TenantScope) async throws -> DataKey {
        let wrapper: AESGCMKey?
        switch stored.slot.kind {
        case .tenant:
            wrapper = wrapping[stored.wrappedBy]
        case .data:
            guard let id = KeyID(stored.wrappedBy), let tenantKey = try await load(scope, id: id), tenantKey.slot.kind == .tenant else {
                throw EncryptionError.undecryptable
            }
            wrapper = tenantKey.cipher
        }
        guard let wrapper, let text = CipherText(stored.wrapped) else { throw EncryptionError.undecryptable }
        let associated = associatedData(
            scope, slot: stored.slot, id: stored.id, version: stored.version, wrappedBy: stored.wrappedBy)
        do throws(CryptoError) {
            return DataKey(stored, cipher: try AESGCMKey(try wrapper.open(text, authenticating: associated)))
        } catch {
            throw EncryptionError.undecryptable
        }
    }

    private func associatedData(_ scope: TenantScope, slot: KeySlot, id: KeyID, version: Int, wrappedBy: String) -> [UInt8] {
        var fields = LengthPrefixed(
            "panelhost.key.v1", slot.kind.rawValue, installation, scope.tenant.description, slot.plugin, slot.purpose,
            id.description, wrappedBy)
        fields.append(Int64(version))
        return fields.bytes
    }

    /// Puts a key into the cache, or answers the one that is there: its reserved uses must not be forgotten.
    private func remember(_ key: DataKey, _ scope: TenantScope, asNewest: Bool) -> DataKey {
        cache.withLock { cache in
            if cache.versions.count >= Self.cacheLimit { cache = Cache() }
            let versionKey = VersionKey(tenant: scope.tenant, id: key.id)
            let kept = cache.versions[versionKey] ?? key
            cache.versions[versionKey] = kept
            if asNewest {
                let slotKey = SlotKey(tenant: scope.tenant, slot: key.slot)
                if cache.newest[slotKey].map({ $0.version < kept.version }) ?? true { cache.newest[slotKey] = kept }
            }
            return kept
        }
    }
}
