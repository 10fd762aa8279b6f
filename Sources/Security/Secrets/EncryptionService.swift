// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Encrypts what is stored, so that it opens only where it was stored.
///
/// AES-256-GCM under a key of the tenant's, plugin's and table's own. The tag covers tenant, plugin, field, record,
/// key and version: a value that was copied to another row, plugin or tenant does not decrypt.
public final class EncryptionService: Sendable {
    let keys: EnvelopeKeys

    /// A service over stored keys.
    ///
    /// The installation's name is part of what each tag covers. Limits that would let a key be used more often than is safe
    /// are refused.
    public init(
        ring: any KEKProvider, store: any KeyStore, installation: String = "panelhost", limits: KeyUseLimits = KeyUseLimits(),
        clock: WallClock = .system
    ) throws(EncryptionError) {
        guard limits.block > 0, limits.soft > 0, limits.soft <= limits.hard, limits.hard <= 1 << 32, limits.recheck >= 0 else {
            throw .unavailable(Redacted("the limits of key uses are not usable: \(limits)"))
        }
        keys = EnvelopeKeys(roots: ring, store: store, installation: installation, limits: limits, clock: clock)
    }

    /// Encrypts bytes for one place.
    ///
    /// May write to the key store: do not call it inside a transaction.
    public func seal(_ plaintext: [UInt8], as location: SealedLocation) async throws(EncryptionError) -> Sealed {
        let scope = TenantScope(location.tenant)
        do {
            let key = try await keys.writingKey(scope, slot: location.slot)
            let associated = location.associatedData(installation: keys.installation, keyID: key.idText, version: key.version)
            return try key.sealed(plaintext, authenticating: associated)
        } catch {
            throw Self.encryptionError(error)
        }
    }

    /// Encrypts a secret for one place.
    public func seal(_ plaintext: Secret, as location: SealedLocation) async throws(EncryptionError) -> Sealed {
        try await seal(plaintext.revealedBytes(), as: location)
    }

    /// Decrypts what was sealed for exactly this place.
    public func open(_ sealed: Sealed, at location: SealedLocation) async throws(EncryptionError) -> Secret {
        guard let text = CipherText(sealed.text) else { throw .malformed }
        guard let keyID = KeyID(sealed.keyID) else { throw .undecryptable }
        do {
            let key = try await keys.readingKey(TenantScope(location.tenant), id: keyID)
            guard key.version == sealed.keyVersion, key.slot == location.slot else { throw EncryptionError.undecryptable }
            let associated = location.associatedData(installation: keys.installation, keyID: key.idText, version: key.version)
            return try key.cipher.open(text, authenticating: associated)
        } catch {
            throw Self.encryptionError(error)
        }
    }

    /// Makes a new key version for what is stored at places like this one; what was sealed before still opens.
    ///
    /// Answers the new version; nothing was ever sealed there when it is 0.
    public func rotate(_ location: SealedLocation) async throws(EncryptionError) -> Int {
        do {
            return try await keys.rotate(TenantScope(location.tenant), slot: location.slot)?.version ?? 0
        } catch {
            throw Self.encryptionError(error)
        }
    }

    /// Eight hex digits by which an administrator recognises a stored secret without seeing it.
    ///
    /// Keyed, and different at each place: equal secrets of two tenants do not show as equal.
    public func fingerprint(
        of plaintext: some Collection<UInt8> & Sendable, at location: SealedLocation
    ) async throws(EncryptionError) -> String {
        var fields = LengthPrefixed(
            "panelhost.fingerprint.v1", location.tenant.description, location.plugin.description, location.field, location.record)
        fields.append(plaintext)
        return Hex.encode(try await authenticate(fields, in: TenantScope(location.tenant)).prefix(4))
    }

    /// A name by which the host knows a value again that it does not keep in clear, such as a telephone number.
    ///
    /// Keyed, so that nobody finds the value by trying all there are. The same in a whole tenant, unlike a fingerprint.
    public func pseudonym(of value: String, as kind: String, in scope: TenantScope) async throws(EncryptionError) -> String {
        Hex.encode(try await authenticate(Self.pseudonymFields(value, kind, scope), in: scope))
    }

    static func pseudonymFields(_ value: String, _ kind: String, _ scope: TenantScope) -> LengthPrefixed {
        LengthPrefixed("panelhost.pseudonym.v1", scope.tenant.description, kind, value)
    }

    private func authenticate(_ fields: LengthPrefixed, in scope: TenantScope) async throws(EncryptionError) -> [UInt8] {
        do {
            guard let key = try await keys.newest(scope, slot: .pseudonym).mac else { throw EncryptionError.undecryptable }
            return HMAC.authenticate(fields.bytes, key: key)
        } catch {
            throw Self.encryptionError(error)
        }
    }

    static func encryptionError(_ error: any Error) -> EncryptionError {
        if let error = error as? EncryptionError { return error }
        if case CryptoError.notAuthentic = error { return .undecryptable }
        return .unavailable(Redacted(String(reflecting: error)))
    }
}

extension DataKey {
    /// Encrypts under this version, and says so.
    func sealed(_ plaintext: [UInt8], authenticating associated: [UInt8]) throws -> Sealed {
        let text = try plaintext.withUnsafeBytes { try cipher.seal($0, authenticating: associated) }
        return Sealed(text: text.text, keyID: idText, keyVersion: version)
    }
}
