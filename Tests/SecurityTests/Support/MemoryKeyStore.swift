// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization

final class MemoryKeyStore: KeyStore {
    struct Slot: Hashable {
        let tenant: TenantID
        let slot: KeySlot
        let version: Int
    }

    struct State {
        var keys: [Slot: WrappedKey] = [:]
        var uses: [KeyID: Int64] = [:]
        var audit: [AuditEvent] = []
        var refusesInserts = false
    }

    struct Refused: Error {}

    let state = Mutex(State())

    func newestKey(_ scope: TenantScope, slot: KeySlot) async throws -> WrappedKey? {
        state.withLock { state in
            state.keys.filter { $0.key.tenant == scope.tenant && $0.key.slot == slot }.values.max { $0.version < $1.version }
        }
    }

    func key(_ scope: TenantScope, id: KeyID) async throws -> WrappedKey? {
        state.withLock { state in state.keys.first { $0.key.tenant == scope.tenant && $0.value.id == id }?.value }
    }

    func insertKey(_ scope: TenantScope, _ key: WrappedKey, uses: Int64, audit: AuditEvent?) async throws -> Bool {
        try state.withLock { state in
            if state.refusesInserts { throw Refused() }
            let slot = Slot(tenant: scope.tenant, slot: key.slot, version: key.version)
            guard state.keys[slot] == nil else { return false }
            state.keys[slot] = key
            state.uses[key.id] = uses
            if let audit { state.audit.append(audit) }
            return true
        }
    }

    func eraseKeys(_ scope: TenantScope, slot: KeySlot, tombstone: KeyID, at now: Int64, audit: AuditEvent) async throws -> Int {
        state.withLock { state in
            let versions = state.keys.filter { $0.key.tenant == scope.tenant && $0.key.slot == slot }
            func blank(_ id: KeyID, _ version: Int) -> WrappedKey {
                WrappedKey(id: id, slot: slot, version: version, wrappedBy: "", wrapped: "", createdAt: now, erasedAt: now)
            }
            for (place, key) in versions { state.keys[place] = blank(key.id, key.version) }
            if versions.isEmpty { state.keys[Slot(tenant: scope.tenant, slot: slot, version: 1)] = blank(tombstone, 1) }
            state.audit.append(audit)
            return versions.values.filter { $0.erasedAt == nil }.count
        }
    }

    func reserveKeyUses(_ scope: TenantScope, id: KeyID, count: Int64) async throws -> Int64 {
        state.withLock { state in
            let before = state.uses[id, default: 0]
            state.uses[id] = before + count
            return before
        }
    }
}
