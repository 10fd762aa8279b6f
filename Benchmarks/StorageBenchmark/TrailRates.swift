// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

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
        let written = try await clock.measure {
            for _ in 0..<(count / Self.batch) {
                try await database.transaction(scope) { tx in
                    try tx.append((0..<Self.batch).map { _ in PaymentWrites.event(scope.tenant) })
                }
            }
        }
        let sequenced = try await clock.measure { try await sequencer.drain() }
        if database is PostgreSQLDatabase { try stage.psql("VACUUM ANALYZE; CHECKPOINT;") }
        let start = clock.now
        let report = try await database.platformRead(authority.platform("bench")) { try AuditVerification.verify($0, signer: signer) }
        let verified = clock.now - start
        let checked = report.trails.reduce(0) { $0 + $1.verified }
        guard report.isWhole, checked >= count else { throw Failed("\(engine): the trail is not whole") }
        let perMillion = verified / .seconds(1) * 1_000_000 / Double(checked)
        for (what, value, unit) in [
            ("\(engine), written, \(Self.batch) in a transaction", Double(count) / (written / .seconds(1)), "/s"),
            ("\(engine), given their places", Double(count) / (sequenced / .seconds(1)), "/s"),
            ("\(engine), read and verified", Double(checked) / (verified / .seconds(1)), "/s"),
        ] {
            say("  \(padded(what, 44)) \(column(grouped(value), 10)) \(unit)")
        }
        say("  \(padded("\(engine), a million verified in", 44)) \(column(String(Int(perMillion * 1000)), 10)) ms")
        return [
            "written_per_second": .double(Double(count) / (written / .seconds(1))),
            "sequenced_per_second": .double(Double(count) / (sequenced / .seconds(1))), "verified": Value(checked),
            "verify_seconds": .double(verified / .seconds(1)), "verify_seconds_per_million": .double(perMillion),
        ]
    }
}
