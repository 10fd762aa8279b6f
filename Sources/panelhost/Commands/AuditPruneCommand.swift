// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Security
import Storage

struct AuditPruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove the oldest events of one tenant by retention, for good.",
        discussion: """
            Removes events from the beginning of the trail up to the first one that is young enough. Their hashes stay, so that roots,
            checkpoints and all proofs that were handed out stay valid; what the events said is gone. Export them first:
            panelhost audit export --tenant NAME --proofs. The pruning is an event of the trail itself.
            """)

    @Option(name: .long, help: "The tenant.")
    var tenant: String
    @Option(name: .long, help: ArgumentHelp("Keep events of so many days.", valueName: "days"))
    var keepDays: Int
    @Flag(name: .long, help: "Do it. Without this nothing happens.")
    var yes = false

    @OptionGroup var options: DataOptions

    func run() async throws {
        guard (1...36_500).contains(keepDays) else { throw ValidationError("--keep-days: use 1 to 36500") }
        guard yes else { throw Failure("pruning cannot be undone: export the trail first, then say --yes") }
        let installation = try await Installation(at: options.location, creating: false)
        let tenant = try await installation.tenant(tenant).id
        let cutoff = WallClock.system.now() - Int64(keepDays) * 86_400_000
        let outcome = try await installation.database.platform(installation.authority.platform("prune an audit trail")) { tx in
            try AuditPruning.prune(tenant, olderThan: cutoff, by: "system:cli", on: tx)
        }
        Console.line("\(outcome.removed) events removed; places under \(outcome.beforeIndex) are pruned")
    }
}
