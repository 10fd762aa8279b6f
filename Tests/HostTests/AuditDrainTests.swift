// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Logging
import Security
import Storage
import Testing

@Suite("Audit drain")
struct AuditDrainTests {
    private func event(_ rig: Rig, _ number: Int) -> AuditEvent {
        AuditEvent(
            tenant: rig.acme.id, actor: "api_key:test", action: "test.drain", resource: "test:\(number)", outcome: .abandoned,
            correlation: "c", address: "203.0.113.7")
    }

    private func written(_ rig: Rig) async throws -> Int64 {
        try await rig.database.platformRead(rig.authority.platform("test")) { tx in
            try tx.query("SELECT COUNT(*) AS n FROM audit_events WHERE action = 'test.drain'", []).first?.int("n") ?? 0
        }
    }

    @Test("more waiting events of one person than one key has uses at hand are written all the same, each once")
    func many() async throws {
        try await Rig.with { rig in
            let fallback = AuditFallback()
            let drain = AuditDrain(
                fallback: fallback, database: rig.database, authority: rig.authority,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            let events = (0..<1500).map { event(rig, $0) }
            // One of them was committed before, by a transaction whose answer was lost.
            let (scope, known) = (rig.authority.platform("test"), events[130])
            try await rig.database.platform(scope) { try $0.append(known) }
            for event in events { fallback.record(event) }

            await drain.flush()

            #expect(try await written(rig) == 1500)
            #expect(fallback.count == 0)
        }
    }
}
