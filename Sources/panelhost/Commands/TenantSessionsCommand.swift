// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Host
import Security
import Storage

/// How long a tenant's sessions last, and how many a user may have.
struct TenantSessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "Show or set how long a tenant's sessions last, and how many a user may have.",
        discussion: """
            Without options it shows what is in force. What is set works at the next request on every host, also for sessions that are open.

              panelhost tenant sessions acme
              panelhost tenant sessions acme --idle 1h --lifetime 24h --concurrent 3 --when-full refuse
              panelhost tenant sessions acme --new-devices confirm
              panelhost tenant sessions acme --reset

            With --new-devices confirm, whoever signs in from a new device without a second factor shows a token that is sent to their own
            address, by the tenant's notifier; with notify, which is the rule, they are told. Where the notifier is gone nobody can confirm
            anything: '--new-devices notify' lets people in again.

            Administrators are those who hold some permission that ends in '.manage'. Nothing can be longer than the installation's: 14 days
            idle and 30 in all, 15 minutes and 12 hours for administrators, ten sessions.
            """)

    @Argument(help: "The tenant's short name.")
    var tenant: String

    @Option(name: .long, help: ArgumentHelp("A session ends so long after its last use: 90s, 30m, 8h.", valueName: "time"))
    var idle: LagLimit?

    @Option(name: .long, help: ArgumentHelp("A session ends so long after the sign-in.", valueName: "time"))
    var lifetime: LagLimit?

    @Option(name: .long, help: ArgumentHelp("The same as --idle, for administrators.", valueName: "time"))
    var adminIdle: LagLimit?

    @Option(name: .long, help: ArgumentHelp("The same as --lifetime, for administrators.", valueName: "time"))
    var adminLifetime: LagLimit?

    @Option(name: .long, help: ArgumentHelp("Sessions of one user at once.", valueName: "number"))
    var concurrent: Int64?

    @Option(name: .long, help: ArgumentHelp("What happens at one more sign-in: end_oldest or refuse.", valueName: "what"))
    var whenFull: String?

    @Option(name: .long, help: ArgumentHelp("What becomes of a sign-in from a new device: notify or confirm.", valueName: "what"))
    var newDevices: String?

    @Flag(name: .long, help: "Go back to what the installation asks.")
    var reset = false

    @OptionGroup var options: DataOptions

    func run() async throws {
        let installation = try await Installation(at: options.location, creating: false)
        let tenant = try await installation.tenant(tenant)
        let permit = installation.authority.permit(.sessionManage, in: tenant.id, as: "cli")
        let authenticator = try installation.authenticator()
        let before = try await authenticator.sessionRules(permit).inForce
        var rules = before
        if let idle { rules.usual.idle = idle.milliseconds }
        if let lifetime { rules.usual.lifetime = lifetime.milliseconds }
        if let adminIdle { rules.administrators.idle = adminIdle.milliseconds }
        if let adminLifetime { rules.administrators.lifetime = adminLifetime.milliseconds }
        if let concurrent { rules.concurrent = concurrent }
        if let whenFull = whenFull.flatMap(SessionRules.WhenFull.init(rawValue:)) { rules.whenFull = whenFull }
        if let newDevices = newDevices.flatMap(SessionRules.NewDevices.init(rawValue:)) { rules.newDevices = newDevices }
        let wanted = reset ? nil : rules
        if wanted != before {
            let messages = AccountMessages(
                database: installation.database, directory: PluginDirectory(database: installation.database), notifications: nil,
                authority: installation.authority)
            let canTell = try await messages.canCarry(in: tenant.id)
            try await Refusal.explaining { try await authenticator.setSessionRules(wanted, permit, canTell: canTell) }
        }
        let inForce = try await authenticator.sessionRules(permit).inForce
        func line(_ name: String, _ limits: SessionRules.Limits) {
            let (idle, lifetime) = (LagLimit(milliseconds: limits.idle), LagLimit(milliseconds: limits.lifetime))
            Console.line("\(name): \(idle) after the last use, \(lifetime) after the sign-in")
        }
        line("users", inForce.usual)
        line("administrators", inForce.administrators)
        let full =
            inForce.whenFull == .refuse ? "one more sign-in is refused" : "one more ends the one that was not used for the longest time"
        Console.line("at most \(inForce.concurrent) sessions of a user; \(full)")
        Console.line(
            inForce.newDevices == .confirm
                ? "new devices are confirmed by a token to the user's own address, unless a second factor is shown"
                : "users are told of new devices")
    }

    func validate() throws {
        let sets =
            idle != nil || lifetime != nil || adminIdle != nil || adminLifetime != nil || concurrent != nil || whenFull != nil
            || newDevices != nil
        if let whenFull, SessionRules.WhenFull(rawValue: whenFull) == nil {
            throw ValidationError("--when-full \(whenFull): use end_oldest or refuse")
        }
        if let newDevices, SessionRules.NewDevices(rawValue: newDevices) == nil {
            throw ValidationError("--new-devices \(newDevices): use notify or confirm")
        }
        if reset, sets { throw ValidationError("--reset goes without the other options") }
    }
}
