// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Where a sealed piece of personal data lives, within a tenant.
///
/// It opens nowhere else.
public struct PersonalPlace: Hashable, Sendable {
    /// `table.field`.
    public let field: String
    /// The row, by whatever identifies it within the table.
    public let record: String

    /// A place for one value.
    public init(field: String, record: String) {
        self.field = field
        self.record = record
    }
}

/// Personal data: each person has a key of their own in each tenant, and erasing the person is destroying the key.
///
/// What was sealed stays where it is, in append-only tables and proofs among others, and never opens again.
extension EncryptionService {
    /// Encrypts what is known about one person, such as `user:<id>`; see ``PersonalSubject``.
    ///
    /// May write to the key store: do not call it inside a transaction. Throws ``EncryptionError/erased`` for a person who was
    /// erased: nothing new is stored about them, and the caller goes on without the personal part.
    public func sealPersonal(
        _ plaintext: [UInt8], subject: String, at place: PersonalPlace, _ scope: TenantScope
    ) async throws(EncryptionError) -> Sealed {
        let slot = try await subjectSlot(subject, scope)
        do {
            let key = try await keys.writingKey(scope, slot: slot)
            return try key.sealed(plaintext, authenticating: associatedData(place, key, scope))
        } catch {
            throw Self.encryptionError(error)
        }
    }

    /// Decrypts what was sealed for exactly this place, whoever it is about.
    ///
    /// Throws ``EncryptionError/erased`` once the person was erased.
    public func openPersonal(_ sealed: Sealed, at place: PersonalPlace, _ scope: TenantScope) async throws(EncryptionError) -> Secret {
        guard let text = CipherText(sealed.text) else { throw .malformed }
        guard let keyID = KeyID(sealed.keyID) else { throw .undecryptable }
        do {
            let key = try await keys.readingKey(scope, id: keyID)
            guard key.slot.kind == .subject, key.version == sealed.keyVersion else { throw EncryptionError.undecryptable }
            return try key.cipher.open(text, authenticating: associatedData(place, key, scope))
        } catch {
            throw Self.encryptionError(error)
        }
    }

    /// Destroys the key of one person, with the audit event that says so in the same transaction.
    ///
    /// Works at once here and within the recheck time on other hosts. Answers false when there was nothing to destroy; the
    /// person counts as erased all the same.
    @discardableResult
    public func eraseSubject(
        _ subject: String, _ scope: TenantScope, by actor: String, correlation: String = CallID.make().description
    ) async throws(EncryptionError) -> Bool {
        try await eraseSubject(pseudonym: try await subjectPseudonym(subject, scope), scope, by: actor, correlation: correlation)
    }

    /// Destroys the key of the person whom the audit trail calls `subject:<pseudonym>`: to repeat an erasure after a restore.
    @discardableResult
    public func eraseSubject(
        pseudonym: String, _ scope: TenantScope, by actor: String, correlation: String = CallID.make().description
    ) async throws(EncryptionError) -> Bool {
        let slot = Self.slot(ofPseudonym: pseudonym)
        let event = AuditEvent(
            occurredAt: keys.clock.now(), tenant: scope.tenant, actor: actor, action: "subject.erase",
            resource: "subject:\(slot.purpose)", outcome: .success, correlation: correlation)
        do {
            return try await keys.erase(scope, slot: slot, audit: event) > 0
        } catch {
            throw Self.encryptionError(error)
        }
    }

    /// The name under which a person's key is kept: the store does not say who has one.
    public func subjectPseudonym(_ subject: String, _ scope: TenantScope) async throws(EncryptionError) -> String {
        try await pseudonym(of: subject, as: Self.subjectKind, in: scope)
    }

    /// What subjects' pseudonyms are made as, so that they equal those of nothing else.
    static let subjectKind = "subject"

    func subjectSlot(_ subject: String, _ scope: TenantScope) async throws(EncryptionError) -> KeySlot {
        Self.slot(ofPseudonym: try await subjectPseudonym(subject, scope))
    }

    static func slot(ofPseudonym pseudonym: String) -> KeySlot { KeySlot(kind: .subject, plugin: "", purpose: pseudonym) }

    func associatedData(_ place: PersonalPlace, _ key: DataKey, _ scope: TenantScope) -> [UInt8] {
        var fields = LengthPrefixed(
            "panelhost.personal.v1", keys.installation, scope.tenant.description, key.slot.purpose, place.field, place.record, key.idText)
        fields.append(Int64(key.version))
        return fields.bytes
    }
}
