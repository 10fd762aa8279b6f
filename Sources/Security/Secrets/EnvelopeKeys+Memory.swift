// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Keys for those who cannot wait: a transaction holds the database and must not ask it for keys.
extension EnvelopeKeys {
    /// What memory has for a slot.
    enum InMemory {
        /// A key; `isDue` goes to one caller only, who sees to it that the store is asked again.
        case key(DataKey, isDue: Bool)
        /// The slot's keys were destroyed.
        case erased
        /// Nothing: ask the store, and come again.
        case missing
    }

    func inMemory(_ scope: TenantScope, _ slot: KeySlot) -> InMemory {
        switch cache.newest(scope, slot, now: clock.now()) {
        case .fresh(let key): .key(key, isDue: false)
        case .stale(let key): .key(key, isDue: true)
        case .none: cache.isErased(scope, slot) ? .erased : .missing
        }
    }

    /// Like ``inMemory(_:_:)`` for encrypting once: a key without a use left counts as missing.
    func inMemoryForWriting(_ scope: TenantScope, _ slot: KeySlot) -> InMemory {
        let known = inMemory(scope, slot)
        guard case .key(let key, let isDue) = known else { return known }
        guard let left = key.takeUse() else { return .missing }
        // Each number is met once, so one caller alone has to fetch more.
        return .key(key, isDue: isDue || left == lowWater)
    }

    /// Brings a key into memory with uses left, or learns that it was destroyed; makes it when there is none.
    func makeReady(_ scope: TenantScope, _ slot: KeySlot) async throws {
        do {
            _ = try await reserved(scope, slot: slot) { $0.reservedUses > lowWater }
        } catch EncryptionError.erased {
            // Known from now on, which is all that was wanted.
        }
    }

    /// Compares a key in memory with the store, and fetches uses for it.
    func refresh(_ scope: TenantScope, _ slot: KeySlot) async throws {
        guard let stored = try await store.newestKey(scope, slot: slot) else { return }
        _ = try await admit(stored, scope, asNewest: true)
        if slot.kind == .subject { try await makeReady(scope, slot) }
    }

    /// So many uses are left when more are fetched.
    private var lowWater: Int64 { limits.block / 4 }
}
