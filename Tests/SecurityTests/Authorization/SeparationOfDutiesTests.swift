// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

@Suite("Separation of duties")
struct SeparationOfDutiesTests {
    private static let ann = UserID.make()
    private static let now: Int64 = 1000

    /// Ann asks; MUTE inherits what forbids her to allow.
    private static func policy(_ assignments: [Policy.Assignment] = [], denying end: Int64? = nil) throws -> Policy {
        func rule(_ id: String, _ effect: Policy.Effect, _ role: String, _ action: String, until: Int64? = nil) throws -> Policy.Rule {
            Policy.Rule(id: id, effect, .role(role), try ActionPattern(action), expiresAt: until)
        }
        return try Policy(
            roles: [
                Policy.Role("ASK"), Policy.Role("ALLOW"), Policy.Role("BOOK"), Policy.Role("NOALLOW"),
                Policy.Role("MUTE", parents: ["NOALLOW"]),
            ],
            rules: [
                rule("1", .permit, "ASK", "pay.ask"), rule("2", .permit, "ALLOW", "pay.allow"), rule("3", .permit, "BOOK", "pay.book"),
                rule("4", .deny, "NOALLOW", "pay.allow", until: end),
            ],
            assignments: [Policy.Assignment(ann, "ASK")] + assignments,
            separations: [Policy.Separation("MONEY", .permissions, ["pay.ask", "pay.allow", "pay.book"])])
    }

    private static func given(_ role: String, until: Int64? = nil) -> Policy.Assignment { Policy.Assignment(ann, role, expiresAt: until) }

    /// What is kept apart and would come together; nil when the change is made.
    private func refusal(_ policy: Policy, _ change: PolicyChange) -> [String]? {
        do throws(PolicyRefusal) {
            _ = try policy.applying(change, within: .ofOperator, at: Self.now)
            return nil
        } catch {
            guard case .separation(let violation) = error else { Issue.record("\(error)"); return nil }
            return violation.held
        }
    }

    @Test(
        "a denial keeps two permissions apart only if it lasts as long as the permit",
        arguments: [
            // The role that denies, until when; when its rule ends; the role that permits, until when; whether they stay apart.
            ([given("NOALLOW")], nil, given("ALLOW"), true), ([given("NOALLOW", until: 2000)], nil, given("ALLOW"), false),
            ([given("MUTE", until: 2000)], nil, given("ALLOW"), false),
            ([given("MUTE", until: 2000), given("NOALLOW")], nil, given("ALLOW"), true),
            ([given("NOALLOW", until: 2000)], nil, given("ALLOW", until: 2000), true),
            ([given("NOALLOW", until: 2000)], nil, given("ALLOW", until: 2001), false),
            ([given("NOALLOW")], 2000, given("ALLOW"), false), ([given("NOALLOW")], 2000, given("ALLOW", until: 2000), true),
            ([given("NOALLOW", until: 1500)], 2000, given("ALLOW", until: 2000), false),
        ] as [([Policy.Assignment], Int64?, Policy.Assignment, Bool)])
    func endingDenial(denying: [Policy.Assignment], end: Int64?, permitting: Policy.Assignment, isApart: Bool) throws {
        let policy = try Self.policy(denying, denying: end)
        #expect(refusal(policy, .assign(permitting)) == (isApart ? nil : ["pay.allow", "pay.ask"]))
    }

    @Test("a denial that keeps two permissions apart cannot be given an end or taken away")
    func shortened() throws {
        let policy = try Self.policy([Self.given("ALLOW"), Self.given("NOALLOW")])
        #expect(policy.violations(at: Self.now).isEmpty)
        for change in [.assign(Self.given("NOALLOW", until: 2000)), .unassign(Self.ann, role: "NOALLOW")] as [PolicyChange] {
            #expect(refusal(policy, change) == ["pay.allow", "pay.ask"])
        }
    }

