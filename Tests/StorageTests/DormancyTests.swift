// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

@Suite("Dormant accounts at sign-in", .everyEngine)
struct DormancyTests {
    private let day: Int64 = 86_400_000

    /// Whose ann is no administrator, so that she may be suspended and her sessions last as long as they can.
    private func fixture(days: Int64 = 90) async throws -> SignInFixture {
        let fixture = try await SignInFixture()
        var policy = AccountPolicy()
        policy.dormantDays = days
        let decided = policy
        try await fixture.test.write { tx in
            _ = try UserRepository(tx).revoke("ADMIN", from: fixture.ann.id)
            try AccountPolicyRepository(tx).set(decided, by: "test", at: TestDatabase.now)
        }
        return fixture
    }

    private func reason(_ fixture: SignInFixture) async throws -> String? {
        try await fixture.test.read { try UserRepository($0).find(fixture.ann.id)?.reason }
    }

    @Test("who comes a moment too late is refused like a wrong password, suspended, and both stand in the trail")
    func late() async throws {
        let fixture = try await fixture()
        fixture.time.advance(by: 90 * day - 1)
        _ = try await fixture.signIn()
        fixture.time.advance(by: 90 * day)
        await #expect(throws: AuthenticationError.refused) { try await fixture.signIn("wrong") }
        #expect(try await reason(fixture) == nil)
        await #expect(throws: AuthenticationError.refused) { try await fixture.signIn() }
        #expect(try await reason(fixture) == "dormant")
        #expect(try await fixture.actions().prefix(2).sorted() == ["session.sign_in denied", "user.dormant success"])
        // Once: from now on the account is a suspended one.
        await #expect(throws: AuthenticationError.refused) { try await fixture.signIn() }
        #expect(try await fixture.actions().filter { $0.hasPrefix("user.dormant") }.count == 1)
        // Whoever is let in again has time to come.
        let now = fixture.time.now
        try await fixture.test.write { try UserRepository($0).setStatus(.active, of: fixture.ann.id, at: now) }
        _ = try await fixture.signIn()
    }

    @Test("a session that is only prolonged does not keep an account alive, and one that is used does")
    func renewal() async throws {
        let fixture = try await fixture(days: 7)
        var used = try await fixture.signIn()
        for _ in 0..<3 {
            fixture.time.advance(by: 5 * day)
            used = try await fixture.authenticator.refresh(used.refreshToken)
            _ = try await fixture.authenticator.principal(bearer: used.accessToken)
            await fixture.authenticator.settleUses()
        }
        #expect(try await reason(fixture) == nil)
        fixture.time.advance(by: 4 * day)
        used = try await fixture.authenticator.refresh(used.refreshToken)
        fixture.time.advance(by: 3 * day)
        await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.refresh(used.refreshToken) }
        #expect(try await reason(fixture) == "dormant")
        #expect(try await fixture.actions().prefix(2).sorted() == ["session.refresh denied", "user.dormant success"])
    }

    @Test("the last administrator comes in however late, and nobody is dormant where the tenant says never")
    func exceptions() async throws {
        let never = try await fixture(days: 0)
        never.time.advance(by: 4000 * day)
        _ = try await never.signIn()
        let last = try await SignInFixture()
        last.time.advance(by: 400 * day)
        _ = try await last.signIn()
    }

    @Test("an expired password of a dormant account cannot be renewed either")
    func expired() async throws {
        let fixture = try await fixture(days: 30)
        try await fixture.test.write { tx in
            _ = try tx.execute("UPDATE users SET password_alone = 0 WHERE tenant_id = $1", [tx.tenant])
        }
        func confirm() async throws {
            _ = try await fixture.authenticator.confirmExpiredPassword(
                slug: "acme", email: "ann@acme.test", password: Secret("correct horse battery"))
        }
        try await confirm()
        fixture.time.advance(by: 30 * day)
        await #expect(throws: AuthenticationError.refused) { try await confirm() }
        #expect(try await reason(fixture) == "dormant")
    }
}
