// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

@Suite("Personal data")
struct PersonalDataTests {
    private let store = MemoryKeyStore()
    private let clock = TestClock()
    private let acme = Fixture.permit(.auditRead).scope
    private let globex = Fixture.permit(.auditRead, in: Fixture.globex).scope
    private let address = Array("ada@acme.test, 203.0.113.7".utf8)
    private let place = PersonalPlace(field: "audit_events.personal", record: "e1")

    private func service() throws -> EncryptionService {
        try EncryptionService(ring: Fixture.ring, store: store, clock: clock.wall)
    }

    @Test("opens at its place only, without being told whose it is")
    func places() async throws {
        let service = try service()
        let sealed = try await service.sealPersonal(address, subject: "user:ada", at: place, acme)

        #expect(try await service.openPersonal(sealed, at: place, acme).revealedBytes() == address)
        for other in [PersonalPlace(field: place.field, record: "e2"), PersonalPlace(field: "audit_events.persona", record: "le1")] {
            await #expect(throws: EncryptionError.undecryptable) { try await service.openPersonal(sealed, at: other, acme) }
        }
        await #expect(throws: EncryptionError.undecryptable) { try await service.openPersonal(sealed, at: place, globex) }
        // A plugin's key opens no personal data, and the other way round.
        // swift-format-ignore: NeverForceUnwrap
        let config = SealedLocation(tenant: Fixture.acme, plugin: PluginID("stripe")!, field: place.field, record: place.record)
        let secret = try await service.seal(address, as: config)
        await #expect(throws: EncryptionError.undecryptable) { try await service.openPersonal(secret, at: place, acme) }
        await #expect(throws: EncryptionError.undecryptable) { try await service.open(sealed, at: config) }
    }

    @Test("each person has a key of their own in each tenant, and the store does not say who")
    func keys() async throws {
        let service = try service()
        var sealed: [Sealed] = []
        for (subject, scope) in [("user:ada", acme), ("user:ada", acme), ("user:bob", acme), ("user:ada", globex)] {
            sealed.append(try await service.sealPersonal(address, subject: subject, at: place, scope))
        }

        #expect(sealed[0].keyID == sealed[1].keyID && Set(sealed.map(\.keyID)).count == 3)
        let purposes = store.state.withLock { $0.keys.values.map(\.slot).filter { $0.kind == .subject }.map(\.purpose) }
        #expect(Set(purposes).count == 3 && purposes.allSatisfy { $0.count == 64 && !$0.contains("ada") })
        #expect(store.state.withLock { $0.audit.allSatisfy { $0.detail["kind"] != "subject" } }, "people's keys are not in the trail")
    }

    @Test("erasing destroys the wrapped key, is audited, and leaves everybody else alone")
    func erasure() async throws {
        let service = try service()
        let (ada, bob) = (
            try await service.sealPersonal(address, subject: "user:ada", at: place, acme),
            try await service.sealPersonal(address, subject: "user:bob", at: place, acme)
        )
        let elsewhere = try await service.sealPersonal(address, subject: "user:ada", at: place, globex)

        #expect(try await service.eraseSubject("user:ada", acme, by: "user:admin"))

        await #expect(throws: EncryptionError.erased) { try await service.openPersonal(ada, at: place, acme) }
        await #expect(throws: EncryptionError.erased) { try await service.sealPersonal(address, subject: "user:ada", at: place, acme) }
        #expect(try await service.openPersonal(bob, at: place, acme).revealedBytes() == address)
        #expect(try await service.openPersonal(elsewhere, at: place, globex).revealedBytes() == address)
        let row = store.state.withLock { $0.keys.values.first { $0.id.description == ada.keyID } }
        #expect(row?.wrapped == "" && row?.wrappedBy == "" && row?.erasedAt == clock.now)
        let event = store.state.withLock { $0.audit.last }
        #expect(event?.action == "subject.erase" && event?.tenant == Fixture.acme && event?.actor == "user:admin")
        #expect(event?.resource.contains("ada") == false)
        #expect(try await service.eraseSubject("user:ada", acme, by: "user:admin") == false, "there is nothing left to destroy")
    }

    @Test("a person can be erased before anything was stored about them")
    func tombstone() async throws {
        let service = try service()

        #expect(try await service.eraseSubject("user:eve", acme, by: "user:admin") == false)
        await #expect(throws: EncryptionError.erased) { try await service.sealPersonal(address, subject: "user:eve", at: place, acme) }
        await #expect(throws: EncryptionError.erased) {
            try await self.service().sealPersonal(address, subject: "user:eve", at: place, acme)
        }
    }

    @Test("another host that has the key in memory follows within the recheck time")
    func otherHost() async throws {
        let (here, there) = (try service(), try service())
        let sealed = try await here.sealPersonal(address, subject: "user:ada", at: place, acme)
        #expect(try await there.openPersonal(sealed, at: place, acme).revealedBytes() == address)
        _ = try await there.sealPersonal(address, subject: "user:ada", at: place, acme)

        try await here.eraseSubject("user:ada", acme, by: "user:admin")
        clock.advance(KeyUseLimits().recheck)

        await #expect(throws: EncryptionError.erased) { try await there.openPersonal(sealed, at: place, acme) }
        await #expect(throws: EncryptionError.erased) { try await there.sealPersonal(address, subject: "user:ada", at: place, acme) }
    }
}
