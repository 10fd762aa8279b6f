// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("Audit sinks in the database", .everyEngine)
struct AuditSinkTests {
    private static let now = TestDatabase.now

    @Test("a new sink starts at the end of the trails, and gets what is sequenced from then on")
    func startsAtEnd() async throws {
        let test = try await TestDatabase()
        try await test.fill(3)
        let sink = try await test.addSink()
        #expect(try await test.shipment(for: sink).events.isEmpty)

        try await test.fill(2)
        let shipment = try await test.shipment(for: sink)

        #expect(shipment.events.map(\.index) == [4, 5], "tenant.manage and three of before are not shipped")
        #expect(shipment.steps.map(\.next) == [6])
    }

    @Test("a sink that starts at the beginning gets every trail in order, and each event once its cursor has moved")
    func fromStart() async throws {
        let test = try await TestDatabase()
        try await test.fill(5)
        try await test.fill(3, test.globex)
        let sink = try await test.addSink(fromStart: true)
        let lease = try #require(try await test.lease(sink))

        var limits = AuditShipment.Limits()
        limits.eventsOfTrail = 2
        var (got, after): ([AuditRow], String) = ([], "")
        while true {
            let shipment = try await test.shipment(for: sink, after: after, limits)
            if !shipment.moves { break }
            got += shipment.events
            after = shipment.after
            try await test.accept(shipment, sink, lease)
        }

        for tenant in [test.acme, test.globex] {
            let places = got.filter { $0.tenant == "\(tenant.id)" }.compactMap(\.index)
            #expect(places == Array(0..<(tenant.id == test.acme.id ? 6 : 4)))
        }
        let record = try #require(try await test.sink(sink.name))
        #expect(record.delivered == 10 && record.deliveredAt == Self.now)
        #expect(try await test.database.platformRead(test.platform) { try AuditSinkRepository($0).owed(sink.id) } == 0)
    }

    @Test("nothing moves the cursor but the holder of the lease, and only from where it stood")
    func fencing() async throws {
        let test = try await TestDatabase()
        let sink = try await test.addSink()
        try await test.fill(2)
        let lease = try #require(try await test.lease(sink, holder: "a"))
        let shipment = try await test.shipment(for: sink)
        let heir = try #require(try await test.lease(sink, holder: "b", at: Self.now + 60_000))

        #expect(await StorageError.code { try await test.accept(shipment, sink, lease) } == .leaseLost)
        try await test.accept(shipment, sink, heir)
        #expect(await StorageError.code { try await test.accept(shipment, sink, heir) } == .conflict)
        #expect(try await test.shipment(for: sink).events.isEmpty)
    }

    @Test("what was pruned is skipped and counted, and an event that is gone without a pruning stops its trail")
    func pruned() async throws {
        let test = try await TestDatabase()
        try await test.fill(4)
        try await test.fill(4, test.globex)
        let sink = try await test.addSink(fromStart: true)
        _ = try await test.database.platform(test.platform) {
            try AuditPruning.prune(test.acme.id, olderThan: Self.now + 1, by: "system:test", at: Self.now + 2, on: $0)
        }
        try await test.sequence()
        let victim = try #require(try await test.read(test.globex) { try AuditRepository($0).search(AuditQuery()) }.first { $0.index == 2 })
        try test.tamper(
            (Engine.current == .sqlite ? ["DROP TRIGGER audit_events_never_go"] : []) + [
                "DELETE FROM audit_events WHERE id = '\(victim.id)'"
            ])

        let shipment = try await test.shipment(for: sink)

        #expect(shipment.pruned == 5)
        #expect(shipment.events.filter { $0.tenant == "\(test.acme.id)" }.map(\.action) == ["audit.prune"])
        #expect(shipment.events.filter { $0.tenant == "\(test.globex.id)" }.compactMap(\.index) == [0, 1])
        #expect(shipment.damaged == [test.globex.id: 2])
        #expect(shipment.steps.first { $0.tenant == test.globex.id }?.next == 2)
    }

    @Test("a sink that was paused or removed is owed nothing, whatever its worker still holds")
    func dismissed() async throws {
        let test = try await TestDatabase()
        _ = try await test.database.platform(test.platform) {
            try TenantRegistry($0).create(slug: .platform, name: "P", by: "system:test", correlation: "c", at: Self.now)
        }
        let sink = try await test.addSink()
        try await test.fill(3)
        #expect(try await test.shipment(for: sink).moves)
        _ = try await test.database.platform(test.platform) {
            try AuditSinkRepository($0).setPaused(true, name: "siem", by: "system:test", correlation: "c", at: Self.now)
        }
        #expect(try await !test.shipment(for: sink).moves)
        _ = try await test.database.platform(test.platform) {
            try AuditSinkRepository($0).remove(name: "siem", by: "system:test", correlation: "c", at: Self.now)
        }
        let shipment = try await test.shipment(for: sink)
        #expect(!shipment.moves && shipment.events.isEmpty, "its cursors are gone: it would begin with the oldest event")
    }

    @Test("a leaf that is gone, or a row that cannot be read, stops its trail and no other, and is named")
    func unreadable() async throws {
        for (damage, triggers) in [
            ("DELETE FROM audit_leaves WHERE tenant_id = '%' AND leaf_index = 0", "audit_leaves_never_go"),
            ("UPDATE audit_events SET leaf_hash = 'x' WHERE tenant_id = '%'", "audit_events_never_change"),
        ] {
            let test = try await TestDatabase()
            try await test.fill(2)
            try await test.fill(2, test.globex)
            let sink = try await test.addSink(fromStart: true)
            try test.tamper(
                (Engine.current == .sqlite ? ["DROP TRIGGER \(triggers)"] : []) + [
                    damage.replacing("%", with: "\(test.globex.id)")
                ])

            let shipment = try await test.shipment(for: sink)

            #expect(shipment.damaged == [test.globex.id: 0], "\(damage)")
            let places = shipment.events.compactMap(\.index)
            #expect(places.count >= 2 && places == Array(0..<Int64(places.count)))
            #expect(shipment.events.allSatisfy { $0.tenant == "\(test.acme.id)" })
        }
    }

