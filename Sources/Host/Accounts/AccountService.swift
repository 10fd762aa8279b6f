// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

/// The life of accounts: invited, active, suspended, deleted. Every step is in the trail, and works from the next request on.
package struct AccountService: Sendable {
    let database: any Database
    let authenticator: Authenticator
    let authority: SystemAuthority
    let messages: AccountMessages
    let clock: HostClock

    package init(
        database: any Database, authenticator: Authenticator, authority: SystemAuthority, messages: AccountMessages, clock: HostClock
    ) {
        (self.database, self.authenticator, self.authority) = (database, authenticator, authority)
        (self.messages, self.clock) = (messages, clock)
    }

    /// Over an installation in which nothing runs: messages are handed out by whoever asked.
    package init(database: any Database, authenticator: Authenticator, authority: SystemAuthority, clock: HostClock = .system) {
        self.init(
            database: database, authenticator: authenticator, authority: authority,
            messages: AccountMessages(
                database: database, directory: PluginDirectory(database: database), notifications: nil, authority: authority),
            clock: clock)
    }

    // MARK: Looking

    /// One user; a deleted one is not found.
    package func user(_ permit: Permit, _ id: UserID) async throws -> UserRecord {
        let user = try await database.read(permit.scope) { try UserRepository($0).find(id) }
        guard let user, user.status != .deleted else { throw Self.unknown }
        return user
    }

    // MARK: Inviting

    /// Makes an account for somebody, who chooses the password; the invitation goes out through the tenant's notifier.
    ///
    /// - Returns: the user, and whether a message was queued. Where none was, only the command line can hand out a token.
    package func invite(
        _ permit: Permit, email: String, name: String?, roles: [String], origin: CallOrigin
    ) async throws -> (user: UserRecord, isSent: Bool) {
        let email = try Self.address(email)
        let name = try Self.name(name ?? email)
        // The body may run again.
        let (id, now) = (UserID.make(), clock.nowMilliseconds())
        let user = try await changing(permit) { tx in
            let users = UserRepository(tx)
            let known = try users.roles()
            if let unknown = roles.first(where: { !known.contains($0) }) {
                throw HostError(
                    .invalidRequest, "there is no such role in this tenant", fields: [.init(field: "roles", message: "no role \(unknown)")])
            }
            _ = try users.invite(id: id, email: email, name: name, at: now)
            try tx.append(
                AuditEvent(
                    of: permit, resource: "user:\(id)", outcome: .success,
                    detail: ["change": "invited", "roles": .array(roles.map(Value.string))], correlation: origin.correlation,
                    address: origin.address, personal: ["email": .string(email), "name": .string(name)], about: .user(id)))
            try users.grant(roles, to: id, permit, correlation: origin.correlation, at: now)
            guard let user = try users.find(id) else { throw Self.unknown }
            return user
        }
        return (user, try await messages.send(.invitation, to: id, in: permit.scope.tenant, key: "first", origin: origin))
    }

    /// Sends an invitation again, with a new token; the one before is void.
    package func inviteAgain(_ permit: Permit, _ id: UserID, origin: CallOrigin) async throws -> Bool {
        let user = try await user(permit, id)
        guard user.status == .invited else { throw HostError(.conflict, "the user is not invited any more, but \(user.status.rawValue)") }
        // Once in a quarter of an hour, so that nobody's mailbox is filled.
        let key = String(clock.nowMilliseconds() / 900_000)
        let isSent = try await messages.send(.invitation, to: id, in: permit.scope.tenant, key: key, origin: origin)
        try await database.append(
            permit.scope,
            AuditEvent(
                of: permit, resource: "user:\(id)", outcome: .success, detail: ["change": "invited_again", "sent": .bool(isSent)],
                correlation: origin.correlation, address: origin.address))
        return isSent
    }

    // MARK: Changing

    /// Gives a user another name or address.
    package func update(_ permit: Permit, _ id: UserID, email: String?, name: String?, origin: CallOrigin) async throws -> UserRecord {
        let (email, name) = (try email.map(Self.address), try name.map(Self.name))
        let now = clock.nowMilliseconds()
        let (user, former) = try await changing(permit, on: id) { tx in
            let users = UserRepository(tx)
            try Self.requireReach(permit, id, tx, at: now)
            guard let before = try users.find(id), before.status != .deleted else { throw Self.unknown }
            try users.update(id, email: email, name: name, at: now)
            var personal: [String: Value] = [:]
            if let email { (personal["email"], personal["email_before"]) = (.string(email), .string(before.email)) }
            if let name { personal["name"] = .string(name) }
            try tx.append(
                AuditEvent(
                    of: permit, resource: "user:\(id)", outcome: .success,
                    detail: ["change": "updated", "fields": .array(personal.keys.sorted().map(Value.string))],
                    correlation: origin.correlation, address: origin.address, personal: personal, about: .user(id)))
            guard let user = try users.find(id) else { throw Self.unknown }
            return (user, user.email == before.email || user.status != .active ? nil : before.email)
        }
        // Whoever has had the address until now hears of it; a notice that cannot be queued does not undo the change.
        if let former {
            _ = try? await messages.send(
                .emailChanged, to: id, in: permit.scope.tenant, at: .former(former), key: origin.correlation, origin: origin)
        }
        return user
    }

    /// Keeps a user out until ``activate(_:_:origin:)``.
    package func suspend(_ permit: Permit, _ id: UserID, reason: String?, origin: CallOrigin) async throws -> UserRecord {
        try await change(permit, id, "suspended", reason: reason, origin: origin) { users, now in
            try users.setStatus(.suspended, reason: reason ?? "suspended", of: id, at: now)
        }
    }

    /// Lets a user in again; one who never chose a password is invited again.
    package func activate(_ permit: Permit, _ id: UserID, origin: CallOrigin) async throws -> UserRecord {
        try await change(permit, id, "activated", reason: nil, endangers: false, origin: origin) { users, now in
            try users.setStatus(.active, of: id, at: now)
        }
    }

    /// Leaves nothing of a user but the id.
    ///
    /// What the audit trail tells of the person stays sealed under their key, so that nobody gets rid of evidence by deleting an account;
    /// the operator erases it with `panelhost audit erase`.
    package func delete(_ permit: Permit, _ id: UserID, origin: CallOrigin) async throws {
        _ = try await change(permit, id, "deleted", reason: nil, origin: origin) { users, now in try users.erase(id, at: now) }
    }

    private func change(
        _ permit: Permit, _ id: UserID, _ change: String, reason: String?, endangers: Bool = true, origin: CallOrigin,
        _ body: @escaping @Sendable (UserRepository, Int64) throws -> Void
    ) async throws -> UserRecord {
        if endangers, permit.principal.kind == .user(id) {
            throw HostError(.conflict, "nobody suspends or deletes their own account: another administrator can")
        }
        let now = clock.nowMilliseconds()
        return try await changing(permit, on: id) { tx in
            let users = UserRepository(tx)
            // Two administrators who suspend each other wait for each other here.
            try PolicyRepository(tx).beginChange()
            guard let before = try users.find(id), before.status != .deleted else { throw Self.unknown }
            try Self.requireReach(permit, id, tx, at: now)
            if endangers, before.isAdministrator, before.status == .active, try !users.hasAdministrator(besides: id, at: now) {
                throw HostError(.conflict, "this is the last active administrator: make another one first")
            }
            try body(users, now)
            var detail: [String: Value] = ["change": .string(change), "before": .string(before.status.rawValue)]
            if let reason { detail["reason"] = .string(reason) }
            try tx.append(
                AuditEvent(
                    of: permit, resource: "user:\(id)", outcome: .success, detail: detail, correlation: origin.correlation,
                    address: origin.address))
            guard let user = try users.find(id) else { throw Self.unknown }
            return user
        }
    }

    // MARK: Common

    /// Who takes charge of an account must hold what it holds: an address that is changed is an account that is taken over.
    static func requireReach(_ permit: Permit, _ id: UserID, _ tx: TenantTransaction, at now: Int64) throws {
        let policies = PolicyRepository(tx)
        // Nobody gives the user more while this is decided.
        try policies.hold()
        let policy = try policies.load().policy
        guard permit.principal.ceiling(in: policy, at: now).reaches(id, in: policy, at: now) else {
            throw HostError(.conflict, "the user holds what you do not hold: only who holds as much may take charge of the account")
        }
    }

    /// A change with the permit for it, on one user or else on everybody; refusals of the policy in the host's words.
    func changing<T: Sendable>(
        _ permit: Permit, on user: UserID? = nil, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T {
        try PluginRegistry.require(permit, .userManage, on: user.map { "user:\($0)" })
        do {
            return try await database.transaction(permit.scope, body)
        } catch let refusal as PolicyRefusal {
            throw HostError(.conflict, refusal.description)
        }
    }

    static let unknown = HostError(.notFound, "there is no such user")

    static func address(_ text: String) throws(HostError) -> String {
        let email = UserRepository.normalized(text)
        let halves = email.split(separator: "@", omittingEmptySubsequences: false)
        guard (3...254).contains(email.utf8.count), halves.count == 2, halves.allSatisfy({ !$0.isEmpty }), isPlain(email),
            !email.contains(where: \.isWhitespace)
        else {
            throw HostError(.invalidRequest, "the request is not valid", fields: [.init(field: "email", message: "is no e-mail address")])
        }
        return email
    }

    static func name(_ text: String) throws(HostError) -> String {
        guard (1...200).contains(text.utf8.count), isPlain(text) else {
            throw HostError(
                .invalidRequest, "the request is not valid",
                fields: [.init(field: "name", message: "must have 1 to 200 bytes, without control characters")])
        }
        return text
    }

    private static func isPlain(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
            default: true
            }
        }
    }
}
