// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension EnvelopeKeys {
    /// Wraps a key under what its kind is wrapped under now.
    func wrap(
        _ key: Secret, id: KeyID, slot: KeySlot, version: Int, createdAt: Int64, _ scope: TenantScope
    ) async throws -> WrappedKey {
        let (wrappedBy, wrapped): (String, String)
        switch slot.kind {
        case .tenant:
            wrappedBy = try await roots.currentID()
            wrapped = try await roots.wrap(
                key, under: wrappedBy, authenticating: associatedData(scope, slot: slot, id: id, version: version, wrappedBy: wrappedBy))
        case .data, .subject, .pseudonym:
            let tenantKey = try await writingKey(scope, slot: .tenant)
            wrappedBy = tenantKey.idText
            let associated = associatedData(scope, slot: slot, id: id, version: version, wrappedBy: wrappedBy)
            wrapped = try key.withBytes { bytes throws(CryptoError) in
                try tenantKey.cipher.seal(bytes, authenticating: associated).text
            }
        }
        return WrappedKey(id: id, slot: slot, version: version, wrappedBy: wrappedBy, wrapped: wrapped, createdAt: createdAt)
    }

    /// Unwraps a stored key to use it.
    func unwrap(_ stored: WrappedKey, _ scope: TenantScope) async throws -> DataKey {
        try DataKey(stored, key: try await unwrapped(stored, scope))
    }

    /// The bytes of a stored key.
    func unwrapped(_ stored: WrappedKey, _ scope: TenantScope) async throws -> Secret {
        let associated = associatedData(scope, slot: stored.slot, id: stored.id, version: stored.version, wrappedBy: stored.wrappedBy)
        switch stored.slot.kind {
        case .tenant:
            do throws(KEKError) {
                return try await roots.unwrap(stored.wrapped, under: stored.wrappedBy, authenticating: associated)
            } catch {
                if case .unavailable = error { throw error }
                throw EncryptionError.undecryptable
            }
        case .data, .subject, .pseudonym:
            guard let id = KeyID(stored.wrappedBy), let text = CipherText(stored.wrapped) else { throw EncryptionError.undecryptable }
            let tenantKey = try await readingKey(scope, id: id)
            guard tenantKey.slot == .tenant else { throw EncryptionError.undecryptable }
            do throws(CryptoError) {
                return try tenantKey.cipher.open(text, authenticating: associated)
            } catch {
                throw EncryptionError.undecryptable
            }
        }
    }

    private func associatedData(_ scope: TenantScope, slot: KeySlot, id: KeyID, version: Int, wrappedBy: String) -> [UInt8] {
        var fields = LengthPrefixed(
            "panelhost.key.v1", slot.kind.rawValue, installation, scope.tenant.description, slot.plugin, slot.purpose,
            id.description, wrappedBy)
        fields.append(Int64(version))
        return fields.bytes
    }
}
