// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import HTTPServer
import Host
import Security
import Storage

/// Whose lists.
struct TenantEdgeOptions: ParsableArguments {
    @Argument(help: "The tenant's short name.")
    var tenant: String

    @OptionGroup var options: DataOptions

    /// Opens the installation: the lists, and what it takes to change them.
    func open() async throws -> (edge: TenantEdgeService, permit: Permit, origin: CallOrigin) {
        let installation = try await Installation(at: options.location, creating: false)
        let tenant = try await installation.tenant(tenant)
        return (
            TenantEdgeService(database: installation.database, authority: installation.authority, clock: .system),
            installation.authority.permit(.networkManage, in: tenant.id, as: "cli"), .commandLine
        )
    }
}

struct TenantNetworkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network", abstract: "Say from which addresses a tenant is used.",
        discussion: """
            A denied range wins over an allowed one. Without an allowed range everybody is let in that is not denied. The lists hold for
            sign-ins, sessions and API keys, from the next request on, on every host; not for providers' webhooks.

              panelhost tenant network allow acme 192.0.2.0/24 --from 192.0.2.10
              panelhost tenant network deny acme 192.0.2.66 --from 192.0.2.10
              panelhost tenant network list acme
            """,
        subcommands: [List.self, Allow.self, Deny.self, Remove.self])

    /// A range, and who must still get in.
    struct Change: ParsableArguments {
        @Argument(help: "An address or a range, such as 192.0.2.0/24 or 2001:db8::/32.", transform: TenantNetworkCommand.range)
        var range: NetworkPrefix

        @Option(name: .long, help: "The address that the tenant's administrator comes from: a change that would lock it out is refused.")
        var from: String?

        @Flag(name: .long, help: "Change it whoever is locked out.")
        var force = false

        func validate() throws {
            guard force || from != nil else {
                throw ValidationError("say with --from which address must still get in, or that nobody needs to with --force")
            }
            guard from.map({ IPAddress($0) != nil }) ?? true else { throw ValidationError("--from: write an address") }
        }

        var keeping: TenantEdgeService.Keeping { force ? .nobody : .address(from ?? "") }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the ranges.")

        @OptionGroup var place: TenantEdgeOptions

        func run() async throws {
            let (edge, permit, _) = try await place.open()
            let ranges = try await edge.ranges(permit)
            for range in ranges { Console.line("\(range.verdict.rawValue)\t\(range.range)\t\(Console.plain(range.createdBy))") }
            if ranges.isEmpty { Console.line("no ranges: everybody is let in") }
        }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Allow a range.", discussion: "With the first one, everything else is no longer let in.")

        @OptionGroup var place: TenantEdgeOptions
        @OptionGroup var change: Change

        func run() async throws { try await TenantNetworkCommand.set(.allow, place, change) }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deny a range, whatever allows it.")

        @OptionGroup var place: TenantEdgeOptions
        @OptionGroup var change: Change

        func run() async throws { try await TenantNetworkCommand.set(.deny, place, change) }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a range out.")

        @OptionGroup var place: TenantEdgeOptions
        @OptionGroup var change: Change

        func run() async throws {
            let (edge, permit, origin) = try await place.open()
            try await edge.remove(change.range, keeping: change.keeping, permit, at: origin)
            Console.line("\(change.range) removed")
        }
    }

    private static func set(_ verdict: NetworkRules.Verdict, _ place: TenantEdgeOptions, _ change: Change) async throws {
        let (edge, permit, origin) = try await place.open()
        try await edge.set(change.range, verdict, keeping: change.keeping, permit, at: origin)
        Console.line("\(change.range) \(verdict == .allow ? "allowed" : "denied")")
    }

    private static func range(_ text: String) throws -> NetworkPrefix {
        guard let range = NetworkPrefix(text) else {
            throw ValidationError("'\(text)': write an address, or a range whose address ends in zero bits, such as 192.0.2.0/24")
        }
        return range
    }
}

struct TenantOriginsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "origins", abstract: "Say which sites' pages may use the API for a tenant.",
        discussion: """
            An origin is exact: scheme, host and perhaps port. Its pages send tokens or keys in the Authorization header, never cookies.

              panelhost tenant origins add acme https://panel.acme.example
            """,
        subcommands: [List.self, Add.self, Remove.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the origins.")

        @OptionGroup var place: TenantEdgeOptions

        func run() async throws {
            let (edge, permit, _) = try await place.open()
            for origin in try await edge.origins(permit) { Console.line("\(origin.origin)\t\(Console.plain(origin.createdBy))") }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let pages of an origin use the API.")

        @OptionGroup var place: TenantEdgeOptions

        @Argument(help: "Such as https://panel.example.", transform: TenantOriginsCommand.origin)
        var origin: String

        func run() async throws {
            let (edge, permit, call) = try await place.open()
            try await edge.add(origin: origin, permit, at: call)
            Console.line("\(origin) added")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take an origin out.")

        @OptionGroup var place: TenantEdgeOptions

        @Argument(help: "As it is listed.", transform: TenantOriginsCommand.origin)
        var origin: String

        func run() async throws {
            let (edge, permit, call) = try await place.open()
            try await edge.remove(origin: origin, permit, at: call)
            Console.line("\(origin) removed")
        }
    }

    /// In the spelling that browsers send; loopback, too, which only a development host lets in.
    private static func origin(_ text: String) throws -> String {
        do {
            return try BrowserOrigins([text], allowsLoopback: true).texts.first ?? text
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
