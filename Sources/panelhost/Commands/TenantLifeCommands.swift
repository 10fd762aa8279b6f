// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Host
import Security
import Storage

extension TenantCommand {
    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a tenant another name for people; its short name stays.")

        @OptionGroup var order: TenantOrderOptions

        @Option(name: .long, help: "The new name.")
        var name: String

        func run() async throws {
            let (tenants, who) = try await order.options.tenants()
            let tenant = try await tenants.rename(order.order(), to: name, who, .commandLine)
            Console.line(tenant.lines.joined(separator: "\n"))
        }
    }

    struct Budget: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say how many requests a tenant's users and keys may make together.",
            discussion: """
                The tenant itself cannot change it. Without a limit of its own what 'panelhost run --rate-limit tenant=…' says holds, or
                120000/60:12000. It is in force from the next request on; each host counts by itself. What is too much gets a 429.

                  panelhost tenant budget acme 6000/60:600 --reason 'trial'
                  panelhost tenant budget acme --standard --reason 'signed the contract'
                """)

        @OptionGroup var order: TenantOrderOptions

        @Argument(help: "Requests/seconds, and perhaps ':' and how many at once, such as 6000/60:600.", transform: Self.limit)
        var limit: RateLimit?

        @Flag(name: .long, help: "What the installation says.")
        var standard = false

        func validate() throws {
            guard (limit != nil) != standard else { throw ValidationError("say either a limit or --standard") }
        }

        func run() async throws {
            let (tenants, who) = try await order.options.tenants()
            Console.line(try await tenants.setBudget(order.order(), to: limit, who, .commandLine).lines.joined(separator: "\n"))
        }

        private static func limit(_ text: String) throws -> RateLimit {
            guard let limit = RateLimit(text) else {
                throw ValidationError("'\(text)': write requests/seconds, and perhaps ':' and how many at once, such as 6000/60:600")
            }
            return limit
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a tenant out of service on every host at once; everything of it stays.",
            discussion: """
                Requests, sign-ins, API keys, webhooks, jobs, plugin calls and notifications of the tenant are refused from the next one on; its
                plugins' processes are ended within a second. Providers are told to send their messages again later, and questions about
                payments wait, uncounted, until the tenant is resumed.
                """)

        @OptionGroup var order: TenantOrderOptions

        func run() async throws {
            let (tenants, who) = try await order.options.tenants()
            Console.line(try await tenants.suspend(order.order(), who, .commandLine).lines.joined(separator: "\n"))
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring a suspended tenant back, or one that is deleted and not purged.")

        @OptionGroup var order: TenantOrderOptions

        func run() async throws {
            let (tenants, who) = try await order.options.tenants()
            Console.line(try await tenants.resume(order.order(), who, .commandLine).lines.joined(separator: "\n"))
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a tenant: out of service, and to be purged when its grace period is over.",
            discussion: "Nothing is removed yet: 'panelhost tenant resume' takes it back, 'panelhost tenant purge' makes it final.")

        @OptionGroup var order: TenantOrderOptions

        @Option(name: .long, help: "The short name once more.")
        var confirm: String

        @Option(name: .long, help: "For how many days it can be taken back, 0 to 3650.")
        var graceDays = TenantAdministration.graceDays

        func run() async throws {
            let (tenants, who) = try await order.options.tenants()
            let tenant = try await tenants.delete(order.order(confirmation: confirm), graceDays: graceDays, who, .commandLine)
            Console.line(tenant.lines.joined(separator: "\n"))
        }
    }

    struct Purge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Destroy a deleted tenant's keys and rows, for good.",
            discussion: """
                Destroys every version of every key of the tenant, so that all it has sealed is unreadable, here and in the audit trail; then removes
                users, sessions, tokens, API keys, plugins with their secrets, messages and second factors. Payments, refunds and attempts stay
                without what names a customer, and the audit trail stays provable. Backups made before still hold the tenant's wrapped keys: keep
                them no longer than you may (docs/tenants.md). Ended in the middle, it goes on where it is called again.
                """)

        @OptionGroup var order: TenantOrderOptions

        @Option(name: .long, help: "The short name once more.")
        var confirm: String

        @Flag(name: .long, help: "Although what became of some payments or refunds is not known.")
        var abandonPayments = false

        func run() async throws {
            let (tenants, who) = try await order.options.tenants()
            let purge = try await tenants.purge(
                order.order(confirmation: confirm), abandoningMoney: abandonPayments, who, .commandLine)
            Console.line(
                "\(purge.tenant.slug) purged: \(purge.keys) keys destroyed, \(purge.rows) rows removed, its trail ends with \(purge.trailSize) events"
            )
        }
    }
}
