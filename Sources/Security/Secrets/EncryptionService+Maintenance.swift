// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What the jobs over keys and rows do to one of them at a time.
extension EncryptionService {
    /// A stored key under what its kind is wrapped under now; nil when it is already.
    package func rewrapped(_ stored: WrappedKey, _ scope: TenantScope) async throws(EncryptionError) -> WrappedKey? {
        guard stored.erasedAt == nil else { return nil }
        do {
            let current =
                switch stored.slot.kind {
                case .tenant: try await keys.roots.currentID()
                case .data, .subject, .pseudonym: try await keys.newest(scope, slot: .tenant).idText
                }
            guard stored.wrappedBy != current else { return nil }
            return try await keys.wrap(
                try await keys.unwrapped(stored, scope), id: stored.id, slot: stored.slot, version: stored.version,
                createdAt: stored.createdAt, scope)
        } catch {
            throw Self.encryptionError(error)
        }
    }

    /// A sealed value under the newest version of its place's key; nil when it is already.
    package func resealed(_ sealed: Sealed, at location: SealedLocation) async throws(EncryptionError) -> Sealed? {
        do {
            guard try await keys.newest(TenantScope(location.tenant), slot: location.slot).idText != sealed.keyID else { return nil }
        } catch {
            throw Self.encryptionError(error)
        }
        return try await seal(try await open(sealed, at: location), as: location)
    }

    /// Takes every key of a tenant whose keys were destroyed out of memory, for good.
    package func forget(_ tenant: TenantID) { keys.cache.forget(tenant) }

    /// How many unwrapped keys of a tenant are in memory.
    package func keysInMemory(of tenant: TenantID) -> Int { keys.cache.count(of: tenant) }

    /// Makes a new version of one key; 0 when there is none yet.
    package func rotate(_ slot: KeySlot, _ scope: TenantScope) async throws(EncryptionError) -> Int {
        guard slot.kind == .tenant || slot.kind == .data else { return 0 }
        do {
            return try await keys.rotate(scope, slot: slot)?.version ?? 0
        } catch {
            throw Self.encryptionError(error)
        }
    }
}
