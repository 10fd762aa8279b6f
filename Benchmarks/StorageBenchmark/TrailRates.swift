// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Security
import Storage
import Values

/// A long trail: how fast it is sequenced, and how long it takes to read and check all of it.
struct TrailRates {
    private static let batch = 500

    private let stage: Stage
    private let count: Int

    init(_ stage: Stage, events: Int) { (self.stage, count) = (stage, events) }

    func run() async throws -> Value {
        guard let name = LogName("panel.example/audit") else { throw Failed("a name") }
        let signer = AuditSigner(NoteSigner(name: name, key: try .generate()))
        say(Comparison.heading("a trail of \(grouped(Double(count))) events", ""))
        return [
            "events": Value(count),
            "postgresql": try await rates(stage.postgres, "PostgreSQL", signer), "sqlite": try await rates(stage.sqlite, "SQLite", signer),
        ]
    }

    private func rates(_ database: any Database, _ engine: String, _ signer: AuditSigner) async throws -> Value {
        let (scope, authority) = (stage.scope, stage.authority)
        let sequencer = AuditSequencer(database: database, authority: authority, signers: AuditSigners { signer })
        // What other measurements have left.
        try await sequencer.drain()
        let clock = ContinuousClock()
        var (written, sequenced) = (Duration.zero, Duration.zero)
        // In stretches, as it comes: the queue never holds a whole day.
        for _ in 0..<10 {
            written += try await clock.measure {
                for _ in 0..<(count / Self.batch / 10) {
                    try await database.transaction(scope) { tx in
                        try tx.append((0..<Self.batch).map { _ in PaymentWrites.event(scope.tenant) })
                    }
                }
            }
            // What autovacuum does elsewhere.
            if database is PostgreSQLDatabase { try stage.psql("VACUUM ANALYZE audit_events, audit_leaves, sequencer_queue;") }
            sequenced += try await clock.measure { try await sequencer.drain() }
        }
        if database is PostgreSQLDatabase { try stage.psql("VACUUM ANALYZE; CHECKPOINT;") }
        let (start, ownStart) = (clock.now, Self.processorTime())
        let report = try await database.platformRead(authority.platform("bench")) { try AuditVerification.verify($0, signer: signer) }
        let (verified, own) = (clock.now - start, Self.processorTime() - ownStart)
        let checked = report.trails.reduce(0) { $0 + $1.verified }
        let faults = report.trails.compactMap(\.fault) + [report.forestFault].compactMap(\.self)
        guard faults.isEmpty, checked >= count else {
            throw Failed("\(engine): \(checked) of \(count) events are whole: \(faults.map { "\($0)" }.joined(separator: "; "))")
        }
        let perMillion = verified / .seconds(1) * 1_000_000 / Double(checked)
        let ownPerMillion = own * 1_000_000 / Double(checked)
        for (what, value, unit) in [
            ("\(engine), written, \(Self.batch) in a transaction", Double(count) / (written / .seconds(1)), "/s"),
            ("\(engine), given their places", Double(count) / (sequenced / .seconds(1)), "/s"),
            ("\(engine), read and verified", Double(checked) / (verified / .seconds(1)), "/s"),
        ] {
            say("  \(padded(what, 44)) \(column(grouped(value), 10)) \(unit)")
        }
        for (what, seconds) in [("a million verified in", perMillion), ("of them processor time of ours", ownPerMillion)] {
            say("  \(padded("\(engine), \(what)", 44)) \(column(grouped(seconds * 1000), 10)) ms")
        }
        return [
            "written_per_second": .double(Double(count) / (written / .seconds(1))),
            "sequenced_per_second": .double(Double(count) / (sequenced / .seconds(1))), "verified": Value(checked),
            "verify_seconds": .double(verified / .seconds(1)), "verify_seconds_per_million": .double(perMillion),
            "own_processor_seconds_per_million": .double(ownPerMillion),
        ]
    }

    /// Of this process, whatever else the machine does: on SQLite all there is, on PostgreSQL the client's part.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
