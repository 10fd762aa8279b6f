// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization

/// Unwrapped keys in memory, bounded, each with the time at which the store last agreed with it.
final class KeyCache: Sendable {
    /// What the cache knows; a stale answer goes to one caller only, who asks the store while the others go on.
    enum Answer {
        case fresh(DataKey)
        case stale(DataKey)
        case none
    }

    /// The tenant comes first, so that no entry can ever serve another tenant.
    private struct SlotKey: Hashable {
        let tenant: TenantID
        let slot: KeySlot
    }

    private struct VersionKey: Hashable {
        let tenant: TenantID
        let id: KeyID
    }

    private struct Entry {
        let key: DataKey
        var checkedAt: Int64

        /// A clock that was set back must not keep an entry for ever.
        func isDue(_ now: Int64, _ recheck: Int64) -> Bool { now - checkedAt >= recheck || now < checkedAt }
    }

    /// Two generations: what was not used while one filled up goes, what is in use stays.
    private struct State {
        var newest = Generations<SlotKey>()
        var versions = Generations<VersionKey>()
        /// Slots that never have a key again, so that nobody has to ask for them at each event.
        var erased: Set<SlotKey> = []
        /// Tenants all of whose keys were destroyed: nothing of theirs is kept here again.
        var gone: Set<TenantID> = []
    }

    private struct Generations<Key: Hashable & Sendable>: Sendable {
        var young: [Key: Entry] = [:]
        var old: [Key: Entry] = [:]

        subscript(_ key: Key) -> Entry? {
            get { young[key] ?? old[key] }
            set {
                guard let newValue else {
                    young[key] = nil
                    old[key] = nil
                    return
                }
                if young.count >= KeyCache.generationLimit, young[key] == nil {
                    old = young
                    young = [:]
                }
                young[key] = newValue
            }
        }

        mutating func remove(where isMeant: (Key) -> Bool) {
            young = young.filter { !isMeant($0.key) }
            old = old.filter { !isMeant($0.key) }
        }

        func count(where isMeant: (Key) -> Bool) -> Int { Set(young.keys).union(old.keys).count(where: isMeant) }

        /// Looks up without a second hash on the way that nearly every call takes.
        mutating func answer(_ key: Key, now: Int64, recheck: Int64) -> Answer {
            if let index = young.index(forKey: key) {
                let entry = young.values[index]
                guard entry.isDue(now, recheck) else { return .fresh(entry.key) }
                young.values[index].checkedAt = now
                return .stale(entry.key)
            }
            guard var entry = old[key] else { return .none }
            let isDue = entry.isDue(now, recheck)
            if isDue { entry.checkedAt = now }
            self[key] = entry
            return isDue ? .stale(entry.key) : .fresh(entry.key)
        }
    }

    private static let generationLimit = 8192

    private let recheck: Int64
    private let state = Mutex(State())

    init(recheck: Int64) {
        self.recheck = recheck
    }

    func newest(_ scope: TenantScope, _ slot: KeySlot, now: Int64) -> Answer {
        state.withLock { $0.newest.answer(SlotKey(tenant: scope.tenant, slot: slot), now: now, recheck: recheck) }
    }

    func version(_ scope: TenantScope, _ id: KeyID, now: Int64) -> Answer {
        state.withLock { $0.versions.answer(VersionKey(tenant: scope.tenant, id: id), now: now, recheck: recheck) }
    }

    /// Puts a key in, or answers the one that is there: its reserved uses must not be forgotten.
    func remember(_ key: DataKey, _ scope: TenantScope, asNewest: Bool, now: Int64) -> DataKey {
        state.withLock { state in
            let versionKey = VersionKey(tenant: scope.tenant, id: key.id)
            guard !state.gone.contains(scope.tenant) else { return key }
            let kept = state.versions[versionKey]?.key ?? key
            state.versions[versionKey] = Entry(key: kept, checkedAt: now)
            if asNewest {
                let slotKey = SlotKey(tenant: scope.tenant, slot: key.slot)
                if state.newest[slotKey].map({ $0.key.version <= kept.version }) ?? true {
                    state.newest[slotKey] = Entry(key: kept, checkedAt: now)
                }
            }
            return kept
        }
    }

    /// Forgets one key, which is cleansed when its last user has done with it.
    func forget(_ scope: TenantScope, id: KeyID, slot: KeySlot) {
        state.withLock { state in
            state.versions[VersionKey(tenant: scope.tenant, id: id)] = nil
            let slotKey = SlotKey(tenant: scope.tenant, slot: slot)
            if state.newest[slotKey]?.key.id == id { state.newest[slotKey] = nil }
        }
    }

    /// Notes that a slot's keys were destroyed, which nothing undoes.
    func rememberErased(_ scope: TenantScope, _ slot: KeySlot) {
        state.withLock { state in
            if state.erased.count >= Self.generationLimit { state.erased = [] }
            state.erased.insert(SlotKey(tenant: scope.tenant, slot: slot))
        }
    }

    /// Whether a slot is known to be erased; one that is not known may be all the same.
    func isErased(_ scope: TenantScope, _ slot: KeySlot) -> Bool {
        state.withLock { $0.gone.contains(scope.tenant) || $0.erased.contains(SlotKey(tenant: scope.tenant, slot: slot)) }
    }

    /// Forgets every key of a tenant for good: they were destroyed, and whoever is unwrapping one at this moment keeps it to himself.
    func forget(_ tenant: TenantID) {
        state.withLock { state in
            state.gone.insert(tenant)
            state.newest.remove { $0.tenant == tenant }
            state.versions.remove { $0.tenant == tenant }
        }
    }

    /// How many keys of a tenant are here.
    func count(of tenant: TenantID) -> Int { state.withLock { $0.versions.count { $0.tenant == tenant } } }

    /// Forgets every key.
    func forgetAll() {
        state.withLock { state in
            state.newest = Generations()
            state.versions = Generations()
        }
    }
}
