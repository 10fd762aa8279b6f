// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

@Suite("EncryptionService")
struct EncryptionServiceTests {
    private let store = MemoryKeyStore()
    private let plaintext = Array("sk_test_51Hxyz".utf8)

    private func service(_ ring: KEKRing = Fixture.ring, limits: KeyUseLimits = KeyUseLimits()) throws -> EncryptionService {
        try EncryptionService(ring: ring, store: store, limits: limits)
    }

    // swift-format-ignore: NeverForceUnwrap
    private static func place(
        tenant: TenantID = Fixture.acme, plugin: String = "stripe", field: String = "plugin_config.value", record: String = "r1"
    ) -> SealedLocation {
        SealedLocation(tenant: tenant, plugin: PluginID(plugin)!, field: field, record: record)
    }

    @Test("writes iv:authtag:content in lower-case hex and reads it back")
    func roundTrip() async throws {
        let service = try service()
        let sealed = try await service.seal(plaintext, as: Self.place())

        let parts = sealed.text.split(separator: ":", omittingEmptySubsequences: false)
        #expect(parts.map(\.count) == [24, 32, plaintext.count * 2])
        #expect(sealed.text.allSatisfy { "0123456789abcdef:".contains($0) })
        #expect(try await service.open(sealed, at: Self.place()).revealedBytes() == plaintext)
        #expect(try await service.seal(plaintext, as: Self.place()).text != sealed.text)
        let empty = try await service.seal([UInt8](), as: Self.place())
        #expect(try await service.open(empty, at: Self.place()).isEmpty)
    }

