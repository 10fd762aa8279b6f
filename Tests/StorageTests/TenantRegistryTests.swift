// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

@Suite("TenantRegistry", .everyEngine)
struct TenantRegistryTests {
    @Test("creates a tenant with the built-in roles, their permissions and its first audit event")
    func create() async throws {
        let test = try await TestDatabase()

        let (roles, billing, events) = try await test.read { tx in
            let users = UserRepository(tx)
            let rules = try PolicyRepository(tx).load().policy.rules.filter { $0.subject == .role("BILLING_AGENT") }
            return try (users.roles(), rules, AuditRepository(tx).search(AuditQuery()))
        }

        #expect(Set(roles) == Set(BuiltInRole.allCases.map(\.rawValue)).subtracting(["SUPER_ADMIN"]))
        #expect(billing.map(\.action.description).sorted() == BuiltInRole.billingAgent.permissions)
        #expect(billing.allSatisfy { $0.effect == .permit && $0.selector == .all && $0.expiresAt == nil })
        #expect(events.map(\.action) == ["tenant.manage"])
        #expect(events.first?.resource == "tenant:\(test.acme.id)")
    }

    @Test("gives SUPER_ADMIN to the platform's tenant only")
    func superAdmin() async throws {
        let test = try await TestDatabase()

        let platform = try await test.database.platform(test.platform) { tx in
            try TenantRegistry(tx).create(slug: .platform, name: "Platform", by: "system:test", correlation: "c", at: TestDatabase.now)
        }

        let roles = try await test.read(platform) { try UserRepository($0).roles() }
        #expect(Set(roles) == Set(BuiltInRole.allCases.map(\.rawValue)))
        #expect(
            try await test.database.platformRead(test.platform) { try TenantRegistry($0).all().map(\.slug.description) } == [
                "acme", "globex", "platform",
            ])
    }

    @Test("refuses a slug that is taken, and leaves nothing of the attempt")
    func duplicate() async throws {
        let test = try await TestDatabase()

        let code = await StorageError.code {
            try await test.database.platform(test.platform) { tx in
                try TenantRegistry(tx).create(slug: slug("acme"), name: "Again", by: "system:test", correlation: "c", at: TestDatabase.now)
            }
        }

        #expect(code == .duplicate)
        #expect(try await test.verifyAll().trails.count == 2)
    }

    @Test("lists every action as a permission that can be given")
    func permissions() async throws {
        let test = try await TestDatabase()

        let names = try await test.read { try $0.query("SELECT name FROM permissions ORDER BY name", []).map { try $0.text("name") } }

        #expect(names == Action.known.map(\.rawValue).sorted())
        for role in BuiltInRole.allCases { #expect(Set(role.permissions).isSubset(of: names)) }
    }

    @Test("suspends one tenant and not the other")
    func suspend() async throws {
        let test = try await TestDatabase()

        let after = try await test.database.platform(test.platform) { tx in
            let registry = TenantRegistry(tx)
            _ = try TenantLife(tx).suspend(TenantLife(tx).lock(test.acme.slug), at: TestDatabase.now)
            return try (registry.find(test.acme.id), registry.find(slug: slug("globex")))
        }

        #expect(after.0?.status == .suspended)
        #expect(after.0?.epoch == 2)
        #expect(after.1 == test.globex)
    }
}
