// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// One run of a host process on this database.
package struct HostRecord: Sendable, Hashable {
    /// Names the run; never used again.
    package let run: String
    package let startedAt: Int64
    package let beats: Int64
    /// Until when nobody may take it for dead, by the shared clock.
    package let leaseUntil: Int64
    package let endedAt: Int64?
}

/// The hosts that share this database: who lives, and what becomes of the work of those who do not.
package struct HostRegistry {
    private let tx: PlatformTransaction

    package init(_ tx: PlatformTransaction) { self.tx = tx }

    /// Adds a run, alive until its lease ends; nothing happens when there is one of that name.
    package func join(_ run: String, milliseconds: Int64, at now: Int64) throws {
        try tx.execute(
            "INSERT INTO hosts (run, started_at, beats, lease_until) VALUES ($1, $2, 0, $3) ON CONFLICT (run) DO NOTHING",
            [.text(run), .int(now), .int(now + milliseconds)])
    }

    /// Prolongs a run's lease; false when it was taken for dead: what it held belongs to others, and the name is used up.
    package func beat(_ run: String, milliseconds: Int64, at now: Int64) throws -> Bool {
        try tx.execute(
            "UPDATE hosts SET beats = beats + 1, lease_until = $2 WHERE run = $1 AND ended_at IS NULL",
            [.text(run), .int(now + milliseconds)]) == 1
    }

    /// The runs that nobody has ended, oldest first.
    package func living() throws -> [HostRecord] {
        try tx.query("SELECT run, started_at, beats, lease_until, ended_at FROM hosts WHERE ended_at IS NULL ORDER BY started_at, run", [])
            .map(HostRecord.init(row:))
    }

    /// Ends the runs whose lease is over; answers their names.
    package func buryOverdue(at now: Int64) throws -> [String] {
        let rows = try tx.query(
            "UPDATE hosts SET ended_at = $1 WHERE ended_at IS NULL AND lease_until <= $1 RETURNING run", [.int(now)])
        let runs = try rows.map { try $0.text("run") }
        for run in runs { try release(run) }
        return runs
    }

    /// Ends a run that is known to be over, whether it has joined or not; false when that was done before.
    @discardableResult
    package func bury(_ run: String, at now: Int64) throws -> Bool {
        let ended = try tx.execute(
            """
            INSERT INTO hosts (run, started_at, beats, lease_until, ended_at) VALUES ($1, $2, 0, 0, $2)
            ON CONFLICT (run) DO UPDATE SET ended_at = excluded.ended_at WHERE hosts.ended_at IS NULL
            """,
            [.text(run), .int(now)])
        guard ended == 1 else { return false }
        try release(run)
        return true
    }

    /// Forgets runs that ended long ago; their names stand nowhere any more.
    package func forget(endedBefore time: Int64) throws {
        try tx.execute(
            """
            DELETE FROM hosts WHERE ended_at < $1 AND NOT EXISTS (
                SELECT 1 FROM payment_attempts a WHERE a.state = 'in_flight' AND a.host_run = hosts.run)
            """, [.int(time)])
    }

    /// What a dead host had taken upon itself is free at once; calls to providers are taken over one by one, by the payments room.
    private func release(_ run: String) throws {
        let holder = [SQLValue.text(run)]
        try tx.enqueue("UPDATE job_leases SET lease_until = 0 WHERE holder = $1", holder)
        try tx.enqueue("UPDATE notifications SET lease_until = 0 WHERE lease_owner = $1", holder)
        try tx.enqueue("UPDATE webhook_events SET claimed_until = 0 WHERE claimed_by = $1", holder)
        try tx.enqueue("UPDATE payments SET claimed_until = 0 WHERE claimed_by = $1", holder)
        try tx.enqueue("UPDATE refunds SET claimed_until = 0 WHERE claimed_by = $1", holder)
    }
}

extension HostRecord {
    init(row: Row) throws {
        self.init(
            run: try row["run"], startedAt: try row["started_at"], beats: try row["beats"], leaseUntil: try row["lease_until"],
            endedAt: try row["ended_at"])
    }
}
