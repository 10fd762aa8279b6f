// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Security
import Storage
import Values

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Check the audit trail.", subcommands: [Verify.self], defaultSubcommand: Verify.self)

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recompute every tenant's hash chain and name the first record that is wrong.",
            discussion:
                "Prints each trail's head (sequence and hash). Keep it elsewhere: a later head must extend it. Exits with 1 when a trail is broken."
        )

        @Option(name: .long, help: "Only this tenant.")
        var tenant: String?

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let tenants = try await installation.tenants()
            let only = try await tenant.asyncMap { slug throws(Failure) in try await installation.tenant(slug).id }
            let names = Dictionary(uniqueKeysWithValues: tenants.map { ($0.id, $0.slug.description) })
            let reports = try await installation.database.platformRead(installation.authority.platform("verify the audit trail")) { tx in
                try AuditVerification.verifyAll(tx)
            }
            var broken = 0
            for report in reports where only == nil || report.tenant == only {
                let name = names[report.tenant] ?? "(no tenant) \(report.tenant)"
                if let fault = report.fault {
                    broken += 1
                    Console.line(
                        "\(name): BROKEN at record \(fault.sequence): \(fault.kind); \(report.verified) records before it are good")
                } else {
                    Console.line("\(name): \(report.verified) records, chain whole")
                }
            }
            if broken > 0 { throw Failure("\(broken) audit trail(s) are broken: keep the database as it is, and compare with a backup") }
        }
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<T, E: Error>(_ body: (Wrapped) async throws(E) -> T) async throws(E) -> T? {
        if let self { return try await body(self) }
        return nil
    }
}
