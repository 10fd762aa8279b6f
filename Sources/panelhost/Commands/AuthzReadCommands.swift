// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Security
import Storage
import Values

struct AuthzShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print a tenant's whole policy as JSON: what diff and simulate read.")

    @OptionGroup var authz: AuthzOptions

    func run() async throws {
        Console.line(JSON.text(try await authz.open().policy().value, pretty: true))
    }
}

struct AuthzExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say whether somebody may do something, and by which rule and which way.",
        discussion: """
            The first line is the answer with the rule that decides; the others are the rules about this action that do not, and why.
            Ends with 0 when it is permitted and with 2 when it is not.

              panelhost authz explain ann@acme.example plugin.configure --tenant acme
              panelhost authz explain ann@acme.example invoice.read --resource invoice:7 --owner bob@acme.example --attribute region=eu --tenant acme
            """)

    @Argument(help: "The user's e-mail address or id.")
    var user: String

    @Argument(help: "The action, such as plugin.invoke.payment.")
    var action: String

    @OptionGroup var question: ResourceOptions

    @Flag(name: .long, help: "One JSON object.")
    var json = false

    @OptionGroup var authz: AuthzOptions

    func run() async throws {
        let place = try await authz.open()
        let action = try AuthzInput.literal(action)
        let resource = try await question.resource(in: place)
        let explanation = try await place.policy().explain(try await place.user(user), action, on: resource, at: place.now)
        Console.line(json ? JSON.text(explanation.value) : explanation.text)
        if explanation.verdict != .permitted { throw ExitCode(2) }
    }
}

struct AuthzDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Say exactly who gains and loses what between two policies.",
        discussion: """
            Compares two files of 'panelhost authz show', or one with what is in force. '+' is gained, '-' is lost; then user, action, resources,
            and from which millisecond on when it is not at once, since something ends then. A * is any segment that no rule names.
            A separation of duties that comes or goes has a line as well. Ends with 0 when nothing changes and with 2 when something does.
            """)

    @Argument(help: "The older policy file; what is in force when there is only one file.")
    var old: String

    @Argument(help: "The newer policy file.")
    var new: String?

    @Option(name: .long, help: ArgumentHelp("Only this user.", valueName: "user"))
    var user: String?

    @Flag(name: .long, help: "One JSON object a line.")
    var json = false

    @OptionGroup var authz: AuthzOptions

    func run() async throws {
        let place = try await authz.open()
        let before = if new == nil { try await place.policy() } else { try AuthzInput.policy(in: old) }
        let after = try AuthzInput.policy(in: new ?? old)
        var users: Set<UserID>?
        if let user { users = [try await place.user(user)] }
        let found: [PolicyDifference]
        do throws(PolicyProblem) {
            found = try Policy.difference(from: before, to: after, at: place.now, among: users)
        } catch {
            throw Failure("\(error)")
        }
        let names = try await place.names()
        let separations = Policy.separationDifference(from: before, to: after)
        for item in separations { Console.line(json ? JSON.text(item.value) : item.text) }
        for item in found {
            Console.line(json ? JSON.text(item.value) : names.named(item.user, in: item.text))
        }
        if !found.isEmpty || !separations.isEmpty { throw ExitCode(2) }
    }
}

struct AuthzSimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Say what a changed policy file would decide, and what is decided now.",
        discussion: "Changes nothing. Ends with 0 when the file permits it and with 2 when it does not.")

    @Argument(help: "A policy file, as 'panelhost authz show' prints it.")
    var policy: String

    @Argument(help: "The user's e-mail address or id.")
    var user: String

    @Argument(help: "The action, such as plugin.invoke.payment.")
    var action: String

    @OptionGroup var question: ResourceOptions

    @Flag(name: .long, help: "One JSON object.")
    var json = false

    @OptionGroup var authz: AuthzOptions

    func run() async throws {
        let place = try await authz.open()
        let action = try AuthzInput.literal(action)
        let (user, resource) = (try await place.user(user), try await question.resource(in: place))
        let now = try await place.policy().explain(user, action, on: resource, at: place.now)
        let file = try AuthzInput.policy(in: policy)
        let then = file.explain(user, action, on: resource, at: place.now)
        if json {
            Console.line(JSON.text(["now": now.value, "then": then.value]))
        } else {
            Console.line("now:  \(now.text)\nthen: \(then.text)")
            for violation in file.violations(at: place.now) { Console.line("then: \(violation)") }
        }
        if then.verdict != .permitted { throw ExitCode(2) }
    }
}

struct AuthzCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Name everybody who has what a separation of duties keeps apart.",
        discussion: "Ends with 0 when there is nobody and with 2 when there is somebody.")

    @OptionGroup var authz: AuthzOptions

    func run() async throws {
        let place = try await authz.open()
        let violations = try await place.policy().violations(at: place.now)
        let names = try await place.names()
        for violation in violations {
            Console.line(names.named(violation.user, in: violation.description))
        }
        if !violations.isEmpty { throw ExitCode(2) }
        Console.line("nobody has what is kept apart")
    }
}

struct AuthzExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print a tenant's policy in the language of Cedar, for its engine to check.",
        discussion: "With --entities the users and roles as Cedar's entities in JSON. docs/authorization.md says how requests are put.")

    @Flag(name: .long, help: "The entities instead of the policies.")
    var entities = false

    @OptionGroup var authz: AuthzOptions

    func run() async throws {
        let export = CedarExport(try await authz.open().policy())
        if entities { Console.line(JSON.text(export.entities, pretty: true)) } else { Console.write(export.policies) }
    }
}
