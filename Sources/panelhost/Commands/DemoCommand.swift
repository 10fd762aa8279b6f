// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import AsyncHTTPClient
import Glibc
import HTTPServer
import Host
import Security
import ServiceLifecycle
import Storage
import Synchronization

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Play the whole story once, then keep serving (development mode).",
        discussion: """
            At the first start: two tenants with an administrator each, the bundled plugins, and a charge, a refund, a second factor and a
            notification against a provider simulator on loopback. Later starts find the data and just serve.
            """)

    @OptionGroup var options: DataOptions
    @OptionGroup var hostOptions: HostOptions

    @Option(name: .long, help: ArgumentHelp("The folder with the bundled plugins.", valueName: "directory"))
    var plugins = "./plugins"

    @Flag(name: .long, help: "End after the story instead of serving.")
    var once = false

    func run() async throws {
        let (host, port) = try hostOptions.address()
        try await RunningSimulator.with { simulator in
            try await serve(ListenAddress(host: host, port: port), beside: simulator)
        }
    }

    private func serve(_ address: ListenAddress, beside simulator: RunningSimulator) async throws {
        let exemptions = try ["https://api.stripe.com", "https://api.twilio.com"].map { try EgressExemption.reroute($0, to: simulator.url) }
        let composition = try await Composition.start(
            location: options.location, settings: hostOptions.settings, isDevelopment: true, extraExemptions: exemptions)
        composition.announce(isDevelopment: true, recordings: hostOptions.record)
        let seeded = try await composition.installation.seed()
        if seeded.isEmpty { Console.line("the data in \(options.data) is there already: serving it, the story is not played again") }
        let failure = FailureBox()
        try await composition.serve(.plain(address)) { address in
            do {
                if !seeded.isEmpty { try await play(seeded, at: address, with: simulator) }
                Console.line("listening on \(address)")
                if once { kill(getpid(), SIGTERM) }
            } catch {
                failure.keep(error)
                kill(getpid(), SIGTERM)
            }
        }
        try failure.rethrow()
    }

    private func play(_ seeded: [DemoStory.Account], at address: ListenAddress, with simulator: RunningSimulator) async throws {
        let step = StepCounter()
        Console.line("")
        try await DemoStory(
            client: PanelClient(http: .shared, base: address.description), operatorAccount: seeded[0], acme: seeded[1], globex: seeded[2],
            packages: try DemoPackages.pack(from: plugins, keyFile: options.data + "/demo-publisher.key"), simulator: simulator.simulator,
            simulatorURL: simulator.url,
            say: { line in
                Console.line(step.numbered(line))
            }
        ).play()
        Console.line("")
        Console.line("sign in at \(address) as one of these (shown once):")
        for account in seeded { Console.line("  \(account.tenant)\t\(account.email)\t\(account.password)") }
    }
}

/// Carries a failure of the story out of the server that it was played on.
private final class FailureBox: Sendable {
    private let error = Mutex<(any Error)?>(nil)

    func keep(_ error: any Error) { self.error.withLock { $0 = error } }

    func rethrow() throws {
        if let error = error.withLock({ $0 }) { throw error }
    }
}

/// Numbers the lines of the story.
private final class StepCounter: Sendable {
    private let count = Mutex(0)

    func numbered(_ line: String) -> String {
        let number = count.withLock { count in
            count += 1
            return count
        }
        return "  \(number < 10 ? " " : "")\(number). \(line)"
    }
}

extension Installation {
    /// Two tenants with an administrator each, and an operator; empty when they are there already.
    func seed() async throws -> [DemoStory.Account] {
        let existing = Set(try await tenants().map(\.slug.description))
        guard existing.isDisjoint(with: ["acme", "globex"]) else { return [] }
        var accounts: [DemoStory.Account] = []
        for (slug, email, role, name) in [
            ("platform", "operator@panelhost.example", "SUPER_ADMIN", "Operator"), ("acme", "admin@acme.example", "ADMIN", "Ada Acme"),
            ("globex", "admin@globex.example", "ADMIN", "Glen Globex"),
        ] {
            if slug != "platform", let slug = TenantSlug(slug) {
                _ = try await database.platform(authority.platform("seed the demo")) { tx in
                    try TenantRegistry(tx).create(
                        slug: slug, name: name, by: "system:demo", correlation: CallID.make().description, at: WallClock.system.now())
                }
            }
            let password = UserCommand.Create.generatedPassword()
            try await createUser(try await tenant(slug), email: email, name: name, roles: [role], password: password)
            accounts.append(.init(tenant: slug, email: email, password: password.revealedText() ?? ""))
        }
        return accounts
    }
}
