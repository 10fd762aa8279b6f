// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("API keys that are rotated", .everyEngine)
struct APIKeyRotationTests {
    private func key(_ fixture: SignInFixture, _ permissions: [String] = ["plugin.read"]) async throws -> (
        permit: Permit, id: APIKeyID, text: String
    ) {
        let permit = SystemAuthority().permit(.userManage, in: fixture.test.acme.id, as: "test")
        let issued = try await fixture.authenticator.issueAPIKey(
            permit, name: "panel", permissions: permissions, expiresAt: fixture.time.now + 86_400_000)
        return (permit, issued.record.id, try #require(issued.text.revealedText()))
    }

    private func isGood(_ fixture: SignInFixture, _ text: String) async throws -> Bool {
        do {
            _ = try await fixture.elsewhere.principal(bearer: text)
            await fixture.elsewhere.settleUses()
            return true
        } catch AuthenticationError.refused {
            return false
        }
    }

    @Test("the old secret is good for the overlap, to the millisecond, and a third one ends it")
    func overlap() async throws {
        let fixture = try await SignInFixture()
        let (permit, id, first) = try await key(fixture)
        let rotated = try #require(try await fixture.authenticator.rotateAPIKey(permit, id: id, overlap: 1000))
        let second = try #require(rotated.text.revealedText())
        #expect(second != first && rotated.record.id == id)
        #expect(try await isGood(fixture, first))
        #expect(try await isGood(fixture, second))
        fixture.time.advance(by: 999)
        #expect(try await isGood(fixture, first))
        fixture.time.advance(by: 1)
        #expect(try await !isGood(fixture, first))
        #expect(try await isGood(fixture, second))

        _ = try await fixture.authenticator.rotateAPIKey(permit, id: id, overlap: 5000)
        let third = try await fixture.authenticator.rotateAPIKey(permit, id: id, overlap: 0)
        #expect(try await !isGood(fixture, second))
        #expect(try await isGood(fixture, try #require(third?.text.revealedText())))
        #expect(try await fixture.authenticator.revokeAPIKey(permit, id: id))
        #expect(try await fixture.authenticator.rotateAPIKey(permit, id: id, overlap: 0) == nil)
        #expect(try await fixture.actions(AuditQuery(action: "user.manage")).count == 5)
    }

    @Test("a rotation wants an overlap of a week at most, and a key that has not ended")
    func refusals() async throws {
        let fixture = try await SignInFixture()
        let (permit, id, _) = try await key(fixture)
        for overlap in [-1, 7 * 86_400_000 + 1, Int64.max, .min] {
            await #expect(throws: AuthenticationError.self) {
                try await fixture.authenticator.rotateAPIKey(permit, id: id, overlap: overlap)
            }
        }
        await #expect(throws: AuthenticationError.self) {
            try await fixture.authenticator.rotateAPIKey(permit, id: id, overlap: 0, expiresAt: fixture.time.now)
        }
        let foreign = SystemAuthority().permit(.userManage, in: fixture.test.globex.id, as: "test")
        #expect(try await fixture.authenticator.rotateAPIKey(foreign, id: id, overlap: 0) == nil)
        fixture.time.advance(by: 86_400_000)
        #expect(try await fixture.authenticator.rotateAPIKey(permit, id: id, overlap: 0) == nil)
    }

    @Test("nobody makes or rotates a key that may do more than they may, or for longer")
    func ceiling() async throws {
        let fixture = try await SignInFixture()
        let (_, id, _) = try await key(fixture, ["plugin.manage"])
        try await fixture.test.write { tx in
            _ = try UserRepository(tx).revoke("ADMIN", from: fixture.ann.id)
            for (id, action) in [("1", "user.manage"), ("2", "plugin.read")] {
                _ = try PolicyRepository(tx).apply(
                    .setRule(
                        Policy.Rule(
                            id: id, .permit, .user(fixture.ann.id), try ActionPattern(action), expiresAt: fixture.time.now + 86_400_000)),
                    SystemAuthority().permit(.roleManage, in: fixture.test.acme.id, as: "test"), correlation: "c", at: 1)
            }
        }
        let caller = try await fixture.authenticator.principal(bearer: fixture.signIn().accessToken)
        let permit = try Authorizer().authorize(caller, to: .userManage)
        await #expect(throws: AuthenticationError.self) { try await fixture.authenticator.rotateAPIKey(permit, id: id, overlap: 0) }
        for (permissions, end) in [(["plugin.enable"], fixture.time.now + 1000), (["plugin.read"], fixture.time.now + 86_400_001)] {
            await #expect(throws: AuthenticationError.self) {
                try await fixture.authenticator.issueAPIKey(permit, name: "x", permissions: permissions, expiresAt: end)
            }
        }
        _ = try await fixture.authenticator.issueAPIKey(permit, name: "x", permissions: ["plugin.read"], expiresAt: fixture.time.now + 1000)
    }

    @Test("a key makes and rotates no keys, so that its withdrawal and its issuer's deletion leave none")
    func keysOfKeys() async throws {
        let fixture = try await SignInFixture()
        let (_, id, text) = try await key(fixture, ["user.manage", "plugin.read"])
        let permit = try Authorizer().authorize(try await fixture.authenticator.principal(bearer: text), to: .userManage)
        await #expect(throws: AuthenticationError.denied(.personRequired)) {
            try await fixture.authenticator.issueAPIKey(
                permit, name: "child", permissions: ["plugin.read"], expiresAt: fixture.time.now + 1000)
        }
        await #expect(throws: AuthenticationError.denied(.personRequired)) {
            try await fixture.authenticator.rotateAPIKey(permit, id: id, overlap: 0)
        }
        #expect(try await fixture.count("SELECT COUNT(*) AS n FROM api_keys") == 1)
    }

    @Test(
        "nobody makes or rotates a key who was let in and is no longer there", arguments: ["suspended", "deleted", "signed out", "tenant"])
    func goneMeanwhile(end: String) async throws {
        let fixture = try await SignInFixture()
        let (_, id, _) = try await key(fixture)
        let pair = try await fixture.signIn()
        let permit = try Authorizer().authorize(try await fixture.authenticator.principal(bearer: pair.accessToken), to: .userManage)
        func issue() async throws {
            _ = try await fixture.authenticator.issueAPIKey(
                permit, name: "late", permissions: ["plugin.read"], expiresAt: fixture.time.now + 1000)
        }
        try await issue()
        #expect(try await fixture.authenticator.rotateAPIKey(permit, id: id, overlap: 0) != nil)

        let (ann, test) = (fixture.ann.id, fixture.test)
        switch end {
        case "suspended": try await test.write { try UserRepository($0).setStatus(.suspended, of: ann, at: 2) }
        case "deleted": try await test.write { try UserRepository($0).erase(ann, at: 2) }
        case "signed out": try await fixture.authenticator.signOut(permit.principal)
        default:
            try await test.database.platform(test.platform) { _ = try TenantLife($0).suspend(TenantLife($0).lock(test.acme.slug), at: 2) }
        }
        await #expect(throws: AuthenticationError.refused) { try await issue() }
        #expect(try await fixture.authenticator.rotateAPIKey(permit, id: id, overlap: 0) == nil)
        #expect(try await fixture.count("SELECT COUNT(*) AS n FROM api_keys") == 2)
        if end == "deleted" {
            #expect(try await fixture.count("SELECT COUNT(*) AS n FROM api_keys WHERE name = 'late' AND revoked_at IS NULL") == 0)
        }
    }

    @Test("the list tells when a key was last used, to the minute, and whether its issuer is still there")
    func list() async throws {
        let fixture = try await SignInFixture()
        let (permit, _, text) = try await key(fixture)
        let ann = try await fixture.authenticator.principal(bearer: fixture.signIn().accessToken)
        _ = try await fixture.authenticator.issueAPIKey(
            try Authorizer().authorize(ann, to: .userManage), name: "anns", permissions: ["plugin.read"], expiresAt: fixture.time.now + 1000
        )
        func keys() async throws -> [APIKeyRecord] { try await fixture.authenticator.apiKeys(ListPermit(permit)) }

        #expect(try await keys().map(\.lastUsedAt) == [nil, nil])
        #expect(try await keys().map(\.isIssuerActive) == [nil, true])
        #expect(try await isGood(fixture, text))
        #expect(try await keys()[0].lastUsedAt == TestDatabase.now)
        fixture.time.advance(by: 59_999)
        #expect(try await isGood(fixture, text))
        #expect(try await keys()[0].lastUsedAt == TestDatabase.now)
        fixture.time.advance(by: 1)
        #expect(try await isGood(fixture, text))
        #expect(try await keys()[0].lastUsedAt == TestDatabase.now + 60_000)
        try await fixture.test.write { try UserRepository($0).setStatus(.suspended, of: fixture.ann.id, at: 1) }
        #expect(try await keys().map(\.isIssuerActive) == [nil, false])
        let globex = SystemAuthority().permit(.userManage, in: fixture.test.globex.id, as: "test")
        #expect(try await fixture.authenticator.apiKeys(ListPermit(globex)).isEmpty)
    }
}
