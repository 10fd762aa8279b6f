// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

@Suite("What a decision comes by")
struct PolicyUseTests {
    @Test("what is used is all that a decision needs: 6,000 questions to 200 random policies")
    func suffices() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("PolicyUseTests.suffices seed \(seed)")
        var generator = PolicyGenerator(seed: seed)
        var used = 0
        for _ in 0..<200 {
            let policy = try generator.policy()
            let reference = PolicyReference(policy: policy)
            for _ in 0..<30 {
                let (user, action, resource) = (generator.pick(generator.users), generator.action(), generator.resource())
                let verdict = reference.decide(user, action, on: resource, at: generator.now)
                let uses = policy.uses(by: user, Action(rawValue: action), on: resource, at: generator.now)
                #expect(uses.isEmpty == (verdict == .unmatched), "seed \(seed)")
                let needed = Set(uses)
                let rest = try Policy(
                    roles: Array(policy.roles.values), rules: policy.rules.filter { needed.contains(PolicyUse(.rule, $0.id)) },
                    assignments: policy.assignments.filter { needed.contains(PolicyUse.assignment(of: $0.role, to: $0.user)) })
                let again = PolicyReference(policy: rest).decide(user, action, on: resource, at: generator.now)
                #expect(again == verdict, "seed \(seed): \(user) \(action) by \(uses)")
                if again != verdict { return }
                used += uses.isEmpty ? 0 : 1
            }
        }
        #expect(used > 1000)
    }

    @Test("a role that only passes rules on is used, and a second way is not")
    func ways() throws {
        let ann = UserID.make()
        let policy = try Policy(
            roles: [
                .init("BASE"), .init("MIDDLE", parents: ["BASE"]), .init("TOP", parents: ["MIDDLE"]), .init("OTHER", parents: ["BASE"]),
            ],
            rules: [
                .init(id: "a", .permit, .role("BASE"), try ActionPattern("invoice.read")),
                .init(id: "b", .permit, .role("OTHER"), try ActionPattern("invoice")),
            ],
            assignments: [.init(ann, "TOP"), .init(ann, "OTHER", expiresAt: 5)])
        let uses = policy.uses(by: ann, Action(rawValue: "invoice.read"), at: 6)
        #expect(
            Set(uses) == [
                .init(.rule, "a"), .init(.role, "BASE"), .init(.role, "MIDDLE"), .init(.role, "TOP"), .assignment(of: "TOP", to: ann),
            ])
        #expect(policy.uses(by: ann, Action(rawValue: "invoice.write"), at: 6).isEmpty)
        #expect(policy.uses(by: ann, Action(rawValue: "not an action"), at: 6).isEmpty)
    }
}
