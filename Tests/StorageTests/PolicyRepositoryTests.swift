// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("PolicyRepository", .everyEngine)
struct PolicyRepositoryTests {
    private func rule(_ id: String, _ effect: Policy.Effect, _ subject: Policy.Subject, _ action: String, _ on: String = "all") throws
        -> Policy.Rule
    {
        Policy.Rule(id: id, effect, subject, try ActionPattern(action), on: try ResourceSelector(on))
    }

    private func apply(_ test: TestDatabase, _ change: PolicyChange, _ permit: Permit? = nil, at now: Int64 = TestDatabase.now) async throws
    {
        let permit = permit ?? test.authority.permit(change.permission, in: test.acme.id, as: "test")
        _ = try await test.write { try PolicyRepository($0).apply(change, permit, correlation: "c", at: now) }
    }

    @Test("keeps what is changed, each change with its event")
    func changes() async throws {
        let fixture = try await SignInFixture()
        let (test, ann) = (fixture.test, fixture.ann.id)
        let changes: [PolicyChange] = [
            .createRole("DESK", parents: ["SUPPORT_AGENT"]), .setParents("DESK", ["BILLING_AGENT", "SUPPORT_AGENT"]),
            .setRule(try rule("no-vip", .deny, .role("DESK"), "plugin.invoke.payment", "segment in vip, press")),
            .setRule(try rule("own", .permit, .user(ann), "plugin.logs.read", "owner")),
            .assign(Policy.Assignment(ann, "DESK", expiresAt: TestDatabase.now + 5)),
            .setSeparation(Policy.Separation("APART", .roles, ["DESK", "READ_ONLY"])),
        ]
        for change in changes { try await apply(test, change) }

        let policy = try await test.read { try PolicyRepository($0).load().policy }
        #expect(policy.roles["DESK"]?.parents == ["BILLING_AGENT", "SUPPORT_AGENT"] && policy.roles["ADMIN"]?.isBuiltIn == true)
        #expect(
            policy.rules.first { $0.id == "no-vip" }
                == (try rule("no-vip", .deny, .role("DESK"), "plugin.invoke.payment", "segment in press, vip")))
        #expect(policy.rules.contains(try rule("own", .permit, .user(ann), "plugin.logs.read", "owner")))
        #expect(policy.assignments.contains(Policy.Assignment(ann, "DESK", expiresAt: TestDatabase.now + 5)))
        #expect(policy.separations == [Policy.Separation("APART", .roles, ["DESK", "READ_ONLY"])])

