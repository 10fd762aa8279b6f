// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Security
import Storage
import Values

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Look at, rotate and rewrap the keys.",
        discussion: """
            All of this works while hosts are running, and what is interrupted goes on where it was when it is run again. docs/keys.md has the
            whole story.
            """,
        subcommands: [Status.self, Rotate.self, Rewrap.self, Reencrypt.self, DropRoot.self], defaultSubcommand: Status.self)

    struct Rewrap: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Wrap every key under the newest root key and tenant key.",
            discussion: "Touches keys, not rows: a few thousand a second. Run it after 'rotate root' or 'rotate tenant'.")

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let progress = ProgressOfJob()
            let target = installation.rootKeys.currentID()
            let (job, faults) = try await installation.keyJobs().rewrap(for: target) { progress.show($0) }
            progress.end(job)
            try KeysCommand.explain(faults)
            try await installation.sayWhichRootsMayGo()
        }
    }

    struct Reencrypt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Encrypt every row anew that is under an old data key.",
            discussion: """
                Touches rows: run it after 'rotate tenant' when an old key must not stay in use. Personal data in the audit trail keeps its keys, since
                the trail is append-only.
                """)

        @Flag(name: .long, help: "Then refuse the key versions that no row needs any more (min_decrypt_version).")
        var retire = false

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let progress = ProgressOfJob()
            let (job, faults) = try await installation.keyJobs().reencrypt { progress.show($0) }
            progress.end(job)
            try KeysCommand.explain(faults)
            guard retire else { return }
            var raised = 0
            for tenant in try await installation.tenants() { raised += try await installation.tenantKeys(tenant.id).retireUnused() }
            Console.line("\(raised) key(s) no longer open with their old versions; those younger than a minute wait for the next run")
        }
    }

    struct DropRoot: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drop-root", abstract: "Take a root key that nothing needs any more out of the key file.",
            discussion: "Refuses while anything is wrapped by it. Backups that were made before need it still: keep a copy with them.")

        @Argument(help: "The root key's id, as 'keys status' shows it.")
        var id: String

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            guard installation.keys.ids.contains(id) else {
                throw Failure("there is no root key \(id); there are: \(installation.keys.ids.joined(separator: ", "))")
            }
            guard installation.keys.ids.first != id else { throw Failure("the root key \(id) is the one that is written with: it stays") }
            let uses = try await installation.rootsInUse()[id] ?? 0
            guard uses == 0 else {
                throw Failure("\(uses) keys are still wrapped by the root key \(id): run 'panelhost keys rewrap' first")
            }
            do {
                guard try installation.rootKeys.removeRoot(id) else {
                    throw Failure("the ring comes from the \(installation.rootKeys.source): take \(id) out there, then restart every host")
                }
            } catch let error as KEKRingError {
                throw Failure(error.description)
            }
            try await installation.recordForOperators("key.drop_root", ["root": .string(id)])
            Console.line("the root key \(id) is out of the ring; keep it with the backups that were made before")
        }
    }

    /// Fails when something could not be dealt with, and names the first of it.
    static func explain(_ faults: [KeyJobFault]) throws(Failure) {
        guard !faults.isEmpty else { return }
        for fault in faults.prefix(10) { Console.error("tenant \(fault.tenant): \(fault.place): \(fault.reason)") }
        throw Failure("\(faults.count) could not be dealt with and are as they were; everything else is done")
    }
}

extension Installation {
    func keyJobs() -> KeyJobs {
        KeyJobs(database: database, encryption: encryption, hostKeys: hostKeys, authority: authority)
    }

    func tenantKeys(_ tenant: TenantID) -> TenantKeys {
        TenantKeys(tenant, database: database, encryption: encryption, authority: authority)
    }

    func rootsInUse() async throws -> [String: Int64] {
        try await database.platformRead(authority.platform("keys")) { try KeyStatus.rootsInUse($0) }
    }

    func sayWhichRootsMayGo() async throws {
        let inUse = try await rootsInUse()
        for id in keys.ids.dropFirst() {
            let count = inUse[id] ?? 0
            Console.line(
                count == 0
                    ? "the root key \(id) wraps nothing: 'panelhost keys drop-root \(id)' takes it out"
                    : "the root key \(id) still wraps \(count) keys")
        }
    }
}
