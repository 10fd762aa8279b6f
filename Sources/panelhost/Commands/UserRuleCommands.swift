// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Host
import Logging
import Security
import Storage
import Values

extension UserCommand {
    struct Dormant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List or suspend the accounts that nobody has used for long.",
            discussion: "'panelhost run' suspends them by itself, once an hour; never the last administrator of a tenant.")

        @Option(name: .long, help: "The tenant's short name.")
        var tenant: String

        @Option(name: .long, help: "Days without a sign-in; what the tenant has decided unless said otherwise.")
        var days: Int64?

        @Flag(help: "List them, or suspend them.")
        var act = Act.list

        @OptionGroup var options: DataOptions

        enum Act: String, EnumerableFlag { case list, suspend }

        func run() async throws {
            if let days, !(1...3650).contains(days) { throw ValidationError("--days: use 1 to 3650") }
            let installation = try await Installation(at: options.location, creating: false)
            let tenant = try await installation.tenant(self.tenant)
            let job = DormantAccounts(
                database: installation.database, authority: installation.authority, clock: .system, logger: Logger(label: "panelhost"))
            let users =
                act == .list ? try await job.list(in: tenant.id, days: days) : try await job.suspend(in: tenant.id, days: days)
            for user in users {
                let last = user.lastSignedInAt.map(UTCTime.text) ?? "never"
                Console.line("\(user.email)\t\(act == .list ? "dormant" : "suspended")\t\(last)\t\(user.id)")
            }
            if users.isEmpty { Console.error("none") }
        }
    }

    struct Rules: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show or change what a tenant decides about its accounts.",
            discussion: """
                nist: at least 15 characters, or 8 beside a second factor. pci: PCI DSS 4.0.1: at least 12 with letters and digits, none of the
                last four, 90 days unless there is a second factor, half an hour's lock-out after ten failures. Both refuse well-known
                passwords and those about their owner.
                """)

        @Option(name: .long, help: "The tenant's short name.")
        var tenant: String

        @Option(name: .long, help: "The rules for passwords: nist or pci.")
        var passwords: String?

        @Option(name: .long, help: "Days without a sign-in after which an account is suspended; 0 for never.")
        var dormantDays: Int64?

        @Option(
            name: .long,
            help: ArgumentHelp(
                "The notifier that resets and invitations go out through, which must reach the person alone; 'none' for whichever enabled one "
                    + "has the channel e-mail.", valueName: "plugin[:label]"))
        var messenger: String?

        @Option(
            name: .long,
            help: ArgumentHelp(
                "The panel's page that takes a token, which is added as its fragment; 'none' for no link.", valueName: "https-url"))
        var accountUrl: String?

        @Flag(name: .long, help: "Go back to what holds where a tenant has said nothing.")
        var reset = false

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let tenant = try await installation.tenant(self.tenant)
            let permit = installation.authority.permit(.userPolicy, in: tenant.id, as: "cli")
            let rules = AccountRules(database: installation.database)
            let (before, isOwn) = try await rules.show(permit)
            let after = try changed(reset ? AccountPolicy() : before)
            do {
                if reset, isOwn, after == AccountPolicy() {
                    try await rules.set(nil, permit, origin: .commandLine)
                } else if after != before {
                    try await rules.set(after, permit, origin: .commandLine)
                }
            } catch let error as HostError {
                throw Failure(error.fields.map { "\($0.field): \($0.message)" }.first ?? error.message)
            }
            Console.line("passwords\t\(after.profile.rawValue)")
            Console.line("dormant-days\t\(after.dormantDays)")
            Console.line("messenger\t\(after.messenger.map { "\($0):\(after.messengerLabel ?? "default")" } ?? "none")")
            Console.line("account-url\t\(after.accountURL ?? "none")")
        }

        private func changed(_ policy: AccountPolicy) throws -> AccountPolicy {
            var policy = policy
            if let passwords {
                guard let profile = PasswordProfile(rawValue: passwords) else { throw ValidationError("--passwords: use nist or pci") }
                policy.profile = profile
            }
            if let dormantDays { policy.dormantDays = dormantDays }
            if let messenger {
                let parts = messenger.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                guard messenger == "none" || PluginID(parts[0]) != nil else { throw ValidationError("--messenger: write a plugin's name") }
                policy.messenger = messenger == "none" ? nil : PluginID(parts[0])
                policy.messengerLabel = messenger == "none" || parts.count == 1 ? nil : parts[1]
            }
            if let accountUrl { policy.accountURL = accountUrl == "none" ? nil : accountUrl }
            if let (field, problem) = policy.problem {
                throw ValidationError("--\(field.replacing("_", with: "-")): \(problem)")
            }
            return policy
        }
    }
}
