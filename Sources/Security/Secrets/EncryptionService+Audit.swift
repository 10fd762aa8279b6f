// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// What an event tells of persons, sealed.
package struct SealedPersonal: Sendable, Hashable {
    /// Column `personal`.
    package let column: String
    /// By what the event is found again by its address; nil without one that can be kept.
    package let address: AddressTag?

    /// Stands for an address in one tenant.
    package struct AddressTag: Sendable, Hashable {
        package let tag: String
        /// The key that seals the address: the tag goes when this key does.
        package let keyID: String
    }
}

/// What came of sealing an event without waiting.
package enum AuditSealing: Sendable {
    /// The sealed part, nil when nothing of it may be kept; and keys that ought to be refreshed soon.
    case sealed(SealedPersonal?, due: [PersonalKey])
    /// A key is not in memory: prepare for these, and try again.
    case missing([PersonalNeed])
}

/// A person of a tenant about whom something is to be sealed.
package struct PersonalNeed: Sendable, Hashable {
    package let tenant: TenantID
    package let subject: PersonalSubject

    package init(tenant: TenantID, subject: PersonalSubject) { (self.tenant, self.subject) = (tenant, subject) }
}

/// Names a key of a tenant without being one.
package struct PersonalKey: Sendable, Hashable {
    let tenant: TenantID
    let slot: KeySlot
}

/// The personal part of audit events: sealed where the event is written, opened for those who may read the trail.
extension EncryptionService {
    private static let column = "audit_events.personal"
    /// Lengths say something about what is sealed: they are rounded up.
    private static let padding = 64

    /// Seals with the keys that are in memory, for use inside a transaction.
    package func seal(_ event: AuditEvent) throws(EncryptionError) -> AuditSealing {
        let scope = TenantScope(event.tenant)
        let place = PersonalPlace(field: Self.column, record: event.id.description)
        let (names, namesAreDue): (DataKey, Bool)
        switch keys.inMemory(scope, .pseudonym) {
        case .missing: return .missing(event.personalNeeds)
        // The tenant's keys were destroyed as a whole: nothing new is kept about anybody.
        case .erased: return .sealed(nil, due: [])
        case .key(let key, let isDue): (names, namesAreDue) = (key, isDue)
        }
        var due = namesAreDue ? [PersonalKey(tenant: event.tenant, slot: .pseudonym)] : []
        var ciphers: [String] = []
        var address: SealedPersonal.AddressTag?
        for part in event.personalParts {
            let slot = Self.slot(ofPseudonym: try Self.name(part.subject.description, Self.subjectKind, names, scope))
            switch keys.inMemoryForWriting(scope, slot) {
            case .missing: return .missing(event.personalNeeds)
            // Nothing new is kept about somebody who was erased.
            case .erased: continue
            case .key(let key, let isDue):
                if isDue { due.append(PersonalKey(tenant: event.tenant, slot: slot)) }
                do {
                    let sealed = try key.sealed(Self.padded(part.facts), authenticating: associatedData(place, key, scope))
                    ciphers.append(PersonalCipher(sealed).text)
                } catch {
                    throw Self.encryptionError(error)
                }
                if let text = part.facts[AuditPersonal.addressName]?.stringValue, text == event.address {
                    address = .init(tag: Self.tag(try Self.name(text, Self.addressKind, names, scope)), keyID: key.idText)
                }
            }
        }
        return .sealed(ciphers.isEmpty ? nil : SealedPersonal(column: ciphers.joined(separator: " "), address: address), due: due)
    }

