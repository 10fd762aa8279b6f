// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Host
import Security
import Storage
import Values

struct UserResetFactorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-factors", abstract: "Take a user's second factors away who has lost them.",
        discussion: "Removes every factor and the backup codes, and signs the user out everywhere. It is in the tenant's audit trail.")

    @Option(name: .long, help: "The tenant's short name.")
    var tenant: String

    @Option(name: .long, help: "The e-mail address that the user signs in with.")
    var email: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        let installation = try await Installation(at: options.location, creating: false)
        let tenant = try await installation.tenant(self.tenant)
        let permit = installation.authority.permit(.factorReset, in: tenant.id, as: "cli")
        guard let user = try await installation.database.read(permit.scope, { try UserRepository($0).find(email: email) }) else {
            throw Failure("\(tenant.slug) has no user with this e-mail address; 'panelhost user list --tenant \(tenant.slug)' shows them")
        }
        let removed = try await FactorAdministration(database: installation.database)
            .reset(user.id, permit, origin: .commandLine)
        Console.line("\(removed) second factor\(removed == 1 ? "" : "s") removed; the user is signed out everywhere")
    }
}

struct TenantFactorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "factors", abstract: "Show or change what a tenant wants of second factors.",
        discussion: """
            Without an option it shows what is in force. A change holds from the next request on: a user who must have a factor and has
            none may do nothing but set one up.
            """)

    @Argument(help: "The tenant's short name.")
    var slug: String

    @Option(name: .long, help: "A role whose users must have a factor; may be repeated. Replaces those so far.")
    var require: [String] = []

    @Flag(name: .long, help: "Nobody must have a factor.")
    var requireNobody = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "An action that wants a factor not older than so many seconds; may be repeated. Replaces those so far.",
            valueName: "action=seconds"))
    var stepUp: [String] = []

    @Flag(name: .long, help: "No action wants a fresh factor.")
    var noStepUp = false

    @Option(name: .long, help: "Whom --step-up binds: 'enrolled', users that have a factor, or 'everybody'.")
    var stepUpFor: String?

    @Option(name: .long, help: "Days that a device may be remembered instead of a factor, up to 90; 0 for not at all.")
    var trustedDeviceDays: Int64?

    @Flag(name: .long, help: "Go back to what holds where a tenant has said nothing.")
    var standard = false

    @OptionGroup var options: DataOptions

    func validate() throws {
        if requireNobody, !require.isEmpty { throw ValidationError("give --require or --require-nobody, not both") }
        if noStepUp, !stepUp.isEmpty { throw ValidationError("give --step-up or --no-step-up, not both") }
    }

    func run() async throws {
        let installation = try await Installation(at: options.location, creating: false)
        let tenant = try await installation.tenant(slug)
        let permit = installation.authority.permit(.factorPolicy, in: tenant.id, as: "cli")
        let administration = FactorAdministration(database: installation.database)
        let before = try await administration.policy(permit).policy
        let after = try changed(before)
        if after != before {
            do {
                try await administration.setPolicy(after, permit, origin: .commandLine)
            } catch let error as HostError {
                throw Failure("nothing was changed: \(error.message)")
            }
        }
        let roles = after.requiredRoles.sorted()
        Console.line("must have a factor: \(roles.isEmpty ? "nobody" : roles.map(Console.plain).joined(separator: ", "))")
        Console.line("a fresh factor, of \(after.reach == .everybody ? "everybody" : "users that have one"):")
        for rule in after.stepUps { Console.line("  \(rule.action)\tat most \(rule.maximumAge) seconds old") }
        Console.line("devices are remembered for \(after.trustedDeviceDays) days")
    }

    private func changed(_ before: FactorPolicy) throws -> FactorPolicy {
        var policy = standard ? .standard : before
        if requireNobody { policy.requiredRoles = [] }
        if !require.isEmpty { policy.requiredRoles = Set(require) }
        if noStepUp { policy.stepUps = [] }
        if !stepUp.isEmpty { policy.stepUps = try stepUp.map(Self.rule) }
        if let stepUpFor {
            guard let reach = FactorPolicy.Reach(rawValue: stepUpFor) else {
                throw ValidationError("--step-up-for is 'enrolled' or 'everybody'")
            }
            policy.reach = reach
        }
        if let trustedDeviceDays { policy.trustedDeviceDays = trustedDeviceDays }
        do {
            // The same checks as for what comes over HTTP.
            return try FactorPolicy(policy.value)
        } catch {
            throw ValidationError(error.description)
        }
    }

    private static func rule(_ text: String) throws -> FactorPolicy.StepUp {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, let age = Int64(parts[1]) else {
            throw ValidationError("--step-up takes an action and seconds, such as role.manage=900")
        }
        do {
            return FactorPolicy.StepUp(try ActionPattern(String(parts[0])), maximumAge: age)
        } catch {
            throw ValidationError(error.description)
        }
    }
}
