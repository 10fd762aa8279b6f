// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Encrypts what is stored, so that it opens only where it was stored.
///
/// AES-256-GCM under a key of the tenant's, plugin's and table's own. The tag covers tenant, plugin, field, record,
/// key and version: a value that was copied to another row, plugin or tenant does not decrypt.
public final class EncryptionService: Sendable {
    private let keys: EnvelopeKeys
    private let fingerprintKey: Secret

    /// A service over stored keys.
    ///
    /// The installation's name is part of what each tag covers.
    public init(
        ring: KEKRing, store: any KeyStore, installation: String = "panelhost", limits: KeyUseLimits = KeyUseLimits(),
        clock: WallClock = .system
    ) throws(EncryptionError) {
        do throws(CryptoError) {
            keys = try EnvelopeKeys(ring: ring, store: store, installation: installation, limits: limits, clock: clock)
        } catch {
            throw .unavailable(Redacted("\(error)"))
        }
        fingerprintKey = ring.key(for: .fingerprint).key
    }

    /// Encrypts bytes for one place.
    ///
    /// May write to the key store: do not call it inside a transaction.
    public func seal(_ plaintext: [UInt8], as location: SealedLocation) async throws(EncryptionError) -> Sealed {
        let scope = TenantScope(location.tenant)
        do {
            let key = try await keys.writingKey(scope, slot: location.slot)
            let associated = location.associatedData(installation: keys.installation, keyID: key.id, version: key.version)
            let text = try plaintext.withUnsafeBytes { try key.cipher.seal($0, authenticating: associated) }
            return Sealed(text: text.text, keyID: key.id.description, keyVersion: key.version)
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
        let scope = TenantScope(location.tenant)
        do {
            let key = try await keys.readingKey(scope, id: keyID, slot: location.slot, version: sealed.keyVersion)
            let associated = location.associatedData(installation: keys.installation, keyID: key.id, version: key.version)
            return try key.cipher.open(text, authenticating: associated)
        } catch CryptoError.notAuthentic {
            throw .undecryptable
        } catch {
            throw Self.encryptionError(error)
        }
    }

    /// Makes a new key version for what is stored at places like this one; what was sealed before still opens.
    ///
    /// Answers the new version.
    public func rotate(_ location: SealedLocation) async throws(EncryptionError) -> Int {
        do {
            return try await keys.rotate(TenantScope(location.tenant), slot: location.slot).version
        } catch {
            throw Self.encryptionError(error)
        }
    }

    /// Eight hex digits by which an administrator recognises a stored secret without seeing it.
    ///
    /// Keyed, and different at each place: equal secrets of two tenants do not show as equal.
    public func fingerprint(of plaintext: some Collection<UInt8>, at location: SealedLocation) -> String {
        var fields = LengthPrefixed(
            "panelhost.fingerprint.v1", location.tenant.description, location.plugin.description, location.field, location.record)
        fields.append(plaintext)
        return Hex.encode(HMAC.authenticate(fields.bytes, key: fingerprintKey).prefix(4))
    }

    /// A name by which the host knows a value again that it does not keep in clear, such as a telephone number.
    ///
    /// Keyed, so that nobody finds the value by trying all there are. The same in a whole tenant, unlike a fingerprint.
    public func pseudonym(of value: String, as kind: String, in scope: TenantScope) -> String {
        let fields = LengthPrefixed("panelhost.pseudonym.v1", scope.tenant.description, kind, value)
        return Hex.encode(HMAC.authenticate(fields.bytes, key: fingerprintKey))
    }

    private static func encryptionError(_ error: any Error) -> EncryptionError {
        if let error = error as? EncryptionError { return error }
        return .unavailable(Redacted(String(reflecting: error)))
    }
}
