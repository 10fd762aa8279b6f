// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Security
import Storage

struct AuditEraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Destroy the key under which one tenant's trail tells of a person, for good.",
        discussion: """
            Network addresses, e-mail addresses and names in events are sealed under a key of the person's own. Without it they open nowhere,
            neither here nor in copies of the database; events, proofs and checkpoints stay valid, and nothing more is kept about the person.
            The account itself stays: remove it where accounts are kept.

            --visitors erases everybody who had no account in a month: failed sign-ins, webhooks, API keys. 'panelhost audit search --action
            subject.erase' lists what was erased; after restoring a backup, repeat what came later with --subject subject:NAME.
            """)

    @Option(name: .long, help: "The tenant.")
    var tenant: String
    @Option(name: .long, help: "The person: user:ID, or subject:NAME as an event of an erasure has it.")
    var subject: String?
    @Option(name: .long, help: ArgumentHelp("Everybody without an account in this month.", valueName: "yyyy-mm"))
    var visitors: String?
    @Flag(name: .long, help: "Do it. Without this nothing happens.")
    var yes = false

    @OptionGroup var options: DataOptions

    private enum Target {
        case subject(PersonalSubject)
        case pseudonym(String)
    }

    func run() async throws {
        let target = try target()
        guard yes else { throw Failure("an erasure cannot be undone: say --yes") }
        let installation = try await Installation(at: options.location, creating: false)
        let tenant = try await installation.tenant(tenant).id
        let scope = installation.authority.permit(.tenantManage, in: tenant, as: "cli").scope
        let hadKey =
            switch target {
            case .subject(let subject):
                try await installation.encryption.eraseSubject(subject.description, scope, by: "system:cli")
            case .pseudonym(let name): try await installation.encryption.eraseSubject(pseudonym: name, scope, by: "system:cli")
            }
        Console.line(hadKey ? "the key is destroyed" : "there was no key: nothing was kept, and nothing will be")
        Console.line("waiting until every host has noticed …")
        try await Task.sleep(for: .milliseconds(KeyUseLimits().recheck + 1000))
        // What was under way elsewhere has ended.
        _ = try await installation.database.transaction(scope) { try AuditAddresses.removeErased($0) }
        Console.line("done. Backups from before still hold the key, under the tenant's: let them expire, or rotate as docs/keys.md says")
    }

    private func target() throws -> Target {
        switch (subject, visitors) {
        case (let text?, nil):
            if text.hasPrefix("user:"), let id = UserID(String(text.dropFirst(5))) { return .subject(.user(id)) }
            let name = text.dropFirst("subject:".count)
            if text.hasPrefix("subject:"), name.utf8.count == 64, name.utf8.allSatisfy(LowerHex.isDigit) { return .pseudonym(String(name)) }
            throw ValidationError("--subject: use user:ID, as 'panelhost user list' has it, or subject:NAME of an event subject.erase")
        case (nil, let month?):
            guard let subject = PersonalSubject(visitorsOf: month) else { throw ValidationError("--visitors: use a month such as 2026-11") }
            guard subject.description <= PersonalSubject.visitors(at: WallClock.system.now()).description else {
                throw ValidationError("--visitors \(month): that month has not begun")
            }
            return .subject(subject)
        default: throw ValidationError("say whom: either --subject or --visitors")
        }
    }
}