    @Test("the lag is the age of the oldest event that was not delivered")
    func lag() async throws {
        let test = try await TestDatabase()
        try await test.sequence()
        let sink = try await test.addSink()
        #expect(try await test.oldestOwed(sink) == nil)
        try await test.write { try $0.append(test.event(at: Self.now + 7)) }
        #expect(try await test.oldestOwed(sink) == nil, "it has no place yet")
        try await test.sequence()
        try await test.write(test.globex) { try $0.append(test.event(tenant: test.globex, at: Self.now + 9)) }
        try await test.sequence()

        #expect(try await test.oldestOwed(sink) == Self.now + 7)
        let lease = try #require(try await test.lease(sink))
        var limits = AuditShipment.Limits()
        limits.trails = 1
        let first = try await test.shipment(for: sink, limits)
        try await test.accept(first, sink, lease)
        let left: Int64 = first.steps[0].tenant == test.acme.id ? 9 : 7
        #expect(try await test.oldestOwed(sink) == Self.now + left)
    }

    @Test("sinks are added, paused and removed in the operators' trail, and names are unique")
    func audited() async throws {
        let test = try await TestDatabase()
        let platform = try await test.database.platform(test.platform) {
            try TenantRegistry($0).create(slug: .platform, name: "P", by: "system:test", correlation: "c", at: Self.now)
        }
        let sink = try await test.addSink()
        #expect(await StorageError.code { try await test.addSink() } == .duplicate)
        let (paused, resumed, owedSince, removed, again) = try await test.database.platform(test.platform) { tx in
            let sinks = AuditSinkRepository(tx)
            let paused = try sinks.setPaused(true, name: "siem", by: "system:test", correlation: "c", at: Self.now + 1)
            let resumed = try sinks.setPaused(false, name: "siem", by: "system:test", correlation: "c", at: Self.now + 5)
            let owedSince = try sinks.find(name: "siem")?.owedSince
            let removed = try sinks.remove(name: "siem", by: "system:test", correlation: "c", at: Self.now + 6)
            return (
                paused, resumed, owedSince, removed, try sinks.remove(name: "siem", by: "system:test", correlation: "c", at: Self.now + 6)
            )
        }
        #expect(paused && resumed && removed && !again && owedSince == Self.now + 5)
        let trail = try await test.read(platform) { try AuditRepository($0).search(AuditQuery(resource: "audit_sink:siem")) }
        #expect(trail.map(\.action) == ["audit.sink.remove", "audit.sink.pause", "audit.sink.pause", "audit.sink.add"])
        #expect(trail.allSatisfy { !$0.detail.contains(sink.url) })
    }

    @Test("an event that is neither placed nor waiting is named by the check, and queued again by the next start")
    func orphans() async throws {
        let test = try await TestDatabase()
        try await test.fill(3)
        try await test.write { tx in for _ in 0..<2 { try tx.append(test.event()) } }
        try test.tamper(["DELETE FROM sequencer_queue"])
        #expect(try await test.verify().fault?.kind == .badQueue)

        let sequencer = test.sequencer()
        #expect(try await sequencer.adoptOrphans() == 2)
        #expect(try await sequencer.adoptOrphans() == 0)

        #expect(try await sequencer.drain().sequenced == 2)
        let report = try await test.verify()
        #expect(report.fault == nil && report.verified == 6)
    }
}

extension TestDatabase {
    @discardableResult
    func addSink(_ name: String = "siem", fromStart: Bool = false) async throws -> AuditSinkRecord {
        let sink = AuditSinkRecord(
            name: name, url: "https://siem.example.com/in", format: .json, lagLimit: 60_000, createdAt: Self.now, createdBy: "system:test")
        try await database.platform(platform) {
            try AuditSinkRepository($0).add(sink, fromStart: fromStart, by: "system:test", correlation: "c")
        }
        return sink
    }

    func sink(_ name: String) async throws -> AuditSinkRecord? {
        try await database.platformRead(platform) { try AuditSinkRepository($0).find(name: name) }
    }

    func shipment(
        for sink: AuditSinkRecord, after: String = "", _ limits: AuditShipment.Limits = AuditShipment.Limits()
    ) async throws -> AuditShipment {
        try await database.platformRead(platform) { try AuditShipment.next(for: sink.id, after: after, limits: limits, on: $0) }
    }

    func accept(_ shipment: AuditShipment, _ sink: AuditSinkRecord, _ lease: JobLease) async throws {
        try await database.platform(platform) { try shipment.accept(for: sink.id, lease: lease, at: Self.now, on: $0) }
    }

    func lease(_ sink: AuditSinkRecord, holder: String = "a", at now: Int64 = TestDatabase.now) async throws -> JobLease? {
        try await database.platform(platform) {
            try JobLeases($0).acquire("audit_sink:\(sink.id)", holder: holder, milliseconds: 60_000, at: now)
        }
    }

    func oldestOwed(_ sink: AuditSinkRecord) async throws -> Int64? {
        try await database.platformRead(platform) { try AuditSinkRepository($0).oldestOwed(sink.id) }
    }
}