    /// Whether something about a person could be sealed without waiting.
    package func look(for need: PersonalNeed) throws(EncryptionError) -> AuditSealing {
        let scope = TenantScope(need.tenant)
        let (names, namesAreDue): (DataKey, Bool)
        switch keys.inMemory(scope, .pseudonym) {
        case .missing: return .missing([need])
        case .erased: return .sealed(nil, due: [])
        case .key(let key, let isDue): (names, namesAreDue) = (key, isDue)
        }
        var due = namesAreDue ? [PersonalKey(tenant: need.tenant, slot: .pseudonym)] : []
        let slot = Self.slot(ofPseudonym: try Self.name(need.subject.description, Self.subjectKind, names, scope))
        switch keys.inMemory(scope, slot) {
        case .missing: return .missing([need])
        case .erased: break
        case .key(let key, let isDue):
            guard key.reservedUses > 0 else { return .missing([need]) }
            if isDue { due.append(PersonalKey(tenant: need.tenant, slot: slot)) }
        }
        return .sealed(nil, due: due)
    }

    /// Brings a person's key into memory; makes it when there never was one.
    ///
    /// May write to the key store: do not call it inside a transaction.
    package func prepare(for need: PersonalNeed) async throws(EncryptionError) {
        let scope = TenantScope(need.tenant)
        do {
            let slot: KeySlot
            do {
                slot = try await subjectSlot(need.subject.description, scope)
            } catch EncryptionError.erased {
                // The tenant's keys were destroyed as a whole, which the memory knows from now on.
                keys.cache.rememberErased(scope, .pseudonym)
                return
            }
            try await keys.makeReady(scope, slot)
        } catch {
            throw Self.encryptionError(error)
        }
    }

    /// Compares keys with the store: one that was destroyed elsewhere is used no more.
    package func refresh(_ due: [PersonalKey]) async {
        for key in due {
            // A store that does not answer now is asked again when the key is next due.
            try? await keys.refresh(TenantScope(key.tenant), key.slot)
        }
    }

    /// What a stored event tells of persons, as far as it still opens.
    ///
    /// Throws only when the keys could not be read.
    public func opened(_ row: AuditRow) async throws(EncryptionError) -> AuditPersonal {
        guard let column = row.personal else { return .none }
        guard let tenant = TenantID(row.tenant) else { return AuditPersonal(gap: .unreadable) }
        let place = PersonalPlace(field: Self.column, record: row.id)
        var personal = AuditPersonal()
        for cipher in PersonalCipher.parts(of: column) {
            do throws(EncryptionError) {
                guard let cipher else { throw .malformed }
                let plaintext = try await openPersonal(cipher.sealed, at: place, TenantScope(tenant))
                let facts = plaintext.withBytes { Self.facts(in: $0) }
                guard let facts else { throw .malformed }
                personal.facts.merge(facts) { first, _ in first }
            } catch {
                switch error {
                case .erased: personal.gap = personal.gap ?? .erased
                case .unavailable: throw error
                default: personal.gap = .unreadable
                }
            }
        }
        return personal
    }

    /// By what events with an address are found.
    package func addressTag(of address: String, _ scope: TenantScope) async throws(EncryptionError) -> String {
        Self.tag(try await pseudonym(of: address, as: Self.addressKind, in: scope))
    }

    private static let addressKind = "audit_address"

    /// Half of the code is enough to tell a tenant's addresses apart.
    private static func tag(_ code: String) -> String { String(code.prefix(32)) }

    private static func name(_ value: String, _ kind: String, _ key: DataKey, _ scope: TenantScope) throws(EncryptionError) -> String {
        guard let mac = key.mac else { throw .undecryptable }
        return Hex.encode(HMAC.authenticate(pseudonymFields(value, kind, scope).bytes, key: mac))
    }

    private static func padded(_ facts: [String: Value]) -> [UInt8] {
        var bytes = JSON.serialize(.map(facts))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (padding - bytes.count % padding) % padding))
        return bytes
    }

    private static func facts(in bytes: UnsafeRawBufferPointer) -> [String: Value]? {
        let text = bytes.reversed().drop { $0 == UInt8(ascii: " ") }.reversed()
        return (try? JSON.parse(Array(text)))?.mapValue
    }
}