        try await apply(test, .setRule(try rule("own", .deny, .role("DESK"), "audit")))
        for change in [
            PolicyChange.removeSeparation("APART"), .unassign(ann, role: "DESK"), .removeRule("no-vip"), .deleteRole("DESK"),
        ] { try await apply(test, change) }
        let after = try await test.read { try PolicyRepository($0).load().policy }
        #expect(after.roles["DESK"] == nil && after.separations.isEmpty && !after.rules.contains { ["own", "no-vip"].contains($0.id) })
        let events = try await fixture.actions(AuditQuery())
        #expect(events.filter { $0 == "role.manage success" }.count == 9 && events.filter { $0 == "user.manage success" }.count == 2)
    }

    @Test("every change works at the very next request, on another host as well")
    func nextRequest() async throws {
        let fixture = try await SignInFixture()
        let (test, ann) = (fixture.test, fixture.ann.id)
        let pair = try await fixture.signIn()
        func verdict(_ action: Action = .pluginEnable) async throws -> PolicyVerdict {
            try await fixture.authenticator.principal(bearer: pair.accessToken).permissions.decide(action)
        }
        #expect(try await verdict() == .permitted)
        #expect(try await verdict() == .permitted)

        try await apply(test, .setRule(try rule("stop", .deny, .user(ann), "plugin.enable")))
        #expect(try await verdict() == .denied)
        try await apply(test, .removeRule("stop"))
        #expect(try await verdict() == .permitted)
        try await apply(test, .setRule(try rule("stop", .deny, .role("READ_ONLY"), "plugin.enable")))
        try await apply(test, .setParents("ADMIN", ["READ_ONLY"]))
        #expect(try await verdict() == .denied)
        try await apply(test, .setParents("ADMIN", []))
        try await apply(test, .unassign(ann, role: "ADMIN"))
        #expect(try await verdict() == .unmatched)
        // An end needs no change to come.
        try await apply(test, .assign(Policy.Assignment(ann, "ADMIN", expiresAt: fixture.time.now + 1000)), at: fixture.time.now)
        #expect(try await verdict() == .permitted)
        fixture.time.advance(by: 1000)
        #expect(try await verdict() == .unmatched)
    }

    @Test("a change that is refused leaves nothing, not even an event")
    func refused() async throws {
        let fixture = try await SignInFixture()
        let (test, ann) = (fixture.test, fixture.ann.id)
        let before = try await test.read { try PolicyRepository($0).load() }
        let events = try await fixture.actions().count
        let changes: [PolicyChange] = [
            .setParents("ADMIN", ["ADMIN"]), .createRole("ADMIN", parents: []), .assign(Policy.Assignment(.make(), "ADMIN")),
            .setRule(try rule("x", .permit, .user(.make()), "plugin")), .deleteRole("ADMIN"), .unassign(ann, role: "CLIENT"),
        ]
        for change in changes { await #expect(throws: PolicyRefusal.self) { try await apply(test, change) } }

        let wrong = test.authority.permit(.userManage, in: test.acme.id, as: "test")
        await #expect(throws: Denial.missingPermission(.roleManage)) { try await apply(test, .createRole("X", parents: []), wrong) }
        let after = try await test.read { try PolicyRepository($0).load() }
        #expect(after.policy == before.policy && after.revision == before.revision)
        #expect(try await fixture.actions().count == events)
    }

    @Test("a person grants within what they hold when the change is made, not when they signed in")
    func ceiling() async throws {
        let fixture = try await SignInFixture()
        let (test, ann) = (fixture.test, fixture.ann.id)
        let principal = try await fixture.authenticator.principal(bearer: fixture.signIn().accessToken)
        let (users, roles) = (
            try Authorizer().authorize(principal, to: .userManage), try Authorizer().authorize(principal, to: .roleManage)
        )

        try await apply(test, .setRule(try rule("a", .permit, .role("CLIENT"), "plugin.invoke.payment")), roles)
        try await apply(test, .assign(Policy.Assignment(ann, "BILLING_AGENT")), users)
        for action in ["tenant.manage", "plugin", "*"] {
            await #expect(throws: PolicyRefusal.self) {
                try await apply(test, .setRule(try rule("b", .permit, .role("CLIENT"), action)), roles)
            }
        }
        try await apply(test, .setRule(try rule("c", .deny, .user(ann), "plugin.invoke.payment")))
        await #expect(throws: PolicyRefusal.self) {
            try await apply(test, .setRule(try rule("a", .permit, .role("CLIENT"), "plugin.invoke.payment")), roles)
        }
        await #expect(throws: PolicyRefusal.self) { try await apply(test, .removeRule("c"), roles) }
    }

    @Test("two administrators at once cannot together make what each alone may not")
    func race() async throws {
        let fixture = try await SignInFixture()
        let (test, ann) = (fixture.test, fixture.ann.id)
        try await apply(test, .setSeparation(Policy.Separation("S", .roles, ["CLIENT", "READ_ONLY"])))
        for name in ["A", "B"] { try await apply(test, .createRole(name, parents: [])) }

        let assigned = await withTaskGroup(of: Bool.self) { group in
            for role in ["CLIENT", "READ_ONLY"] {
                group.addTask { (try? await apply(test, .assign(Policy.Assignment(ann, role)))) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        let linked = await withTaskGroup(of: Bool.self) { group in
            for (role, parent) in [("A", "B"), ("B", "A")] {
                group.addTask { (try? await apply(test, .setParents(role, [parent]))) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(assigned == 1 && linked == 1)
        _ = try await test.read { try PolicyRepository($0).load() }
    }

    @Test("rows that are no policy give nobody anything")
    func damaged() async throws {
        let fixture = try await SignInFixture()
        let pair = try await fixture.signIn()
        try await fixture.test.write { tx in
            try PolicyRepository(tx).beginChange()
            try tx.execute("UPDATE policy_rules SET action = 'Plugin.*' WHERE tenant_id = $1 AND id = 'ADMIN:plugin.read'", [tx.tenant])
        }
        let error = await #expect(throws: AuthenticationError.self) { try await fixture.authenticator.principal(bearer: pair.accessToken) }
        guard case .unavailable? = error else { Issue.record("\(String(describing: error))"); return }
    }
}
