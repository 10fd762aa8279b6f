// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

extension AuditSequencer {
    /// Newest events of a trail that are looked at: what is older was looked at by an earlier start, or is `audit verify`'s to name.
    static let orphanWindow: Int64 = 1000

    /// Puts events into the queue that are neither placed nor waiting, as after a restore that left the queue out.
    ///
    /// Bounded: the newest of each trail. Answers how many there were.
    package func adoptOrphans() async throws -> Int {
        var (after, adopted) = ("", 0)
        while true {
            let start = after
            let (last, found) = try await database.platform(scope) { tx -> (String?, Int) in
                // While another sequences, what looks like an orphan may just be on its way.
                guard try SequencerLock.take(on: tx) else { return (nil, 0) }
                let trails = try tx.query("SELECT id FROM tenants WHERE id > $1 ORDER BY id LIMIT 64", [.text(start)])
                    .map { try $0.text("id") }
                return (trails.last, try trails.reduce(into: 0) { $0 += try Self.adopt($1, on: tx) })
            }
            adopted += found
            guard let last else { return adopted }
            after = last
        }
    }

    private static func adopt(_ trail: String, on tx: PlatformTransaction) throws -> Int {
        try tx.execute(
            """
            INSERT INTO sequencer_queue (tenant_id, event_id)
            SELECT event.tenant_id, event.id FROM (
                SELECT tenant_id, id FROM audit_events WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2) AS event
            WHERE NOT EXISTS (SELECT 1 FROM audit_leaves AS leaf WHERE leaf.tenant_id = $1 AND leaf.event_id = event.id)
                AND NOT EXISTS (SELECT 1 FROM sequencer_queue AS queue WHERE queue.tenant_id = $1 AND queue.event_id = event.id)
            ON CONFLICT (tenant_id, event_id) DO NOTHING
            """, [.text(trail), .int(orphanWindow)])
    }
}