    @Test("opens after a restart, and with an old root behind a new one")
    func restart() async throws {
        let sealed = try await service(KEKRing(parsing: "k1:\(Fixture.key(1))")).seal(plaintext, as: Self.place())

        #expect(try await service(Fixture.ring).open(sealed, at: Self.place()).revealedBytes() == plaintext)
        await #expect(throws: EncryptionError.undecryptable) {
            try await service(KEKRing(parsing: "k1:\(Fixture.key(9))")).open(sealed, at: Self.place())
        }
        await #expect(throws: EncryptionError.undecryptable) {
            try await service(KEKRing(parsing: "k9:\(Fixture.key(1))")).open(sealed, at: Self.place())
        }
    }

    @Test("nothing sealed at one place opens at another: every pair of tenant, plugin, field and record")
    func swaps() async throws {
        let service = try service()
        var places: [SealedLocation] = []
        for tenant in [Fixture.acme, Fixture.globex] {
            for plugin in ["stripe", "stripe-2"] {
                for field in ["plugin_config.value", "plugin_config.valu", "plugin_storage.value"] {
                    for record in ["r1", "er1", "r2"] {
                        places.append(Self.place(tenant: tenant, plugin: plugin, field: field, record: record))
                    }
                }
            }
        }
        var sealed: [Sealed] = []
        for place in places { sealed.append(try await service.seal(plaintext, as: place)) }

        var refused = 0
        for (from, value) in sealed.enumerated() {
            for (to, place) in places.enumerated() {
                if from == to {
                    #expect(try await service.open(value, at: place).revealedBytes() == plaintext)
                } else {
                    await #expect(throws: EncryptionError.undecryptable) { try await service.open(value, at: place) }
                    // The thief also brings the key columns that belong to the other place.
                    let dressed = Sealed(text: value.text, keyID: sealed[to].keyID, keyVersion: sealed[to].keyVersion)
                    await #expect(throws: EncryptionError.undecryptable) { try await service.open(dressed, at: place) }
                    refused += 1
                }
            }
        }
        #expect(refused == 36 * 35)
    }

    @Test("a wrapped key does not open in another tenant's, plugin's or version's row")
    func wrappedKeySwaps() async throws {
        let first = try service()
        let sealed = try await first.seal(plaintext, as: Self.place())
        _ = try await first.seal(plaintext, as: Self.place(tenant: Fixture.globex))
        // Copies acme's rows over globex's, under globex's ids.
        store.state.withLock { state in
            for (slot, key) in state.keys where slot.tenant == Fixture.globex {
                let twin = state.keys[.init(tenant: Fixture.acme, slot: slot.slot, version: slot.version)]!
                state.keys[slot] = WrappedKey(
                    id: twin.id, slot: twin.slot, version: twin.version, wrappedBy: twin.wrappedBy, wrapped: twin.wrapped, createdAt: 0)
                _ = key
            }
        }

        let second = try service()
        await #expect(throws: EncryptionError.undecryptable) {
            try await second.open(sealed, at: Self.place(tenant: Fixture.globex))
        }
        #expect(try await second.open(sealed, at: Self.place()).revealedBytes() == plaintext)
    }

    @Test("one changed bit anywhere is noticed")
    func bitFlips() async throws {
        let service = try service()
        let sealed = try await service.seal(plaintext, as: Self.place())
        let text = Array(sealed.text.utf8)

        for index in text.indices where text[index] != UInt8(ascii: ":") {
            var changed = text
            changed[index] = changed[index] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            let forged = Sealed(text: String(decoding: changed, as: UTF8.self), keyID: sealed.keyID, keyVersion: sealed.keyVersion)
            await #expect(throws: EncryptionError.undecryptable) { try await service.open(forged, at: Self.place()) }
        }
        for (id, version) in [(sealed.keyID, 2), (sealed.keyID, 0), (KeyID.make().description, 1), ("", 1)] {
            let forged = Sealed(text: sealed.text, keyID: id, keyVersion: version)
            await #expect(throws: EncryptionError.undecryptable) { try await service.open(forged, at: Self.place()) }
        }
    }

    @Test(
        "another spelling is malformed",
        arguments: [
            "", "::", "a:b:c", "00:00:00", "plain text",
            "AABBCCDDEEFF001122334455:00112233445566778899aabbccddeeff:00",
            "aabbccddeeff001122334455:00112233445566778899aabbccddeeff",
            "aabbccddeeff001122334455:00112233445566778899aabbccddeeff:00:",
            "aabbccddeeff001122334455:00112233445566778899aabbccddeeff:0",
            "aabbccddeeff001122334455:00112233445566778899aabbccddee:00",
            " aabbccddeeff001122334455:00112233445566778899aabbccddeeff:00",
        ])
    func malformed(text: String) async throws {
        let service = try service()

        await #expect(throws: EncryptionError.malformed) {
            try await service.open(Sealed(text: text, keyID: KeyID.make().description, keyVersion: 1), at: Self.place())
        }
    }

    @Test("keys are made once, per tenant, plugin and table, and each is audited in its tenant's trail")
    func keysAreMadeOnce() async throws {
        let (first, second) = (try service(), try service())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<32 {
                group.addTask { _ = try await (index.isMultiple(of: 2) ? first : second).seal(plaintext, as: Self.place()) }
            }
            try await group.waitForAll()
        }
        _ = try await first.seal(plaintext, as: Self.place(tenant: Fixture.globex))

        let (keys, audit) = store.state.withLock { ($0.keys, $0.audit) }
        #expect(keys.count == 4)
        #expect(audit.map(\.action) == Array(repeating: "key.create", count: 4))
        #expect(audit.filter { $0.tenant == Fixture.globex }.count == 2)
        #expect(keys.values.allSatisfy { !$0.wrapped.contains(Fixture.key(1)) })
    }

    @Test("a key is replaced at its soft limit, and what it sealed still opens")
    func softLimit() async throws {
        let service = try service(limits: KeyUseLimits(soft: 8, hard: 16, block: 4))
        var sealed: [Sealed] = []
        for _ in 0..<20 { sealed.append(try await service.seal(plaintext, as: Self.place())) }

        #expect(sealed.map(\.keyVersion) == Array(repeating: 1, count: 8) + Array(repeating: 2, count: 8) + Array(repeating: 3, count: 4))
        for value in sealed { #expect(try await service.open(value, at: Self.place()).revealedBytes() == plaintext) }
    }

    @Test("a key that cannot be replaced works up to its hard limit and not once more")
    func hardLimit() async throws {
        let service = try service(limits: KeyUseLimits(soft: 8, hard: 16, block: 4))
        _ = try await service.seal(plaintext, as: Self.place())
        store.state.withLock { $0.refusesInserts = true }

        for _ in 1..<16 { #expect(try await service.seal(plaintext, as: Self.place()).keyVersion == 1) }
        await #expect(throws: EncryptionError.keyExhausted) { try await service.seal(plaintext, as: Self.place()) }
    }

    @Test("uses are counted across restarts")
    func restartsCount() async throws {
        let limits = KeyUseLimits(soft: 8, hard: 16, block: 4)
        var versions: [Int] = []
        for _ in 0..<4 { versions.append(try await service(limits: limits).seal(plaintext, as: Self.place()).keyVersion) }

        #expect(versions == [1, 1, 2, 2])
    }

    @Test("rotation makes a new version; the old one still opens")
    func rotation() async throws {
        let service = try service()
        let before = try await service.seal(plaintext, as: Self.place())

        #expect(try await service.rotate(Self.place()) == 2)
        #expect(try await service.seal(plaintext, as: Self.place()).keyVersion == 2)
        #expect(try await service.open(before, at: Self.place()).revealedBytes() == plaintext)
    }

    @Test("a fingerprint tells values apart and places as well")
    func fingerprints() async throws {
        let service = try service()
        let here = try await service.fingerprint(of: plaintext, at: Self.place())

        #expect(here.count == 8)
        #expect(try await here == service.fingerprint(of: plaintext, at: Self.place()))
        #expect(try await here != service.fingerprint(of: plaintext + [0], at: Self.place()))
        #expect(try await here != service.fingerprint(of: plaintext, at: Self.place(tenant: Fixture.globex)))
    }

    @Test("a pseudonym is the same in a tenant, whatever is rotated, and differs between tenants, kinds and values")
    func pseudonyms() async throws {
        let (acme, globex) = (Fixture.permit(.auditRead).scope, Fixture.permit(.auditRead, in: Fixture.globex).scope)
        func again(_ value: String, _ kind: String, _ scope: TenantScope) async throws -> String {
            // Another host each time, and with another root key in front.
            let ring = try KEKRing(parsing: "k\(Int.random(in: 10...99)):\(Fixture.key(.random(in: 9...99))) k2:\(Fixture.key(2))")
            return try await service(ring).pseudonym(of: value, as: kind, in: scope)
        }
        let name = try await service().pseudonym(of: "+4915112345678", as: "destination", in: acme)

        #expect(name.count == 64)
        #expect(try await name == again("+4915112345678", "destination", acme))
        #expect(try await name != again("+4915112345679", "destination", acme))
        #expect(try await name != again("+4915112345678", "user", acme))
        #expect(try await name != again("+4915112345678", "destination", globex))
    }
}
