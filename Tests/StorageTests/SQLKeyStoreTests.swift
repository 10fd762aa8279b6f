// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("SQLKeyStore", .everyEngine)
struct SQLKeyStoreTests {
    private let slot = KeySlot(kind: .data, plugin: "stripe", purpose: "plugin_config")

    private func key(version: Int, slot: KeySlot? = nil) -> WrappedKey {
        WrappedKey(id: .make(), slot: slot ?? self.slot, version: version, wrappedBy: "root-1", wrapped: "aa:bb:cc", createdAt: 1)
    }

    @Test("finds keys by id and by slot, newest first, in their own tenant only")
    func find() async throws {
        let test = try await TestDatabase()
        let store = SQLKeyStore(test.database)
        let (acme, globex) = (test.scope(test.acme), test.scope(test.globex))
        let keys = [key(version: 1), key(version: 2), key(version: 7, slot: KeySlot(kind: .tenant, plugin: "", purpose: ""))]

        for key in keys { #expect(try await store.insertKey(acme, key, uses: 0, audit: test.event("key.create"))) }

        #expect(try await store.newestKey(acme, slot: slot) == keys[1])
        #expect(try await store.key(acme, id: keys[0].id) == keys[0])
        #expect(try await store.newestKey(globex, slot: slot) == nil)
        #expect(try await store.key(globex, id: keys[0].id) == nil)
        #expect(try await test.read { try AuditRepository($0).search(AuditQuery(action: "key.create")).count } == 3)
    }

    @Test("lets one of many hosts insert a version, and records that one")
    func race() async throws {
        let test = try await TestDatabase()
        let store = SQLKeyStore(test.database)

        let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    try await store.insertKey(test.scope(test.acme), key(version: 1), uses: 0, audit: test.event("key.create"))
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }

        #expect(winners == 1)
        #expect(try await test.read { try AuditRepository($0).search(AuditQuery(action: "key.create")).count } == 1)
    }

    @Test("never reserves the same uses twice")
    func uses() async throws {
        let test = try await TestDatabase()
        let store = SQLKeyStore(test.database)
        let key = key(version: 1)
        _ = try await store.insertKey(test.scope(test.acme), key, uses: 0, audit: test.event())

        let starts = try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<32 { group.addTask { try await store.reserveKeyUses(test.scope(test.acme), id: key.id, count: 1000) } }
            return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
        }

        #expect(starts == Set((0..<32).map { Int64($0 * 1000) }))
        #expect(await StorageError.code { try await store.reserveKeyUses(test.scope(test.globex), id: key.id, count: 1) } == .notFound)
    }
}
