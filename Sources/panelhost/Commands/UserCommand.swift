// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Glibc
import Host
import Security
import Storage
import Values

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Look after users.", discussion: "The keys of programs: 'panelhost api-key'.",
        subcommands: [
            Create.self, Invite.self, List.self, Update.self, Suspend.self, Activate.self, Delete.self, ResetPassword.self,
            UserResetFactorsCommand.self, Dormant.self, Rules.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a user.",
            discussion: "The password is generated and printed once, or read from standard input with --password-stdin.")

        @Option(name: .long, help: "The tenant's short name; 'platform' for those who operate the installation.")
        var tenant: String

        @Option(name: .long, help: "The e-mail address that the user signs in with.")
        var email: String

        @Option(name: .long, help: "A role; may be repeated. \(BuiltInRole.allCases.map(\.rawValue).joined(separator: ", ")).")
        var role: [String]

        @Option(name: .long, help: "A name for people; the e-mail address unless said otherwise.")
        var name: String?

        @Flag(name: .long, help: "Read the password from standard input.")
        var passwordStdin = false

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let tenant = try await installation.tenant(self.tenant)
            let password = passwordStdin ? try Self.readPassword() : Self.generatedPassword()
            try await installation.createUser(tenant, email: email, name: name ?? email, roles: role, password: password)
            Console.line("user \(email) created in \(tenant.slug) (\(role.joined(separator: ", ")))")
            if !passwordStdin { Console.line("password (shown once): \(password.revealedText() ?? "")") }
        }

        /// 25 letters and digits, some 125 bits, in groups that can be read out.
        static func generatedPassword() -> Secret {
            let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789".utf8)
            var letters: [UInt8] = []
            while letters.count < 25 {
                // Rejection keeps every letter equally likely.
                letters += SecureRandom.bytes(64).filter { $0 < 248 }.prefix(25 - letters.count).map { alphabet[Int($0) % alphabet.count] }
            }
            var text: [UInt8] = []
            for (index, letter) in letters.enumerated() {
                if index > 0, index % 5 == 0 { text.append(UInt8(ascii: "-")) }
                text.append(letter)
            }
            return Secret(text)
        }

        private static func readPassword() throws -> Secret {
            var bytes = [UInt8](repeating: 0, count: 2048)
            var count = 0
            while count < bytes.count {
                let got = bytes.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress.map { $0 + count }, $0.count - count) }
                guard got > 0 else { break }
                count += got
            }
            let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            return Secret(Array(line))
        }
    }
}

extension Installation {
    /// Sign-in over this installation's rows and keys.
    func authenticator() throws -> Authenticator {
        Authenticator(
            store: SQLIdentityStore(database), keys: hostKeys, hasher: PasswordHasher(keys: hostKeys, cost: passwordCost),
            policy: try AuthenticationPolicy(issuer: "panelhost", audience: "panelhost-api", environment: "live"))
    }

    /// The life of this installation's accounts.
    func accounts() throws -> AccountService {
        AccountService(database: database, authenticator: try authenticator(), authority: authority)
    }

    /// Creates a user whose password fits the tenant's rules, with the events in the same transaction.
    func createUser(_ tenant: TenantRecord, email: String, name: String, roles: [String], password: Secret) async throws {
        let permit = authority.permit(.userManage, in: tenant.id, as: "cli")
        let profile = try await database.read(permit.scope) { try AccountPolicyRepository($0).current().profile }
        let hash: String
        do {
            let owner = PasswordOwner(profile: profile, context: [email, name, tenant.slug.description, tenant.name])
            hash = try await authenticator().newPassword(password, for: owner).hash
        } catch AuthenticationError.weakPassword(let reason) {
            throw Failure("the password is not good enough: \(reason)")
        }
        // The body may run again.
        let (id, correlation, now) = (UserID.make(), CallID.make().description, WallClock.system.now())
        do {
            try await database.transaction(permit.scope) { tx in
                let users = UserRepository(tx)
                let known = try users.roles()
                if let unknown = roles.first(where: { !known.contains($0) }) {
                    throw Failure("there is no role '\(unknown)' in this tenant; there are: \(known.joined(separator: ", "))")
                }
                _ = try users.create(id: id, email: email, name: name, passwordHash: hash, roles: [], at: now)
                try tx.append(
                    AuditEvent(
                        of: permit, resource: "user:\(id)", outcome: .success,
                        detail: ["change": "created", "roles": .array(roles.map { .string($0) })], correlation: correlation,
                        personal: ["email": .string(email), "name": .string(name)], about: .user(id)))
                try users.grant(roles, to: id, permit, correlation: correlation, at: now)
            }
        } catch let refusal as PolicyRefusal {
            throw Failure("nothing was changed: \(refusal)")
        }
    }
}
