// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

@Suite("Access reviews", .timeLimit(.minutes(10)))
struct AccessReviewTests {
    private func attest(
        _ rig: Rig, _ review: AccessReview, _ lines: [Int64], _ decision: AccessReview.Line.Decision, by user: UserRecord
    ) async -> HostError.Code? {
        await HostError.code {
            try await rig.host.accessReviews.attest(
                rig.permit(.accessReviewAttest), review.id, lines.map { ($0, decision) }, by: user.id, origin: Rig.trace)
        }
    }

    private func close(_ rig: Rig, _ review: AccessReview, _ revokesUndecided: Bool) async throws -> [String?] {
        _ = try await rig.host.accessReviews.close(
            rig.permit(.accessReviewManage),
            with: .init(users: .success(rig.permit(.userManage)), rules: .success(rig.permit(.roleManage))), review.id,
            revokesUndecided: revokesUndecided, origin: Rig.trace)
        return try await lines(rig, review).map(\.result)
    }

    private func lines(_ rig: Rig, _ review: AccessReview) async throws -> [AccessReview.Line] {
        try await rig.host.accessReviews.review(rig.permit(.accessReviewRead), review.id).lines
    }

    private func begin(_ rig: Rig) async throws -> AccessReview {
        try await rig.host.accessReviews.create(rig.permit(.accessReviewManage), name: "2027-Q1", origin: Rig.trace)
    }

    private func rule(_ rig: Rig, _ id: String, _ user: UserID, _ action: String) async throws {
        try await rig.database.transaction(rig.permit(.roleManage).scope) { tx in
            _ = try PolicyRepository(tx).apply(
                .setRule(Policy.Rule(id: id, .permit, .user(user), try ActionPattern(action))), rig.permit(.roleManage),
                correlation: "c", at: 1)
        }
    }

