// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

extension Rig {
    static let password = "tulip sofa lamp orchard"

    var manage: Permit { permit(.userManage) }

    /// An active user of acme with roles.
    func member(_ name: String, roles: [String] = [], password: String = password, at now: Int64 = WallClock.system.now()) async throws
        -> UserRecord
    {
        let hash = try await host.authenticator.newPassword(Secret(password), for: PasswordOwner(profile: .nist, context: [])).hash
        return try await database.transaction(manage.scope) { tx in
            try UserRepository(tx).create(email: "\(name)@acme.example", name: name, passwordHash: hash, roles: roles, at: now)
        }
    }

    func signIn(_ name: String, password: String = password, slug: String = "acme") async throws -> TokenPair {
        try #require(
            try await host.authenticator.signIn(slug: slug, email: "\(name)@acme.example", password: Secret(password)).session)
    }

    /// What somebody who is signed in may do with users.
    func managing(_ name: String) async throws -> Permit {
        let principal = try await host.authenticator.principal(bearer: signIn(name).accessToken)
        return try Authorizer().authorize(principal, to: .userManage)
    }

    func decide(_ change: (inout AccountPolicy) -> Void) async throws {
        var policy = AccountPolicy()
        change(&policy)
        let decided = policy
        try await database.transaction(manage.scope) { try AccountPolicyRepository($0).set(decided, by: "test", at: 1) }
    }

    func status(_ id: UserID) async throws -> UserRecord.Status? {
        try await database.read(manage.scope) { try UserRepository($0).find(id)?.status }
    }
}

extension HostError {
    /// What the closure throws, as a code; `nil` when it throws nothing or something else.
    static func code(of body: () async throws -> some Any) async -> Code? {
        do {
            _ = try await body()
            return nil
        } catch { return (error as? HostError)?.code }
    }
}
