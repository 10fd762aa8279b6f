// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import FoundationEssentials
import Host
import Security
import Storage

struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Create, show, suspend, delete and purge tenants.",
        discussion: """
            A suspended tenant is refused everywhere from the next request on, and everything of it stays. A deleted one can be taken back until it
            is purged; purging destroys its keys and its rows for good and keeps the ledger and the audit trail's skeleton. docs/tenants.md tells
            what goes on in each state.
            """,
        subcommands: [
            Create.self, List.self, Show.self, Rename.self, Budget.self, Suspend.self, Resume.self, Delete.self, Purge.self, ActAs.self,
            TenantNetworkCommand.self, TenantOriginsCommand.self, TenantFactorsCommand.self, TenantSessionsCommand.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Create a tenant with the built-in roles and an audit trail of its own.")

        @Argument(help: "A short name: 2 to 63 lower-case letters, digits and dashes. It is never given again.")
        var slug: String

        @Option(name: .long, help: "A name for people; the short name unless said otherwise.")
        var name: String?

        @Option(name: .long, help: "Why, in one line, for the audit trails.")
        var reason = "created at the command line"

        @OptionGroup var options: DataOptions

        func run() async throws {
            guard let slug = TenantSlug(slug), !slug.isReserved else {
                throw ValidationError(
                    "a tenant's short name has 2 to 63 lower-case letters, digits and single dashes, and is not 'platform' or 'system'")
            }
            let (tenants, who) = try await options.tenants(creating: true)
            let tenant = try await tenants.create(
                TenantOrder(slug, reason: reason), name: name ?? slug.description, who, .commandLine)
            Console.line("tenant \(tenant.slug) created (\(tenant.id))")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tenants.")

        @OptionGroup var options: DataOptions

        func run() async throws {
            let (tenants, who) = try await options.tenants()
            for tenant in try await tenants.list(who) {
                Console.line("\(tenant.slug)\t\(tenant.status.rawValue)\t\(tenant.id)\t\(tenant.name)")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one tenant's state, and what money of it is in doubt.")

        @Argument(help: "The tenant's short name.")
        var slug: String

        @OptionGroup var options: DataOptions

        func run() async throws {
            let (tenants, who) = try await options.tenants()
            let view = try await tenants.show(TenantSlug.parse(slug), who)
            Console.line(view.tenant.lines.joined(separator: "\n"))
            Console.line("open payments\t\(view.money.payments)\nopen refunds\t\(view.money.refunds)")
        }
    }
}

/// The tenant, and why.
struct TenantOrderOptions: ParsableArguments {
    @Argument(help: "The tenant's short name.")
    var slug: String

    @Option(name: .long, help: "Why, in one line; it stands in the operators' audit trail and in the tenant's.")
    var reason: String

    @OptionGroup var options: DataOptions

    func order(confirmation: String? = nil) throws -> TenantOrder {
        try TenantOrder(TenantSlug.parse(slug), reason: reason, confirmation: confirmation)
    }
}

extension TenantSlug {
    static func parse(_ text: String) throws -> TenantSlug {
        guard let slug = TenantSlug(text) else { throw ValidationError("'\(text)' is no tenant's short name") }
        return slug
    }
}

extension DataOptions {
    /// The tenants of the installation, and the right to decide about them.
    func tenants(creating: Bool = false) async throws -> (TenantAdministration, TenantOperator) {
        let installation = try await Installation(at: location, creating: creating)
        let sequencer = AuditSequencer(
            database: installation.database, authority: installation.authority, signers: try await installation.auditSigners())
        let tenants = TenantAdministration(
            database: installation.database, encryption: installation.encryption, authority: installation.authority, sequencer: sequencer)
        return (tenants, TenantOperator(commandLineOf: installation.authority, trail: try await installation.tenant("platform").id))
    }
}

extension TenantRecord {
    /// What an operator looks at, a line each.
    var lines: [String] {
        func day(_ time: Int64) -> String { Date(timeIntervalSince1970: Double(time) / 1000).formatted(.iso8601) }
        var lines = [
            "slug\t\(slug)", "id\t\(id)", "name\t\(name)", "status\t\(status.rawValue) since \(day(changedAt))",
            "created\t\(day(createdAt))",
        ]
        lines.append("requests\t\(budget.map { "\($0) of its own" } ?? "as the installation says")")
        if let purgeAfter { lines.append("purge after\t\(day(purgeAfter))") }
        if status == .purged { lines.append("rows\t\(sweptAt.map { "gone since \(day($0))" } ?? "not all gone: purge it once more")") }
        if slug != .platform { lines.append("operators act as\t\(operatorRole ?? "(forbidden)")") }
        return lines
    }
}
