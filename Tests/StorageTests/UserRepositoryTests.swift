// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("UserRepository", .everyEngine)
struct UserRepositoryTests {
    private func user(_ test: TestDatabase, email: String = "Ann@Acme.test ", roles: [String] = ["ADMIN"]) async throws -> UserRecord {
        try await test.write { tx in
            try UserRepository(tx).create(email: email, name: "Ann", passwordHash: "$argon2id$x", roles: roles, at: TestDatabase.now)
        }
    }

    @Test("finds a user by address in any spelling, in his tenant only")
    func find() async throws {
        let test = try await TestDatabase()
        let ann = try await user(test)

        #expect(ann.email == "ann@acme.test")
        #expect(ann.roles == ["ADMIN"])
        #expect(try await test.read { try UserRepository($0).find(email: "ANN@acme.TEST") } == ann)
        #expect(try await test.read { try UserRepository($0).all() } == [ann])
        let foreign = try await test.read(test.globex) { tx in
            let users = UserRepository(tx)
            return try (users.find(ann.id), users.find(email: ann.email), users.all())
        }
        #expect(foreign.0 == nil && foreign.1 == nil && foreign.2.isEmpty)
    }

    @Test("refuses an address twice in a tenant, and allows it in the other")
    func duplicate() async throws {
        let test = try await TestDatabase()
        _ = try await user(test)

        #expect(await StorageError.code { try await user(test) } == .duplicate)
        _ = try await test.write(test.globex) { tx in
            try UserRepository(tx).create(email: "ann@acme.test", name: "Ann", passwordHash: "x", roles: [], at: TestDatabase.now)
        }
    }

    @Test("adds up what the roles of a user permit")
    func roles() async throws {
        let test = try await TestDatabase()
        let ann = try await user(test, roles: ["BILLING_AGENT", "SUPPORT_AGENT"])
        func held() async throws -> Set<Action> {
            let snapshot = PolicySnapshot(try await test.read { try PolicyRepository($0).load().policy })
            let who = snapshot.subject(ann.id, at: TestDatabase.now)
            return Set(Action.known.filter { snapshot.decide(who, $0) == .permitted })
        }
        func named(_ roles: BuiltInRole...) -> Set<Action> { Set(roles.flatMap(\.permissions).map(Action.init(rawValue:))) }

        #expect(try await held() == named(.billingAgent, .supportAgent))

        #expect(try await test.write { try UserRepository($0).revoke("BILLING_AGENT", from: ann.id) })
        #expect(try await !test.write { try UserRepository($0).revoke("BILLING_AGENT", from: ann.id) })
        #expect(try await held() == named(.supportAgent))
    }

    @Test("gives no role that the tenant does not have, and none to another tenant's user")
    func foreignRole() async throws {
        let test = try await TestDatabase()
        let ann = try await user(test)

        for role in ["SUPER_ADMIN", "NOBODY"] {
            #expect(await StorageError.code { try await test.write { try UserRepository($0).grant(role, to: ann.id, at: 0) } } == .notFound)
        }
        #expect(
            await StorageError.code { try await test.write(test.globex) { try UserRepository($0).grant("ADMIN", to: ann.id, at: 0) } }
                == .notFound)
    }

    @Test("roles that somebody gives to a new user are kept apart and say who gave them")
    func given() async throws {
        let test = try await TestDatabase()
        let (users, roles) = (
            test.authority.permit(.userManage, in: test.acme.id, as: "cli"), test.authority.permit(.roleManage, in: test.acme.id, as: "cli")
        )
        _ = try await test.write { tx in
            try PolicyRepository(tx).apply(
                .setSeparation(Policy.Separation("APART", .roles, ["BILLING_AGENT", "SUPPORT_AGENT"])), roles, correlation: "c",
                at: TestDatabase.now)
        }
        @Sendable func create(_ roles: [String]) async throws {
            try await test.write { tx in
                let ann = try UserRepository(tx).create(
                    email: "ann@acme.test", name: "Ann", passwordHash: "x", roles: [], at: TestDatabase.now)
                try UserRepository(tx).grant(roles, to: ann.id, users, correlation: "c", at: TestDatabase.now)
            }
        }

        await #expect(throws: PolicyRefusal.self) { try await create(["BILLING_AGENT", "SUPPORT_AGENT"]) }
        #expect(try await test.read { try UserRepository($0).all() }.isEmpty)

        try await create(["READ_ONLY", "BILLING_AGENT", "READ_ONLY"])
        let given = try await test.read { tx in
            try tx.query("SELECT role, granted_by FROM user_roles WHERE tenant_id = $1 ORDER BY role", [tx.tenant]).map { row in
                [try row.text("role"), try row.text("granted_by")]
            }
        }
        #expect(given == [["BILLING_AGENT", "system:cli"], ["READ_ONLY", "system:cli"]])
    }

    @Test("changes passwords and status of its own tenant's users only")
    func change() async throws {
        let test = try await TestDatabase()
        let ann = try await user(test)

        for body: @Sendable (UserRepository) throws -> Void in [
            { try $0.setPassword("y", of: ann.id, at: 1) }, { try $0.setStatus(.suspended, of: ann.id, at: 1) },
        ] {
            #expect(await StorageError.code { try await test.write(test.globex) { try body(UserRepository($0)) } } == .notFound)
        }

        try await test.write { try UserRepository($0).setStatus(.suspended, of: ann.id, at: 1) }
        #expect(try await test.read { try UserRepository($0).find(ann.id)?.status } == .suspended)
    }
}
