// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Values

/// Measures our storage on this machine against the engines' own tools, in one run: ratios outlive a noisy machine.
@main
struct StorageBenchmark {
    static func main() async throws {
        let options = Array(CommandLine.arguments.dropFirst())
        guard options.allSatisfy({ ["--quick", "--read", "--payment", "--audit", "--trail", "--backup", "--refresh"].contains($0) }) else {
            return fail(
                """
                StorageBenchmark [--quick] [--read] [--payment] [--audit] [--trail] [--backup] [--refresh]
                  --quick     a few seconds for each figure
                  --read      a tenant's point read through our driver, against pgbench with the same statements
                  --payment   what a payment writes before it leaves, against pgbench with the same statements
                  --audit     durable audit events a second on both engines, against plain INSERTs of the same rows
                  --trail     a million audit events sequenced, read and verified on both engines
                  --backup    how fast a backup is made, checked and restored
                  --refresh   refresh tokens used up a second on both engines
                Without one of the last six: all of them. The last line is the whole report as JSON.
                """)
        }
        let isQuick = options.contains("--quick")
        let chosen = Set(options).subtracting(["--quick"])
        func wants(_ part: String) -> Bool { chosen.isEmpty || chosen.contains(part) }
        do {
            guard let stage = try await Stage(isQuick: isQuick) else {
                return fail("no PostgreSQL server is installed: run scripts/setup bench")
            }
            defer { stage.close() }
            var report: [String: Value] = ["rounds": .int(Int64(stage.rounds)), "seconds_each": .double(stage.seconds)]
            if wants("--read") { report["read"] = try await PointRead(stage).run() }
            // Before the others: rows that pgbench writes beside ours are forged, and the check of the trail says so.
            if wants("--trail") { report["trail"] = try await TrailRates(stage, events: isQuick ? 100_000 : 1_000_000).run() }
            if wants("--payment") { report["payment"] = try await PaymentWrites(stage).run() }
            if wants("--audit") { report["audit"] = try await AuditAppends(stage).run() }
            if wants("--refresh") { report["refresh"] = try await RefreshRates(stage).run() }
            if wants("--backup") { report["backup"] = try await BackupRates(stage).run() }
            say(JSON.text(.map(report)))
        } catch {
            fail("\(error)")
        }
    }

    private static func fail(_ message: String) {
        write(STDERR_FILENO, "StorageBenchmark: \(message)\n")
        exit(1)
    }
}

/// One line on standard output, at once.
func say(_ line: String) { write(STDOUT_FILENO, line + "\n") }

private func write(_ descriptor: Int32, _ text: String) {
    var text = text
    _ = text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) }
}
