// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Security
import Storage

struct AuthzRoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role", abstract: "Create, change and delete roles.", subcommands: [Create.self, Inherit.self, Delete.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Create a role.")

        @Argument(help: "A name: a letter and up to 63 letters, digits, _ and -.")
        var role: String

        @Option(name: .long, help: "A role whose rules it has as well; may be repeated.")
        var inherits: [String] = []

        @OptionGroup var authz: AuthzOptions

        func run() async throws {
            try await authz.open().apply(.createRole(role, parents: inherits), saying: "role \(Console.plain(role)) created")
        }
    }

    struct Inherit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which roles a role inherits from, instead of those so far.",
            discussion: "Without a role after the first one it inherits from none. A role that would inherit from itself is refused.")

        @Argument(help: "The role.")
        var role: String

        @Argument(help: "The roles whose rules it has as well.")
        var parents: [String] = []

        @OptionGroup var authz: AuthzOptions

        func run() async throws {
            try await authz.open().apply(.setParents(role, parents), saying: "role \(Console.plain(role)) changed")
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a role that nobody has and no role inherits from, with its rules.")

        @Argument(help: "The role.")
        var role: String

        @OptionGroup var authz: AuthzOptions

        func run() async throws {
            try await authz.open().apply(.deleteRole(role), saying: "role \(Console.plain(role)) deleted")
        }
    }
}

struct AuthzRuleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule", abstract: "Set and remove rules.", subcommands: [Set.self, Remove.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a rule, or make the one of that id anew.",
            discussion: """
                An action is a pattern: plugin.invoke covers plugin.invoke.payment, and * stands for one whole segment. --on says which
                resources are meant: all, owner, 'id = payment:1', 'region = eu', 'region in eu, us'.
                """)

        @Argument(help: "The rule's id, up to 64 characters.")
        var id: String

        @Option(name: .long, help: ArgumentHelp("What it permits.", valueName: "action"))
        var permit: String?

        @Option(name: .long, help: ArgumentHelp("What it denies, whatever permits it.", valueName: "action"))
        var deny: String?

        @Option(name: .long, help: "The role that it is about.")
        var role: String?

        @Option(name: .long, help: "The user that it is about: an e-mail address or an id.")
        var user: String?

        @Option(name: .long, help: ArgumentHelp("The resources that are meant.", valueName: "selector"))
        var on = "all"

        @Option(name: .long, help: "Days until it ends; for good unless given.")
        var days: Int?

        @OptionGroup var authz: AuthzOptions

        func run() async throws {
            guard let action = permit ?? deny, permit == nil || deny == nil else {
                throw ValidationError("give one of --permit and --deny")
            }
            guard (role == nil) != (user == nil) else { throw ValidationError("give one of --role and --user") }
            let selector: ResourceSelector
            do throws(PolicyProblem) { selector = try ResourceSelector(on) } catch { throw ValidationError("\(error)") }
            let (pattern, place) = (try AuthzInput.action(action), try await authz.open())
            let subject: Policy.Subject
            if let role { subject = .role(role) } else { subject = .user(try await place.user(user ?? "")) }
            let rule = Policy.Rule(
                id: id, permit == nil ? .deny : .permit, subject, pattern, on: selector,
                expiresAt: try AuthzInput.end(days: days, now: place.now))
            try await place.apply(.setRule(rule), saying: "rule \(Console.plain(id)) set")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a rule.")

        @Argument(help: "The rule's id, as 'panelhost authz show' names it.")
        var id: String

        @OptionGroup var authz: AuthzOptions

        func run() async throws {
            try await authz.open().apply(.removeRule(id), saying: "rule \(Console.plain(id)) removed")
        }
    }
}

struct AuthzAssignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign", abstract: "Give somebody a role, for good or for some days.",
        discussion: "Given again, it ends when the newer one does. Refused where a separation of duties keeps it from what they have.")

    @Argument(help: "The user's e-mail address or id.")
    var user: String

    @Argument(help: "The role.")
    var role: String

    @Option(name: .long, help: "Days until it ends; for good unless given.")
    var days: Int?

    @OptionGroup var authz: AuthzOptions

    func run() async throws {
        let place = try await authz.open()
        let end = try AuthzInput.end(days: days, now: place.now)
        try await place.apply(
            .assign(Policy.Assignment(try await place.user(user), role, expiresAt: end)),
            saying: "\(Console.plain(user)) has the role \(Console.plain(role))" + (days.map { " for \($0) days" } ?? ""))
    }
}

struct AuthzUnassignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "unassign", abstract: "Take a role from somebody.")

    @Argument(help: "The user's e-mail address or id.")
    var user: String

    @Argument(help: "The role.")
    var role: String

    @OptionGroup var authz: AuthzOptions

    func run() async throws {
        let place = try await authz.open()
        try await place.apply(
            .unassign(try await place.user(user), role: role),
            saying: "\(Console.plain(user)) no longer has the role \(Console.plain(role))")
    }
}

struct AuthzSeparationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "separation", abstract: "Say which roles or permissions nobody may have two of.", subcommands: [Set.self, Remove.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a separation of duties, or make the one of that name anew.",
            discussion: "Whoever has two of them already keeps them and is named; 'panelhost authz check' names them again.")

        @Argument(help: "A name: a letter and up to 63 letters, digits, _ and -.")
        var name: String

        @Option(name: .long, help: "A role; at least two.")
        var role: [String] = []

        @Option(name: .long, help: "A permission; at least two.")
        var permission: [String] = []

        @OptionGroup var authz: AuthzOptions

        func run() async throws {
            guard role.isEmpty != permission.isEmpty else { throw ValidationError("give --role or --permission, at least twice") }
            let separation = Policy.Separation(name, role.isEmpty ? .permissions : .roles, role + permission)
            try await authz.open().apply(.setSeparation(separation), saying: "separation \(Console.plain(name)) set")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a separation of duties.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var authz: AuthzOptions

        func run() async throws {
            try await authz.open().apply(.removeSeparation(name), saying: "separation \(Console.plain(name)) removed")
        }
    }
}
