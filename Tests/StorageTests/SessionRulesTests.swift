// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("Session rules", .everyEngine)
struct SessionRulesTests {
    private func rules(_ fixture: SignInFixture, _ change: (inout SessionRules) -> Void) async throws {
        var rules = SessionRules.standard
        change(&rules)
        let permit = SystemAuthority().permit(.sessionManage, in: fixture.test.acme.id, as: "test")
        try await fixture.authenticator.setSessionRules(rules, permit)
    }

    @Test("what is set on one host holds at the next request on another, and in no other tenant")
    func everywhere() async throws {
        let fixture = try await SignInFixture()
        let pair = try await fixture.signIn()
        let globex = try await fixture.signIn("another password entirely", slug: "globex")
        fixture.time.advance(by: 300_000)
        _ = try await fixture.elsewhere.principal(bearer: globex.accessToken)

        try await rules(fixture) { $0.administrators.idle = 300_000 }

        await #expect(throws: AuthenticationError.refused) { try await fixture.elsewhere.principal(bearer: pair.accessToken) }
        _ = try await fixture.elsewhere.principal(bearer: globex.accessToken)
        try await rules(fixture) { $0.administrators.idle = 300_001 }
        _ = try await fixture.elsewhere.principal(bearer: pair.accessToken)
        #expect(try await fixture.test.read { try SessionRulesRepository($0).find().rules?.administrators.idle } == 300_001)
    }

    @Test("a use is noted by one of several hosts, and not for a session that has ended")
    func noted() async throws {
        let fixture = try await SignInFixture()
        let pair = try await fixture.signIn()
        func seen() async throws -> Int64 { try await fixture.count("SELECT last_seen_at AS n FROM sessions") }
        fixture.time.advance(by: 59_999)
        _ = try await fixture.elsewhere.principal(bearer: pair.accessToken)
        await fixture.elsewhere.settleUses()
        #expect(try await seen() == TestDatabase.now)
        fixture.time.advance(by: 1)
        for host in [fixture.authenticator, fixture.elsewhere] {
            _ = try await host.principal(bearer: pair.accessToken)
            await host.settleUses()
        }
        #expect(try await seen() == TestDatabase.now + 60_000)
        let changed = try await fixture.test.write { tx in
            try SessionRepository(tx).noteUse(of: pair.session, at: TestDatabase.now + 119_999)
            _ = try SessionRepository(tx).end(pair.session, at: TestDatabase.now)
            try SessionRepository(tx).noteUse(of: pair.session, at: TestDatabase.now + 500_000)
            return try tx.query("SELECT last_seen_at AS n FROM sessions", [])[0].int("n")
        }
        #expect(changed == TestDatabase.now + 60_000)
    }

    @Test("of sign-ins at once on two hosts no more stay than may be", arguments: SessionRules.WhenFull.allCases)
    func race(whenFull: SessionRules.WhenFull) async throws {
        let fixture = try await SignInFixture()
        try await rules(fixture) { ($0.concurrent, $0.whenFull) = (2, whenFull) }

        let opened = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<6 {
                let host = index.isMultiple(of: 2) ? fixture.authenticator : fixture.elsewhere
                group.addTask {
                    let outcome = try? await host.signIn(slug: "acme", email: "ann@acme.test", password: Secret("correct horse battery"))
                    return outcome?.session != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }

        // The counter of failures may ask one of several at once to wait; what counts is how many are open.
        #expect(try await fixture.count("SELECT COUNT(*) AS n FROM sessions WHERE revoked_at IS NULL") == min(2, Int64(opened)))
        #expect(whenFull == .endOldest || opened <= 2)
    }

    @Test("an administrator sees a user's sessions and ends one or all, which stands in the trail")
    func administrators() async throws {
        let fixture = try await SignInFixture()
        let pairs = [try await fixture.signIn(), try await fixture.signIn(), try await fixture.signIn()]
        let permit = SystemAuthority().permit(.sessionManage, in: fixture.test.acme.id, as: "test")
        let (host, ann) = (fixture.elsewhere, fixture.ann.id)

        #expect(Set(try await host.sessions(of: ann, permit)?.map(\.id) ?? []) == Set(pairs.map(\.session)))
        #expect(try await host.endSessions(of: ann, .only(pairs[0].session), permit) == [pairs[0].session])
        await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.principal(bearer: pairs[0].accessToken) }
        #expect(try await host.endSessions(of: ann, .only(pairs[0].session), permit) == [])
        #expect(try await host.endSessions(of: ann, .all, permit)?.count == 2)
        await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.refresh(pairs[2].refreshToken) }
        #expect(try await host.sessions(of: ann, permit) == [])
        #expect(try await host.sessions(of: .make(), permit) == nil)
        #expect(try await host.endSessions(of: .make(), .all, permit) == nil)
        let other = SystemAuthority().permit(.sessionManage, in: fixture.test.globex.id, as: "test")
        #expect(try await host.sessions(of: ann, other) == nil)
        await #expect(throws: AuthenticationError.self) {
            try await host.sessions(of: ann, SystemAuthority().permit(.userManage, in: fixture.test.acme.id, as: "test"))
        }
        #expect(try await fixture.actions(AuditQuery(action: "session.manage")).count == 2)
    }
}
