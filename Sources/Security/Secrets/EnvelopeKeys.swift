// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// The keys under the root: made on first need, kept wrapped in the store and unwrapped in memory.
///
/// root → (wraps) tenant's key → (wraps) data keys of plugins, keys of data subjects, the pseudonym key. Destroying a
/// tenant's key destroys all that the tenant has encrypted.
final class EnvelopeKeys: Sendable {
    let installation: String
    let roots: any KEKProvider
    let store: any KeyStore
    let clock: WallClock
    let limits: KeyUseLimits
    let cache: KeyCache

    init(roots: any KEKProvider, store: any KeyStore, installation: String, limits: KeyUseLimits, clock: WallClock) {
        self.roots = roots
        self.store = store
        self.installation = installation
        self.limits = limits
        self.clock = clock
        cache = KeyCache(recheck: limits.recheck)
    }

    /// A key to encrypt once with.
    func writingKey(_ scope: TenantScope, slot: KeySlot) async throws -> DataKey {
        try await reserved(scope, slot: slot) { $0.takeUse() != nil }
    }

    /// The newest key of a slot, with as many uses reserved as `isEnough` wants.
    func reserved(_ scope: TenantScope, slot: KeySlot, until isEnough: (DataKey) -> Bool) async throws -> DataKey {
        var key = try await newest(scope, slot: slot)
        // Each round either answers or moves on to a later version; a few are enough even when hosts race.
        for _ in 0..<8 {
            if isEnough(key) { return key }
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

    /// The key that encrypted something, whatever it is for.
    func readingKey(_ scope: TenantScope, id: KeyID) async throws -> DataKey {
        guard let key = try await load(scope, id: id) else { throw EncryptionError.undecryptable }
        return key
    }

    /// The newest version of a slot, made when there is none.
    func newest(_ scope: TenantScope, slot: KeySlot) async throws -> DataKey {
        switch cache.newest(scope, slot, now: clock.now()) {
        case .fresh(let key): return key
        case .stale(let key):
            guard let stored = try await store.newestKey(scope, slot: slot) else {
                cache.forget(scope, id: key.id, slot: slot)
                throw EncryptionError.undecryptable
            }
            return try await admit(stored, scope, asNewest: true)
        case .none:
            guard let stored = try await store.newestKey(scope, slot: slot) else {
                return try await create(scope, slot: slot, version: 1)
            }
            return try await admit(stored, scope, asNewest: true)
        }
    }

    /// Makes a new version, which is written with from now on; other hosts follow within the recheck time.
    ///
    /// Answers nil when there is no key yet that could be replaced.
    func rotate(_ scope: TenantScope, slot: KeySlot) async throws -> DataKey? {
        guard let stored = try await store.newestKey(scope, slot: slot) else { return nil }
        // What was destroyed has no successor.
        guard stored.erasedAt == nil else { throw EncryptionError.erased }
        return try await create(scope, slot: slot, version: stored.version + 1)
    }

    /// Destroys all versions of a slot, here and in the store.
    func erase(_ scope: TenantScope, slot: KeySlot, audit: AuditEvent) async throws -> Int {
        let newest = try await store.newestKey(scope, slot: slot)
        let count = try await store.eraseKeys(scope, slot: slot, tombstone: .make(), at: clock.now(), audit: audit)
        if let newest { cache.forget(scope, id: newest.id, slot: slot) }
        cache.rememberErased(scope, slot)
        // Older versions go with the rest: erasing is rare, and nothing of the person may stay in memory.
        if let newest, newest.version > 1 { cache.forgetAll() }
        return count
    }

    // MARK: Versions

    /// The version after a used-up one.
    ///
    /// While the old one is merely due, not being able to replace it is not fatal.
    private func successor(of key: DataKey, _ scope: TenantScope, mustReplace: Bool) async throws -> DataKey {
        do {
            if let stored = try await store.newestKey(scope, slot: key.slot), stored.version > key.version {
                return try await admit(stored, scope, asNewest: true)
            }
            return try await create(scope, slot: key.slot, version: key.version + 1)
        } catch {
            if mustReplace { throw EncryptionError.keyExhausted }
            return key
        }
    }

    private func load(_ scope: TenantScope, id: KeyID) async throws -> DataKey? {
        let answer = cache.version(scope, id, now: clock.now())
        if case .fresh(let key) = answer { return key }
        guard let stored = try await store.key(scope, id: id) else {
            if case .stale(let key) = answer { cache.forget(scope, id: id, slot: key.slot) }
            return nil
        }
        return try await admit(stored, scope, asNewest: false)
    }

    /// Takes a stored key into memory, unless it may not be used any more.
    func admit(_ stored: WrappedKey, _ scope: TenantScope, asNewest: Bool) async throws -> DataKey {
        let now = clock.now()
        guard stored.erasedAt == nil else {
            cache.forget(scope, id: stored.id, slot: stored.slot)
            cache.rememberErased(scope, stored.slot)
            throw EncryptionError.erased
        }
        guard stored.version >= stored.minimumVersion else {
            cache.forget(scope, id: stored.id, slot: stored.slot)
            throw EncryptionError.retired
        }
        // An id stands for one key for ever: what changes is only what it is wrapped under.
        switch cache.version(scope, stored.id, now: now) {
        case .fresh(let key), .stale(let key): return cache.remember(key, scope, asNewest: asNewest, now: now)
        case .none: return cache.remember(try await unwrap(stored, scope), scope, asNewest: asNewest, now: now)
        }
    }

    private func create(_ scope: TenantScope, slot: KeySlot, version: Int) async throws -> DataKey {
        let id = KeyID.make()
        let key = SecureRandom.secret(AESGCMKey.keyByteCount)
        let stored = try await wrap(key, id: id, slot: slot, version: version, createdAt: clock.now(), scope)
        // Which people there are is not for the trail: their keys come and go with them.
        let event = slot.kind == .subject ? nil : creation(stored, scope)
        if try await store.insertKey(scope, stored, uses: limits.block, audit: event) {
            return cache.remember(try DataKey(stored, key: key, uses: limits.block), scope, asNewest: true, now: clock.now())
        }
        // Another host made this version first: its key is the one.
        guard let theirs = try await store.newestKey(scope, slot: slot) else { throw EncryptionError.undecryptable }
        return try await admit(theirs, scope, asNewest: true)
    }

    private func creation(_ stored: WrappedKey, _ scope: TenantScope) -> AuditEvent {
        AuditEvent(
            occurredAt: clock.now(), tenant: scope.tenant, actor: "system:encryption", action: "key.create", resource: "key:\(stored.id)",
            outcome: .success,
            detail: [
                "kind": .string(stored.slot.kind.rawValue), "plugin": .string(stored.slot.plugin),
                "purpose": .string(stored.slot.purpose), "version": .int(Int64(stored.version)), "wrapped_by": .string(stored.wrappedBy),
            ],
            correlation: stored.id.description)
    }
}
