// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Security
import Testing
import Values

@Suite("Reviewing a policy")
struct PolicyReviewTests {
    private let ann = UserID.make()

    private func rule(
        _ id: String, _ effect: Policy.Effect, _ role: String, _ action: String, _ on: ResourceSelector = .all, until: Int64? = nil
    )
        throws -> Policy.Rule
    {
        Policy.Rule(id: id, effect, .role(role), try ActionPattern(action), on: on, expiresAt: until)
    }

    @Test("an explanation decides like the engine and names a rule that does decide", arguments: [SeededGenerator.fresh()])
    func explains(seed: UInt64) throws {
        var generator = PolicyGenerator(seed: seed)
        for _ in 0..<200 {
            let policy = try generator.policy()
            let reference = PolicyReference(policy: policy)
            for _ in 0..<10 {
                let (user, action, resource) = (generator.pick(generator.users), generator.action(), generator.resource())
                let explanation = policy.explain(user, Action(rawValue: action), on: resource, at: generator.now)
                #expect(
                    explanation.verdict == reference.decide(user, action, on: resource, at: generator.now),
                    "seed \(seed): \(user) \(action)")
                guard let step = explanation.deciding else { continue }
                #expect(explanation.steps.first == step)
                let alone = PolicyReference(
                    policy: try Policy(roles: Array(policy.roles.values), rules: [step.rule], assignments: policy.assignments))
                #expect(alone.decide(user, action, on: resource, at: generator.now) == explanation.verdict, "seed \(seed): \(step.text)")
            }
        }
    }

    @Test("an explanation says by which way a rule comes, and why another one does not count")
    func paths() throws {
        let policy = try Policy(
            roles: [
                Policy.Role("A"), Policy.Role("B", parents: ["A"]), Policy.Role("C", parents: ["B"]), Policy.Role("D"), Policy.Role("E"),
            ],
            rules: [
                rule("r1", .permit, "A", "invoice"), rule("r2", .deny, "A", "invoice.pay", .attribute("state", ["closed"])),
                rule("r3", .permit, "D", "*.pay"), rule("r4", .permit, "A", "invoice.pay", until: 5), rule("r5", .permit, "E", "invoice"),
            ], assignments: [Policy.Assignment(ann, "C"), Policy.Assignment(ann, "D", expiresAt: 7)])

        let open = policy.explain(ann, Action(rawValue: "invoice.pay"), on: Resource(id: "i", attributes: ["state": "open"]), at: 10)
        #expect(open.verdict == .permitted && open.deciding?.path == ["C", "B", "A"] && open.deciding?.rule.id == "r1")
        func excuse(_ id: String) -> String? { open.steps.first { $0.rule.id == id }?.excuse }
        #expect(excuse("r2")?.contains("state") == true && excuse("r3")?.contains("D has ended") == true)
        #expect(excuse("r4") == "it has ended" && excuse("r5")?.contains("not have the role E") == true)
        let unknown = policy.explain(ann, Action(rawValue: "invoice.pay"), at: 10)
        #expect(
            unknown.verdict == .denied
                && unknown.text.hasPrefix("denied by rule r2: deny role:A invoice.pay on state = closed (by C → B → A)"))
        #expect(policy.explain(ann, .auditRead, at: 10).text == "denied: no rule permits it")
    }

    @Test("a difference is exactly what two policies decide differently", arguments: [SeededGenerator.fresh()])
    func differences(seed: UInt64) throws {
        var generator = PolicyGenerator(seed: seed)
        var changed = 0
        for _ in 0..<60 {
            let old = try generator.policy()
            guard let new = try? old.applying(generator.change(of: old), within: .ofOperator, at: generator.now) else { continue }
            let found = try Policy.difference(from: old, to: new, at: generator.now)
            #expect(found.allSatisfy { $0.from.map { $0 > generator.now } ?? true })
            let (before, after) = (PolicyReference(policy: old), PolicyReference(policy: new))
            changed += found.isEmpty ? 0 : 1
            for _ in 0..<100 {
                let (user, action, resource) = (generator.pick(generator.users), generator.action(), generator.resource())
                for moment in generator.now...generator.now + 2 {
                    let was = before.decide(user, action, on: resource, at: moment) == .permitted
                    let isThen = after.decide(user, action, on: resource, at: moment) == .permitted
                    guard was != isThen else { continue }
                    // A line for somebody, in that direction, by then; which one is looked at below.
                    #expect(
                        found.contains { $0.user == user && $0.isGained == isThen && ($0.from ?? generator.now) <= moment },
                        "seed \(seed): \(user) \(action) \(String(describing: resource)) at \(moment)")
                }
            }
            #expect(try Policy.difference(from: new, to: old, at: generator.now).count == found.count)
            #expect(try Policy.difference(from: old, to: old, at: generator.now).isEmpty)
        }
        #expect(changed > 5, "seed \(seed)")
    }

    @Test("a difference names the action and the resources")
    func lines() throws {
        let roles = [Policy.Role("A"), Policy.Role("B")]
        let given = [Policy.Assignment(ann, "A")]
        let old = try Policy(
            roles: roles, rules: [rule("1", .permit, "A", "invoice.*"), rule("2", .permit, "A", "note")], assignments: given)
        let new = try Policy(
            roles: roles,
            rules: [
                rule("1", .permit, "A", "invoice.*"), rule("3", .deny, "A", "invoice.pay", .attribute("state", ["closed"])),
                rule("4", .permit, "B", "audit.read"),
            ], assignments: given + [Policy.Assignment(ann, "B")])

        let lines = try Policy.difference(from: old, to: new, at: 0).map(\.text)
        #expect(
            Set(lines) == [
                "+ \(ann)\taudit.read\tall", "- \(ann)\tnote\tall", "- \(ann)\tinvoice.pay\tstate = closed",
                "- \(ann)\tinvoice.pay\tstate unknown", "- \(ann)\tinvoice.pay\tno resource",
            ])
        #expect(try Policy.difference(from: old, to: new, at: 0, among: [.make()]).isEmpty)
    }

    @Test("a difference names what begins to differ only when something ends, once and with the moment")
    func later() throws {
        let roles = [Policy.Role("A"), Policy.Role("B")]
        func policy(rule end: Int64?, role: Int64?, deny: Int64? = nil) throws -> Policy {
            try Policy(
                roles: roles,
                rules: [
                    rule("1", .permit, "A", "system", until: end), rule("2", .permit, "B", "note"),
                    rule("3", .permit, "B", "audit", until: 90),
                    rule("4", .deny, "B", "audit", until: deny),
                ],
                assignments: [Policy.Assignment(ann, "A"), Policy.Assignment(ann, "B", expiresAt: role)])
        }
        func lines(_ old: Policy, _ new: Policy, at now: Int64 = 10) throws -> [String] {
            try Policy.difference(from: old, to: new, at: now).map(\.text)
        }
        let day = try policy(rule: 50, role: 60)

        #expect(try lines(day, policy(rule: nil, role: 60)) == ["+ \(ann)\tsystem\tall\tfrom 50"])
        #expect(try lines(day, policy(rule: 50, role: nil)) == ["+ \(ann)\tnote\tall\tfrom 60"])
        #expect(try lines(policy(rule: 50, role: nil), day) == ["- \(ann)\tnote\tall\tfrom 60"])
        #expect(try lines(day, policy(rule: 50, role: 60, deny: 40)) == ["+ \(ann)\taudit\tall\tfrom 40"])
        #expect(try lines(day, policy(rule: nil, role: nil), at: 70) == ["+ \(ann)\tnote\tall", "+ \(ann)\tsystem\tall"])
        #expect(try lines(day, day).isEmpty)
        #expect(
            try Policy.difference(from: day, to: policy(rule: nil, role: 60), at: 10).map(\.value) == [
                ["user": .string(ann.description), "change": "gained", "action": "system", "on": "all", "from": 50]
            ])
    }

    @Test("a resource that no longer differs from the others keeps its own line")
    func laterResource() throws {
        let denials = [
            try rule("1", .deny, "A", "note", .id("x"), until: 50), try rule("2", .deny, "A", "note", .id("y")),
        ]
        func policy(_ rules: [Policy.Rule]) throws -> Policy {
            try Policy(roles: [Policy.Role("A")], rules: rules, assignments: [Policy.Assignment(ann, "A")])
        }
        let (old, new) = (try policy(denials), try policy(denials + [rule("3", .permit, "A", "note")]))
        #expect(
            try Policy.difference(from: old, to: new, at: 0).map(\.text) == [
                "+ \(ann)\tnote\tany other resource", "+ \(ann)\tnote\tid = x\tfrom 50",
            ])
    }

    @Test("a difference over more moments than it can look at is refused")
    func manyMoments() throws {
        func policy(_ count: Int64) throws -> Policy {
            try Policy(
                roles: [Policy.Role("A")], rules: (1...count).map { try rule("\($0)", .permit, "A", "note", until: $0) },
                assignments: [Policy.Assignment(ann, "A")])
        }
        #expect(try Policy.difference(from: policy(200), to: policy(199), at: 0).map(\.text) == ["- \(ann)\tnote\tall\tfrom 199"])
        let (many, few) = (try policy(201), try policy(1))
        #expect(throws: PolicyProblem.self) { try Policy.difference(from: many, to: few, at: 0) }
    }

    @Test("separations that come, go or change are named")
    func separations() throws {
        func policy(_ separations: Policy.Separation...) throws -> Policy {
            try Policy(roles: [Policy.Role("A"), Policy.Role("B"), Policy.Role("C")], separations: separations)
        }
        let kept = Policy.Separation("KEPT", .roles, ["A", "C"])
        let old = try policy(kept, Policy.Separation("EYES", .roles, ["A", "B"]), Policy.Separation("GONE", .permissions, ["pay", "ask"]))
        let new = try policy(Policy.Separation("EYES", .roles, ["A", "B", "C"]), kept)

        let found = Policy.separationDifference(from: old, to: new)
        #expect(
            found.map(\.text) == [
                "- separation:EYES\troles\tA, B", "+ separation:EYES\troles\tA, B, C", "- separation:GONE\tpermissions\task, pay",
            ])
        #expect(found.last?.value == ["separation": "GONE", "change": "removed", "permissions": ["ask", "pay"]])
        #expect(Policy.separationDifference(from: old, to: old).isEmpty)
    }

    @Test("an export names nothing that could be read as more than a name")
    func quoting() throws {
        let policy = try Policy(
            roles: [Policy.Role("A")],
            rules: [
                Policy.Rule(
                    id: "x\"); permit (principal, action, resource) when { true", .deny, .role("A"), try ActionPattern("a"),
                    on: .id("b\\\"c\n"))
            ],
            assignments: [Policy.Assignment(ann, "A", expiresAt: 5)])
        let text = CedarExport(policy).policies
        #expect(!text.contains("\"); permit") && !text.contains("c\n\"") && text.components(separatedBy: "forbid (").count == 3)
    }
}
