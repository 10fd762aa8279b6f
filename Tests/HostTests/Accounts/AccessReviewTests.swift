// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

@Suite("Access reviews", .timeLimit(.minutes(10)))
struct AccessReviewTests {
    @Test("a review takes away what somebody else than its person decided, and the last administrator stays one")
    func review() async throws {
        try await Rig.with { rig in
            let (ann, bob) = (
                try await rig.member("ann", roles: ["ADMIN"]), try await rig.member("bob", roles: ["BILLING_AGENT", "MANAGER"])
            )
            try await rig.database.transaction(rig.permit(.roleManage).scope) { tx in
                _ = try PolicyRepository(tx).apply(
                    .setRule(Policy.Rule(id: "extra", .permit, .user(bob.id), try ActionPattern("audit.read"))), rig.permit(.roleManage),
                    correlation: "c", at: 1)
            }
            let reviews = rig.host.accessReviews
            let review = try await reviews.create(rig.manage, name: "2027-Q1", origin: Rig.trace)
            #expect(
                review.lines.map { "\($0.user == ann.id ? "ann" : "bob") \($0.role)" } == [
                    "ann ADMIN", "bob BILLING_AGENT", "bob MANAGER", "bob rule:extra",
                ])
            #expect(review.lines[3].permissions == ["permit audit.read"])
            func attest(_ lines: [Int64], _ decision: AccessReview.Line.Decision, by user: UserRecord) async -> HostError.Code? {
                await HostError.code {
                    try await reviews.attest(rig.manage, review.id, lines: lines, decision, by: user.id, origin: Rig.trace)
                }
            }
            func close(_ revokesUndecided: Bool) async throws -> AccessReview {
                try await reviews.close(
                    rig.manage, rules: rig.permit(.roleManage), review.id, revokesUndecided: revokesUndecided, origin: Rig.trace)
            }

            #expect(await attest([2], .keep, by: bob) == .conflict)
            #expect(await attest([1, 2], .keep, by: ann) == .conflict)
            #expect(await attest([2], .keep, by: ann) == nil)
            #expect(await attest([4], .revoke, by: ann) == nil)
            #expect(await attest([1], .revoke, by: bob) == nil)
            #expect(await attest([9], .keep, by: ann) == .notFound)
            #expect(await HostError.code { try await close(false) } == .conflict)
            let closed = try await close(true)

            #expect(closed.lines.map(\.result) == ["last_administrator", "kept", "revoked", "revoked"])
            #expect(try await rig.host.accounts.user(rig.manage, bob.id).roles == ["BILLING_AGENT"])
            #expect(
                try await rig.database.read(rig.manage.scope) { try PolicyRepository($0).load().policy.rules.contains { $0.id == "extra" } }
                    == false)
            #expect(await HostError.code { try await close(true) } == .conflict)
            #expect(await attest([2], .revoke, by: ann) == .conflict)
            let actions = try await rig.trail().map(\.action).filter { $0.hasPrefix("access_review") }
            #expect(
                actions.sorted() == [
                    "access_review.attest", "access_review.attest", "access_review.attest", "access_review.close", "access_review.create",
                ])
        }
    }
}
