// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Host
import Security
import Storage

/// One user of a tenant, by what they sign in with.
struct UserOptions: ParsableArguments {
    @Argument(help: "The user's e-mail address, or id.")
    var user: String

    @Option(name: .long, help: "The tenant's short name.")
    var tenant: String

    @OptionGroup var options: DataOptions

    /// Finds the user and does something with them as the local operator.
    func with(_ body: (Installation, AccountService, Permit, UserRecord) async throws -> Void) async throws {
        let installation = try await Installation(at: options.location, creating: false)
        let tenant = try await installation.tenant(self.tenant)
        let permit = installation.authority.permit(.userManage, in: tenant.id, as: "cli")
        let user = try await installation.user(user, permit, in: tenant)
        try await body(installation, try installation.accounts(), permit, user)
    }
}

extension Installation {
    /// The user of that address or id; an error that says where there is none.
    func user(_ text: String, _ permit: Permit, in tenant: TenantRecord) async throws -> UserRecord {
        let found = try await database.read(permit.scope) { tx in
            let users = UserRepository(tx)
            return try UserID(text).map { try users.find($0) } ?? users.find(email: text)
        }
        guard let found, found.status != .deleted else {
            throw Failure("there is no user '\(text)' in \(tenant.slug); 'panelhost user list --tenant \(tenant.slug)' lists them")
        }
        return found
    }
}

extension UserCommand {
    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Invite somebody, or print a new invitation.",
            discussion: """
                Prints a token, once, that is good for seven days and for one use: hand it to the person, who chooses a password with it
                (POST /v1/auth/invitations/accept). For somebody who is invited already the token before becomes void.
                """)

        @Option(name: .long, help: "The tenant's short name.")
        var tenant: String

        @Option(name: .long, help: "The e-mail address that the user will sign in with.")
        var email: String

        @Option(name: .long, help: "A role; may be repeated.")
        var role: [String] = []

        @Option(name: .long, help: "A name for people; the e-mail address unless said otherwise.")
        var name: String?

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let tenant = try await installation.tenant(self.tenant)
            let permit = installation.authority.permit(.userManage, in: tenant.id, as: "cli")
            let accounts = try installation.accounts()
            let email = self.email
            let known = try await installation.database.read(permit.scope) { try UserRepository($0).find(email: email) }
            let user: UserRecord
            if let known, known.status == .invited {
                user = known
            } else {
                user = try await accounts.invite(permit, email: email, name: name, roles: role, origin: .commandLine).user
            }
            let token = try await accounts.token(.invitation, for: user.id, permit, origin: .commandLine)
            Console.error("\(user.email) is invited to \(tenant.slug); the token is good for 7 days and shown only now:")
            Console.line(token.revealedText() ?? "")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a tenant's users.")

        @Option(name: .long, help: "The tenant's short name.")
        var tenant: String

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let permit = installation.authority.permit(.userManage, in: try await installation.tenant(tenant).id, as: "cli")
            for user in try await installation.database.read(permit.scope, { try UserRepository($0).all() }) {
                Console.line("\(user.email)\t\(user.status.rawValue)\t\(user.id)")
            }
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a user another name or address.")

        @OptionGroup var user: UserOptions

        @Option(name: .long, help: "What the user signs in with from now on.")
        var email: String?

        @Option(name: .long, help: "A name for people.")
        var name: String?

        func run() async throws {
            guard email != nil || name != nil else { throw ValidationError("say --email, --name, or both") }
            try await user.with { _, accounts, permit, user in
                let updated = try await accounts.update(permit, user.id, email: email, name: name, origin: .commandLine)
                Console.line("\(updated.email)\t\(updated.status.rawValue)\t\(updated.id)")
            }
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Keep a user out: their next request is refused.")

        @OptionGroup var user: UserOptions

        @Option(name: .long, help: "Why, for the list and the trail.")
        var reason: String?

        func run() async throws {
            try await user.with { _, accounts, permit, user in
                _ = try await accounts.suspend(permit, user.id, reason: reason, origin: .commandLine)
                Console.line("\(user.email) is suspended")
            }
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a user in again.")

        @OptionGroup var user: UserOptions

        func run() async throws {
            try await user.with { _, accounts, permit, user in
                let now = try await accounts.activate(permit, user.id, origin: .commandLine)
                Console.line("\(now.email) is \(now.status.rawValue)")
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a user for good.",
            discussion: """
                Their address, name, password, sessions, roles and rules go, and the API keys that they issued are withdrawn; the id never
                comes again. What the audit trail tells of them stays sealed until 'panelhost audit erase --subject user:ID'.
                """)

        @OptionGroup var user: UserOptions

        @Flag(name: .long, help: "Do it. Without this nothing happens.")
        var yes = false

        func run() async throws {
            guard yes else { throw Failure("a deletion cannot be undone: say --yes") }
            try await user.with { _, accounts, permit, user in
                try await accounts.delete(permit, user.id, origin: .commandLine)
                Console.line("deleted; what the audit trail tells of the person: panelhost audit erase --subject user:\(user.id)")
            }
        }
    }

    struct ResetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-password", abstract: "Print a token with which a user sets a new password.",
            discussion: """
                The token is printed once, alone on standard output; it is good for 15 minutes and one use (POST
                /v1/auth/password-reset/complete). The password stays as it is until then, and a second factor is asked for as ever.
                """)

        @OptionGroup var user: UserOptions

        func run() async throws {
            try await user.with { _, accounts, permit, user in
                let token = try await accounts.token(.passwordReset, for: user.id, permit, origin: .commandLine)
                Console.error("a token for \(user.email), good for 15 minutes; it is shown only now:")
                Console.line(token.revealedText() ?? "")
            }
        }
    }
}
