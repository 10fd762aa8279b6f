// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Security
import Values

/// Measures the processor time of audit proofs on this machine, without any storage: `AuditBenchmark [EVENTS]` (1,000,000).
///
/// The last line is the whole report as JSON.
@main
struct AuditBenchmark {
    static func main() {
        let events = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000_000
        guard events >= 1000, CommandLine.arguments.count <= 2 else {
            write("AuditBenchmark [EVENTS]: at least 1000", to: STDERR_FILENO)
            exit(1)
        }
        do {
            var proofs = Proofs(events: events)
            write(JSON.text(.map(try proofs.run())), to: STDOUT_FILENO)
        } catch {
            write(String(reflecting: error), to: STDERR_FILENO)
            exit(1)
        }
    }
}

/// Prints a line at once.
func write(_ line: String, to descriptor: Int32) {
    let bytes = Array("\(line)\n".utf8)
    _ = Glibc.write(descriptor, bytes, bytes.count)
}
