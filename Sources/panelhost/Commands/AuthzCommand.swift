// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import FoundationEssentials
import Security
import Storage
import Values

struct AuthzCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authz", abstract: "Show, explain, compare and change who may do what.",
        discussion: """
            A policy has roles that inherit from each other, rules that permit or deny an action to a role or a user, and who has which role.
            A deny wins over every permit; what no rule permits is denied. docs/authorization.md describes it.

              panelhost authz explain ann@acme.example plugin.invoke.payment --tenant acme
              panelhost authz show --tenant acme > policy.json
              panelhost authz diff policy.json --tenant acme
              panelhost authz role create DESK --inherits SUPPORT_AGENT --tenant acme
              panelhost authz rule set no-vip --deny plugin.invoke --role DESK --on 'segment = vip' --tenant acme
              panelhost authz assign ann@acme.example DESK --days 30 --tenant acme

            A change is recorded in the tenant's audit trail and works at the next request on every host. At the command line you act as the
            owner of the installation, who may grant anything.
            """,
        subcommands: [
            AuthzShowCommand.self, AuthzExplainCommand.self, AuthzDiffCommand.self, AuthzSimulateCommand.self, AuthzCheckCommand.self,
            AuthzUnusedCommand.self,
            AuthzExportCommand.self, AuthzRoleCommand.self, AuthzRuleCommand.self, AuthzAssignCommand.self, AuthzUnassignCommand.self,
            AuthzSeparationCommand.self,
        ])
}

/// Whose policy.
struct AuthzOptions: ParsableArguments {
    @Option(name: .long, help: "The tenant's short name; 'platform' for those who operate the installation.")
    var tenant: String

    @OptionGroup var options: DataOptions

    /// Opens the installation and the tenant's part of it.
    func open() async throws -> AuthzPlace {
        let installation = try await Installation(at: options.location, creating: false)
        return AuthzPlace(installation: installation, tenant: try await installation.tenant(tenant))
    }
}

/// One tenant's policy in an installation.
struct AuthzPlace {
    let installation: Installation
    let tenant: TenantRecord

    var now: Int64 { WallClock.system.now() }

    private func permit(_ action: Action) -> Permit { installation.authority.permit(action, in: tenant.id, as: "cli") }

    func policy() async throws -> Policy {
        try await installation.database.read(permit(.roleRead).scope) { try PolicyRepository($0).load().policy }
    }

    /// A user by e-mail address or id.
    func user(_ name: String) async throws -> UserID {
        let found = try await installation.database.read(permit(.roleRead).scope) { tx in
            try UserID(name).flatMap { try UserRepository(tx).find($0) } ?? UserRepository(tx).find(email: name)
        }
        guard let found else {
            throw Failure("there is no user '\(name)' in \(tenant.slug); see 'panelhost user list --tenant \(tenant.slug)'")
        }
        return found.id
    }

    /// What nobody needed for some days.
    func unused(days: Int) async throws -> UnusedPolicy {
        try await installation.database.read(permit(.roleRead).scope) { try PolicyUsageRepository($0).unused(for: Int64(days), at: now) }
    }

    /// How people are called in what is printed.
    func names() async throws -> [UserID: String] {
        let users = try await installation.database.read(permit(.roleRead).scope) { try UserRepository($0).all() }
        return Dictionary(users.map { ($0.id, Console.plain($0.email)) }, uniquingKeysWith: { first, _ in first })
    }

    /// Makes a change, and says which constraints somebody breaks now.
    func apply(_ change: PolicyChange, saying line: String) async throws {
        let (permit, now) = (permit(change.permission), now)
        let after: Policy
        do {
            after = try await installation.database.transaction(permit.scope) { tx in
                try PolicyRepository(tx).apply(change, permit, correlation: CallID.make().description, at: now)
            }
        } catch let refusal as PolicyRefusal {
            throw Failure("nothing was changed: \(refusal)")
        }
        Console.line(line)
        for violation in after.violations(at: now) { Console.error("panelhost: \(violation)") }
    }
}

/// Texts of people, read with what is wrong with them.
enum AuthzInput {
    static func policy(in path: String) throws -> Policy {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Failure("cannot read \(path)")
        }
        do throws(PolicyProblem) { return try Policy(parsing: bytes) } catch { throw Failure("\(path): \(error)") }
    }

    static func action(_ text: String) throws -> ActionPattern {
        do throws(PolicyProblem) { return try ActionPattern(text) } catch { throw ValidationError("\(error)") }
    }

    /// One action, to ask about.
    static func literal(_ text: String) throws -> Action {
        guard try action(text).isLiteral else { throw ValidationError("an action has no *: ask about one at a time") }
        return Action(rawValue: text)
    }

    static func end(days: Int?, now: Int64) throws -> Int64? {
        guard let days else { return nil }
        guard (1...36_500).contains(days) else { throw ValidationError("--days must be from 1 to 36500") }
        return now + Int64(days) * 86_400_000
    }
}

extension [UserID: String] {
    /// A line with the user's name in the place of the id, where there is one.
    func named(_ user: UserID, in line: String) -> String {
        self[user].map { line.replacing(user.description, with: $0) } ?? line
    }
}

/// What a question is about.
struct ResourceOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The resource's kind and id, such as payment:1; no resource unless given.", valueName: "id"))
    var resource: String?

    @Option(name: .long, help: ArgumentHelp("Whose the resource is.", valueName: "user"))
    var owner: String?

    @Option(name: .long, help: ArgumentHelp("A fact about the resource; may be repeated.", valueName: "name=value"))
    var attribute: [String] = []

    func resource(in place: AuthzPlace) async throws -> Resource? {
        guard let resource else {
            guard owner == nil, attribute.isEmpty else { throw ValidationError("--owner and --attribute describe a --resource") }
            return nil
        }
        var attributes: [String: String] = [:]
        for text in attribute {
            guard let mark = text.firstIndex(of: "=") else { throw ValidationError("--attribute is written as name=value") }
            attributes[String(text[..<mark])] = String(text[text.index(after: mark)...])
        }
        var ownerID: UserID?
        if let owner { ownerID = try await place.user(owner) }
        return Resource(id: resource, owner: ownerID, attributes: attributes)
    }
}