    @Test("who has both sides is found as if every rule were compared with every other")
    func oracle() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = PolicyGenerator(seed: seed)
        for _ in 0..<100 {
            let made = try generator.policy(rules: 30)
            let separations = (0..<3).map { index in
                Policy.Separation("S\(index)", .permissions, ["left.\(index)"] + (0..<4).map { _ in generator.pattern() })
            }
            let policy = try Policy(
                roles: Array(made.roles.values), rules: made.rules, assignments: made.assignments, separations: separations)
            for user in generator.users {
                let expected = separations.map { Self.held($0, by: user, in: policy, at: generator.now) }.filter { $0.count > 1 }
                #expect(policy.violations(at: generator.now, among: [user]).map(\.held) == expected, "seed \(seed)")
            }
            let alone = generator.users.flatMap { policy.violations(at: generator.now, among: [$0]) }
            #expect(Set(policy.violations(at: generator.now)) == Set(alone), "seed \(seed)")
        }
    }

    /// The definition, word by word.
    private static func held(_ separation: Policy.Separation, by user: UserID, in policy: Policy, at now: Int64) -> [String] {
        var given: [String: Int64] = [:]
        for assignment in policy.assignments where assignment.user == user && (assignment.expiresAt ?? .max) > now {
            var names: Set<String> = []
            var next = [assignment.role]
            while let name = next.popLast() {
                if names.insert(name).inserted { next += policy.roles[name]?.parents ?? [] }
            }
            for name in names { given[name] = max(given[name] ?? .min, assignment.expiresAt ?? .max) }
        }
        let rules = policy.rules.compactMap { rule -> (rule: Policy.Rule, until: Int64)? in
            guard (rule.expiresAt ?? .max) > now else { return nil }
            switch rule.subject {
            case .user(let id): return id == user ? (rule, rule.expiresAt ?? .max) : nil
            case .role(let name): return given[name].map { (rule, min(rule.expiresAt ?? .max, $0)) }
            }
        }
        return separation.members.filter { member in
            guard let wanted = try? ActionPattern(member) else { return true }
            return rules.contains { permit in
                permit.rule.effect == .permit && permit.rule.action.overlaps(wanted)
                    && !rules.contains { deny in
                        deny.rule.effect == .deny && deny.rule.selector == .all && deny.until >= permit.until
                            && (deny.rule.action.covers(wanted) || deny.rule.action.covers(permit.rule.action))
                    }
            }
        }
    }

    @Test("the steps of a check grow with rules and members and not with their product, and people with the same roles count once")
    func work() throws {
        func policy(rules: Int, members: Int, users: Int) throws -> Policy {
            var list = try (0..<rules).map { Policy.Rule(id: "r\($0)", .permit, .role("A"), try ActionPattern("pay.p\($0)")) }
            list.append(Policy.Rule(id: "z", .deny, .role("A"), try ActionPattern("pay")))
            return try Policy(
                roles: [Policy.Role("A")], rules: list, assignments: (0..<users).map { _ in Policy.Assignment(.make(), "A") },
                separations: [Policy.Separation("S", .permissions, (0..<members).map { "other.p\($0)" })])
        }
        let small = try policy(rules: 100, members: 100, users: 1).separationWork
        #expect(try policy(rules: 200, members: 200, users: 1).separationWork < 3 * small)
        #expect(try policy(rules: 100, members: 100, users: 500).separationWork == small)
        #expect(try policy(rules: 100, members: 100, users: 500).violations(at: Self.now).isEmpty)
    }

    @Test("a change by which checking the constraints would take too long is refused, and one that makes it shorter is made")
    func bound() throws {
        // Everybody with rules of their own, so that nobody can be looked at together with somebody else.
        func policy(users: Int) throws -> Policy {
            try Policy(
                roles: [Policy.Role("A")],
                rules: try (0..<users).map { Policy.Rule(id: "r\($0)", .permit, .user(.make()), try ActionPattern("note")) },
                separations: (0..<Policy.Limit.separations).map { index in
                    Policy.Separation("S\(index)", .permissions, (0..<Policy.Limit.separations).map { "pay.a\(index).b\($0)" })
                })
        }
        let most = Policy.Limit.separationWork / (Policy.Limit.separations * Policy.Limit.separations)
        let (full, over) = (try policy(users: most - 2), try policy(users: most + 10))
        let change = PolicyChange.setRule(Policy.Rule(id: "more", .permit, .user(.make()), try ActionPattern("note")))
        _ = try full.changed(by: .removeRule("r0"))
        for policy in [try full.changed(by: change), over] {
            let another = PolicyChange.setRule(Policy.Rule(id: "another", .permit, .user(.make()), try ActionPattern("note")))
            let refusal = #expect(throws: PolicyRefusal.self) { _ = try policy.applying(another, within: .ofOperator, at: Self.now) }
            guard case .invalid(let problem) = refusal else { Issue.record("\(String(describing: refusal))"); continue }
            #expect(problem.description.contains("too long"))
        }
        _ = try over.applying(.removeRule("r0"), within: .ofOperator, at: Self.now)
        _ = try over.applying(.removeSeparation("S0"), within: .ofOperator, at: Self.now)
    }

    @Test("what is broken already may be mended step by step, and not be broken further or anew")
    func mending() throws {
        let three = try Self.policy([Self.given("ALLOW"), Self.given("BOOK")])
        #expect(three.violations(at: Self.now).map(\.held) == [["pay.allow", "pay.ask", "pay.book"]])

        #expect(refusal(three, .unassign(Self.ann, role: "BOOK")) == nil)
        let two = try three.applying(.unassign(Self.ann, role: "BOOK"), within: .ofOperator, at: Self.now)
        #expect(two.violations(at: Self.now).map(\.held) == [["pay.allow", "pay.ask"]])
        #expect(refusal(two, .assign(Self.given("BOOK"))) == ["pay.allow", "pay.ask", "pay.book"])
        // Another two of the three are another matter, and so is somebody else.
        let swap = PolicyChange.setRule(Policy.Rule(id: "2", .permit, .role("ALLOW"), try ActionPattern("pay.book")))
        #expect(refusal(two, swap) == ["pay.ask", "pay.book"])
        let bob = UserID.make()
        let asking = try two.applying(.assign(Policy.Assignment(bob, "ASK")), within: .ofOperator, at: Self.now)
        #expect(refusal(asking, .assign(Policy.Assignment(bob, "ALLOW"))) == ["pay.allow", "pay.ask"])
    }
}
