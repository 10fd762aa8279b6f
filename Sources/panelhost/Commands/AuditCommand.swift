// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Security
import Storage
import Values

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Check and prove the audit trail.", subcommands: [Verify.self], defaultSubcommand: Verify.self)

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every tenant's trail and name the first record that is wrong.",
            discussion: """
                Recomputes each record's hash, each tree and each stored node, checks the signature of every checkpoint, and compares the
                tree over all tenants with what the tenants have.

                Exits with 1 when anything is wrong.
                """
        )

        @Option(name: .long, help: "Only this tenant.")
        var tenant: String?

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let names = Dictionary(uniqueKeysWithValues: try await installation.tenants().map { ($0.id, $0.slug.description) })
            var only: TenantID?
            if let tenant { only = try await installation.tenant(tenant).id }
            let signer = try await installation.auditSigners().load()
            let scope = installation.authority.platform("verify the audit trail")
            let report = try await installation.database.platformRead(scope) { [only] tx in
                try AuditVerification.verify(tx, signer: signer, only: only)
            }
            for trail in report.trails {
                Console.line("\(names[trail.tenant] ?? "(no tenant) \(trail.tenant)"): \(Self.words(for: trail))")
            }
            if let fault = report.forestFault { Console.line("tree over all tenants: BROKEN at checkpoint \(fault.index): \(fault.kind)") }
            let broken = report.trails.count { $0.fault != nil } + (report.forestFault == nil ? 0 : 1)
            if broken > 0 { throw Failure("\(broken) audit trail(s) are broken: keep the database as it is, and compare with a backup") }
        }

        private static func words(for report: AuditReport) -> String {
            if let fault = report.fault {
                return "BROKEN at record \(fault.index): \(fault); \(report.verified) records before it are proven good"
            }
            let waiting = report.waiting == 0 ? "" : ", \(report.waiting) more wait for the sequencer"
            let pruned = report.pruned == 0 ? "" : ", \(report.pruned) of them pruned"
            return "\(report.verified) records, whole\(pruned)\(waiting)"
        }
    }
}
