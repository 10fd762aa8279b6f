// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

@Suite("PendingAudit")
struct PendingAuditTests {
    private final class Log: AuditAppending {
        struct Full: Error {}
        let events = Mutex<[AuditEvent]>([])
        let isFull = Mutex(false)

        func append(_ event: AuditEvent) throws {
            if isFull.withLock({ $0 }) { throw Full() }
            events.withLock { $0.append(event) }
        }

        var outcomes: [AuditOutcome] { events.withLock { $0.map(\.outcome) } }
    }

    private let log = Log()
    private let fallback = AuditFallback()
    private let permit = Fixture.permit(.invokePayment)
    private let subject = AuditSubject(resource: "payment:1", detail: ["amount_minor": 1230], correlation: "c1", address: "::1")

    @Test("records the beginning, then the end, and leaves nothing behind")
    func closes() throws {
        let pending = try PendingAudit.begin(permit, subject, into: log, fallback: fallback)
        let started = pending.startedEvent
        try pending.close(.success, detail: ["status": "succeeded"], into: log)

        #expect(log.outcomes == [.started, .success])
        #expect(fallback.count == 0)
        let last = log.events.withLock { $0[1] }
        #expect(last.detail == ["status": "succeeded", "started": .string(started.description)])
        #expect(last.correlation == "c1" && last.actor == "system:test" && last.tenant == Fixture.acme && last.address == "::1")
    }

    @Test("no record, no run")
    func refusesToBegin() {
        log.isFull.withLock { $0 = true }

        #expect(throws: Log.Full.self) { _ = try PendingAudit.begin(permit, subject, into: log, fallback: fallback) }
        #expect(fallback.count == 0)
    }

    @Test("dropped, it is recorded as abandoned")
    func dropped() throws {
        do {
            let pending = try PendingAudit.begin(permit, subject, into: log, fallback: fallback)
            _ = pending.startedEvent
        }

        let events = fallback.drain()
        #expect(events.map(\.outcome) == [.abandoned])
        #expect(events.first?.detail["started"] == .string(log.events.withLock { $0[0].id.description }))
        #expect(fallback.count == 0)
    }

    @Test("an end that cannot be written is abandoned, not lost")
    func failedClose() throws {
        let pending = try PendingAudit.begin(permit, subject, into: log, fallback: fallback)
        log.isFull.withLock { $0 = true }

        // A closure of the test macro cannot use up what it captures.
        do {
            try pending.close(.success, into: log)
            Issue.record("closed into a full log")
        } catch is Log.Full {}
        #expect(fallback.drain().map(\.outcome) == [.abandoned])
    }

    @Test("closes through a transaction that may fail to commit")
    func committing() async throws {
        let log = self.log
        let good = try await PendingAudit.begin(permit, subject, fallback: fallback) { try log.append($0) }
        let answer = try await good.close(
            .failure,
            committing: {
                try log.append($0); return 7
            })
        #expect(answer == 7 && log.outcomes == [.started, .failure] && fallback.count == 0)

        let bad = try await PendingAudit.begin(permit, subject, fallback: fallback) { try log.append($0) }
        do {
            try await bad.close(.success, committing: { _ in throw Log.Full() })
            Issue.record("closed without a commit")
        } catch is Log.Full {}
        #expect(fallback.drain().map(\.outcome) == [.abandoned])
    }

    @Test("the fallback counts what it could not keep")
    func overflow() {
        let small = AuditFallback(limit: 2)
        let events = (0..<3).map { AuditEvent(of: permit, resource: "\($0)", outcome: .abandoned, correlation: "") }
        for event in events { small.record(event) }

        #expect(small.count == 2 && small.lost == 1)
        let drained = small.drain()
        small.record(events[2])
        small.putBack(drained)
        #expect(small.drain().map(\.resource) == ["0", "2"] && small.lost == 2)
    }
}
