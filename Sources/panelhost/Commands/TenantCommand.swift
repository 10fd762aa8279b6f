// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Security
import Storage

struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Create and list tenants.", subcommands: [Create.self, List.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Create a tenant with the built-in roles and an audit trail of its own.")

        @Argument(help: "A short name: 2 to 63 lower-case letters, digits and dashes.")
        var slug: String

        @Option(name: .long, help: "A name for people; the short name unless said otherwise.")
        var name: String?

        @OptionGroup var options: DataOptions

        func run() async throws {
            guard let slug = TenantSlug(slug), !slug.isReserved else {
                throw ValidationError(
                    "a tenant's short name has 2 to 63 lower-case letters, digits and single dashes, and is not 'platform' or 'system'")
            }
            let installation = try await Installation(at: options.location, creating: true)
            let name = name ?? slug.description
            let tenant = try await installation.database.platform(installation.authority.platform("create a tenant")) { tx in
                try TenantRegistry(tx).create(
                    slug: slug, name: name, by: "system:cli", correlation: CallID.make().description, at: WallClock.system.now())
            }
            Console.line("tenant \(tenant.slug) created (\(tenant.id))")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tenants.")

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            for tenant in try await installation.tenants() {
                Console.line("\(tenant.slug)\t\(tenant.status.rawValue)\t\(tenant.id)\t\(tenant.name)")
            }
        }
    }
}
