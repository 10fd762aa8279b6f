// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Storage
import Values

struct DoctorDatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "Check that the database keeps tenants apart and loses nothing.",
        discussion: """
            Run it with the URL that the hosts have: it needs no more rights than they do, and changes nothing. Exits with 1 when a check
            fails; docs/postgresql.md says for each what to do then.
            """)

    @OptionGroup var options: DataOptions
    @Flag(name: .long, help: "One JSON object instead of lines.")
    var json = false

    func run() async throws {
        let findings = try options.location.checkDatabase()
        let failed = findings.filter { !$0.isGood }
        if json {
            let checks = findings.map { finding in
                Value.map([
                    "name": .string(finding.check), "rule": .string(finding.rule), "ok": .bool(finding.isGood),
                    "problems": .array(finding.problems.map(Value.string)),
                ])
            }
            Console.line(JSON.text(["ok": .bool(failed.isEmpty), "checks": .array(checks)]))
        } else {
            for finding in findings {
                Console.line("\(finding.isGood ? "ok    " : "FAILED")  \(finding.check): \(finding.rule)")
                for problem in finding.problems { Console.line("        \(Console.plain(problem))") }
            }
        }
        guard failed.isEmpty else {
            throw Failure(
                "\(failed.count) of \(findings.count) checks failed: \(failed.map(\.check).joined(separator: ", ")); docs/postgresql.md says what to do"
            )
        }
    }
}
