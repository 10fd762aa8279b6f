// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Security
import Storage
import Values

/// How fast everything there is goes into a backup, is checked, and comes back.
struct BackupRates {
    private let stage: Stage

    init(_ stage: Stage) { self.stage = stage }

    func run() async throws -> Value {
        guard let text = BackupKey.generate().revealedText() else { throw Failed("a key") }
        let key = try BackupKey(parsing: text)
        let scope = stage.authority.platform("bench")
        let file = stage.scratch + "/a.backup"
        let start = ContinuousClock.now
        let report = try await BackupPlace.postgresql(url: stage.url(as: "panelhost_backup")).snapshot(scope) { connection in
            try BackupFile.write(to: file) { try BackupCreation(reading: connection).write(key: key, at: 1, to: $0) }
        }
        let created = ContinuousClock.now
        _ = try BackupFile.verify(file, key: key)
        let verified = ContinuousClock.now
        _ = try await BackupPlace.file(stage.scratch + "/restored.sqlite").restore(file, key: key, scope: scope)
        let restored = ContinuousClock.now
        let steps = [
            ("created from PostgreSQL", created - start), ("checked", verified - created), ("restored into SQLite", restored - verified),
        ]
        say("backup of \(grouped(Double(report.rows))) rows, \(grouped(Double(report.bytes) / 1e6)) MB")
        var rates: [String: Value] = ["rows": .int(report.rows), "bytes": .int(report.bytes)]
        for (name, time) in steps {
            let (rowRate, byteRate) = (Double(report.rows) / (time / .seconds(1)), Double(report.bytes) / (time / .seconds(1)))
            say("  \(padded(name, 44)) \(column(grouped(rowRate), 10)) rows/s \(column(grouped(byteRate / 1e6), 6)) MB/s")
            rates[name] = ["rows_per_second": .int(Int64(rowRate)), "bytes_per_second": .int(Int64(byteRate))]
        }
        return .map(rates)
    }
}
