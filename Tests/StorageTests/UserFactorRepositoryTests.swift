// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("UserFactorRepository", .everyEngine)
struct UserFactorRepositoryTests {
    private static let now = TestDatabase.now

    private func seed() async throws -> (TestDatabase, UserFactorRecord) {
        let test = try await TestDatabase()
        let user = try await test.write { tx in
            try UserRepository(tx).create(email: "ann@acme.test", name: "Ann", passwordHash: "x", roles: [], at: Self.now)
        }
        return (test, record(user.id))
    }

    private func record(_ user: UserID, _ text: String = "01:02:03", at now: Int64 = now) -> UserFactorRecord {
        UserFactorRecord(
            user: user, factor: .totp, status: .pending, basis: .secret(Sealed(text: text, keyID: "key", keyVersion: 3)), createdAt: now,
            expiresAt: now + 900_000)
    }

    @Test("a factor is pending until it was shown, and what replaced it meanwhile is not shown by the old one's code")
    func activates() async throws {
        let (test, first) = try await seed()
        let second = record(first.user, "04:05:06", at: Self.now + 1)
        try await test.write { tx throws in
            let factors = UserFactorRepository(tx)
            #expect(try factors.begin(first))
            #expect(try factors.find(.totp, of: first.user) == first)
            #expect(try factors.begin(second), "begun again, since it was never shown")
            #expect(try !factors.activate(first, counter: 7, at: Self.now + 2))
            #expect(try !factors.activate(second, counter: 7, at: Self.now + 900_001), "too late")
            #expect(try factors.activate(second, counter: 7, at: Self.now + 3))
            #expect(try !factors.activate(second, counter: 8, at: Self.now + 4), "once")
            #expect(try !factors.begin(first), "an active one is not replaced")
            #expect(try !factors.use(7, of: .totp, by: first.user, at: Self.now), "the code that showed it is used up")
        }
    }

    @Test("a period is used once by any number of answers at once, and none before it afterwards")
    func useOnce() async throws {
        let (test, record) = try await seed()
        try await test.write { tx in
            _ = try UserFactorRepository(tx).begin(record)
            _ = try UserFactorRepository(tx).activate(record, counter: 7, at: Self.now)
        }
        let used = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 {
                group.addTask { try await test.write { try UserFactorRepository($0).use(9, of: .totp, by: record.user, at: Self.now) } }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(used == 1)
        #expect(try await !test.write { try UserFactorRepository($0).use(8, of: .totp, by: record.user, at: Self.now) })
    }

    @Test("a code on paper is good once, a new set ends the old one, and with the last factor they are gone")
    func backupCodes() async throws {
        let (test, record) = try await seed()
        let (old, new) = ((0..<10).map { [UInt8($0)] }, (10..<20).map { [UInt8($0)] })
        try await test.write { tx in
            let factors = UserFactorRepository(tx)
            _ = try factors.begin(record)
            _ = try factors.activate(record, counter: 7, at: Self.now)
            try factors.replaceBackupCodes(old, of: record.user, at: Self.now)
        }
        let used = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask { try await test.write { try UserFactorRepository($0).useBackupCode(old[3], of: record.user, at: Self.now) } }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(used == 1)
        try await test.write { tx throws in
            let factors = UserFactorRepository(tx)
            #expect(try factors.backupCodes(of: record.user) == 9)
            try factors.replaceBackupCodes(new, of: record.user, at: Self.now)
            #expect(try factors.backupCodes(of: record.user) == 10)
            #expect(try !factors.useBackupCode(old[4], of: record.user, at: Self.now))
            #expect(try factors.remove(.totp, of: record.user)?.factor == .totp)
            #expect(try factors.backupCodes(of: record.user) == 0)
        }
    }

    @Test("a tenant's policy is its own, and one that cannot be read is an error and not the standard")
    func policy() async throws {
        let (test, _) = try await seed()
        var policy = FactorPolicy.standard
        policy.requiredRoles = ["ADMIN"]
        try await test.write { [policy] in try UserFactorRepository($0).setPolicy(policy, by: "system:test", at: Self.now) }
        #expect(try await test.read { try UserFactorRepository($0).policy() } == policy)
        #expect(try await test.read(test.globex) { try UserFactorRepository($0).policy() } == nil)
        try await test.write { _ = try $0.execute("UPDATE factor_policies SET policy = '{}' WHERE tenant_id = $1", [$0.tenant]) }
        await #expect(throws: StorageError.self) { try await test.read { try UserFactorRepository($0).policy() } }
    }

    @Test("a user who must have a factor may do nothing until there is one, by the rows of the database")
    func mustHave() async throws {
        let fixture = try await SignInFixture()
        var policy = FactorPolicy.standard
        policy.requiredRoles = ["ADMIN"]
        try await fixture.test.write { [policy] in try UserFactorRepository($0).setPolicy(policy, by: "system:test", at: Self.now) }
        let pair = try await fixture.signIn()
        let principal = try await fixture.authenticator.principal(bearer: pair.accessToken)
        #expect(principal.assurance?.gap == .enrolment && !principal.permissions.covers(.auditRead))
        #expect(throws: Denial.factorMissing) { try Authorizer().authorize(principal, to: .auditRead) }

        // A factor that was set up elsewhere meanwhile has to be shown here.
        let record = record(fixture.ann.id)
        try await fixture.test.write { tx in
            _ = try UserFactorRepository(tx).begin(record)
            _ = try UserFactorRepository(tx).activate(record, counter: 7, at: Self.now)
        }
        let again = try await fixture.authenticator.principal(bearer: pair.accessToken)
        #expect(again.assurance?.gap == .factor && !again.permissions.covers(.auditRead))
        #expect(throws: Denial.stepUpRequired(maximumAge: nil)) { try Authorizer().authorize(again, to: .auditRead) }
        let outcome = try await fixture.authenticator.signIn(
            slug: "acme", email: "ann@acme.test", password: Secret("correct horse battery"))
        #expect(outcome.session == nil)
    }
}