    @Test("a review takes away what somebody else than its person decided, and the last administrator stays one")
    func review() async throws {
        try await Rig.with { rig in
            let (ann, bob) = (
                try await rig.member("ann", roles: ["ADMIN"]), try await rig.member("bob", roles: ["BILLING_AGENT", "MANAGER"])
            )
            try await rule(rig, "extra", bob.id, "audit.read")
            let review = try await begin(rig)
            let begun = try await lines(rig, review)
            #expect(
                begun.map { "\($0.user == ann.id ? "ann" : "bob") \($0.kind.rawValue) \($0.name)" } == [
                    "ann role ADMIN", "bob role BILLING_AGENT", "bob role MANAGER", "bob rule extra",
                ])
            #expect(begun[3].permissions == ["permit audit.read"] && begun[3].email == "bob@acme.example")

            #expect(await attest(rig, review, [2], .keep, by: bob) == .conflict)
            #expect(await attest(rig, review, [1, 2], .keep, by: ann) == .conflict)
            #expect(await attest(rig, review, [2], .keep, by: ann) == nil)
            #expect(await attest(rig, review, [4], .revoke, by: ann) == nil)
            #expect(await attest(rig, review, [1], .revoke, by: bob) == nil)
            #expect(await attest(rig, review, [9], .keep, by: ann) == .notFound)
            #expect(await attest(rig, review, [0], .keep, by: ann) == .notFound)
            #expect(await HostError.code { try await close(rig, review, false) } == .conflict)

            #expect(try await close(rig, review, true) == ["last_administrator", "kept", "revoked", "revoked"])
            #expect(try await rig.host.accounts.user(rig.manage, bob.id).roles == ["BILLING_AGENT"])
            #expect(
                try await rig.database.read(rig.manage.scope) { try PolicyRepository($0).load().policy.rules.contains { $0.id == "extra" } }
                    == false)
            #expect(await HostError.code { try await close(rig, review, true) } == .conflict)
            #expect(await attest(rig, review, [2], .revoke, by: ann) == .conflict)
            let actions = try await rig.trail().map(\.action).filter { $0.hasPrefix("access_review") }
            #expect(
                actions.sorted() == [
                    "access_review.attest", "access_review.attest", "access_review.attest", "access_review.close", "access_review.create",
                ])
        }
    }

    @Test("the keys of programs are lines, whoever is behind one does not decide about it, and what is revoked is refused at once")
    func keys() async throws {
        try await Rig.with { rig in
            let (ann, bob) = (try await rig.member("ann", roles: ["ADMIN"]), try await rig.member("bob", roles: ["ADMIN"]))
            let (authenticator, now) = (rig.host.authenticator, WallClock.system.now())
            let asBob = try await rig.managing("bob")
            let issued = try await authenticator.issueAPIKey(
                asBob, name: "panel", permissions: ["user.manage", "plugin.read"], expiresAt: now + 20 * 86_400_000)
            let text = try #require(issued.text.revealedText())
            _ = try await authenticator.principal(bearer: text)
            let second = try await authenticator.issueAPIKey(
                asBob, name: "second", permissions: ["plugin.read"], expiresAt: now + 10 * 86_400_000)
            let gone = try await authenticator.issueAPIKey(asBob, name: "gone", permissions: ["plugin.read"], expiresAt: now + 86_400_000)
            #expect(try await authenticator.revokeAPIKey(asBob, id: gone.record.id))
            await authenticator.settleUses()
            let review = try await begin(rig)
            let keys = try await lines(rig, review).filter { $0.kind == .apiKey }
            #expect(keys.map(\.name) == ["panel", "second"] && keys.map(\.key) == [issued.record.id, second.record.id])
            #expect(keys.allSatisfy { $0.user == bob.id && $0.email == "bob@acme.example" && !$0.isUnused })
            #expect(keys[0].lastUsedAt != nil && keys[1].lastUsedAt == nil && keys[1].issuedBy == "user:\(bob.id)")
            #expect(keys[0].permissions == ["plugin.read", "user.manage"] || keys[0].permissions == ["user.manage", "plugin.read"])

            for line in keys { #expect(await attest(rig, review, [line.number], .keep, by: bob) == .conflict) }
            #expect(await attest(rig, review, [keys[0].number], .revoke, by: ann) == nil)
            #expect(await attest(rig, review, [keys[1].number], .keep, by: ann) == nil)
            for line in try await lines(rig, review) where line.kind == .role {
                #expect(await attest(rig, review, [line.number], .keep, by: line.user == ann.id ? bob : ann) == nil)
            }
            #expect(try await close(rig, review, false).suffix(2) == ["revoked", "kept"])
            await #expect(throws: AuthenticationError.refused) { try await authenticator.principal(bearer: text) }
            _ = try await authenticator.principal(bearer: #require(second.text.revealedText()))
            #expect(try await rig.trail(action: "user.manage").first?.resource == "api_key:\(issued.record.id)")
        }
    }

    @Test("a key that nobody used for as long as makes an account dormant is marked")
    func unused() async throws {
        let clock = ManualClock()
        try await Rig.with(clock: clock.host) { rig in
            let now = clock.host.nowMilliseconds()
            let record = APIKeyRecord(
                id: .make(), tenant: rig.acme.id, slug: rig.acme.slug, name: "old", hash: [1], patterns: ["plugin.read"],
                issuedBy: "system:cli", createdAt: now, expiresAt: now + 300 * 86_400_000)
            _ = try await rig.database.transaction(rig.manage.scope) { try APIKeyRepository($0).insert(record) }
            #expect(try await lines(rig, begin(rig)).map(\.isUnused) == [false])
            clock.advance(seconds: 90 * 86_400)
            #expect(try await lines(rig, begin(rig)).map(\.isUnused) == [true])
            try await rig.decide { $0.dormantDays = 0 }
            #expect(try await lines(rig, begin(rig)).map(\.isUnused) == [false])
        }
    }

    @Test("whoever closes a review takes away no more than they may take away without it, and until then it stays open")
    func rights() async throws {
        try await Rig.with { rig in
            _ = try await rig.member("ann", roles: ["ADMIN"])
            let (bob, clerk) = (try await rig.member("bob", roles: ["MANAGER"]), try await rig.member("clerk"))
            for action in ["access_review.manage", "user.manage"] { try await rule(rig, "clerk-\(action)", clerk.id, action) }
            try await rule(rig, "bob-extra", bob.id, "audit.read")
            let principal = try await rig.host.authenticator.principal(bearer: rig.signIn("clerk").accessToken)
            let review = try await begin(rig)
            func closing() async throws {
                _ = try await rig.host.accessReviews.close(
                    Authorizer().authorize(principal, to: .accessReviewManage), with: .init(of: principal), review.id,
                    revokesUndecided: true, origin: Rig.trace)
            }

            // Rules are taken away by who may change rules.
            await #expect(throws: Denial.missingPermission(.roleManage)) { try await closing() }
            #expect(try await rig.host.accessReviews.review(rig.permit(.accessReviewRead), review.id).review.isOpen)
            #expect(try await rig.host.accounts.user(rig.manage, bob.id).roles == ["MANAGER"])
            // Neither an API key nor somebody else's word attests.
            let byKey = try await rig.host.authenticator.issueAPIKey(
                rig.manage, name: "k", permissions: ["access_review.attest"], expiresAt: WallClock.system.now() + 60_000)
            let key = try await rig.host.authenticator.principal(bearer: #require(byKey.text.revealedText()))
            let permit = try Authorizer().authorize(key, to: .accessReviewAttest)
            await #expect(throws: Denial.personRequired) {
                try await rig.host.accessReviews.attest(permit, review.id, [(1, .keep)], origin: Rig.trace)
            }
            await #expect(throws: Denial.missingPermission(.accessReviewAttest)) {
                try await rig.host.accessReviews.attest(permit, review.id, [(1, .keep)], by: bob.id, origin: Rig.trace)
            }
        }
    }
}
