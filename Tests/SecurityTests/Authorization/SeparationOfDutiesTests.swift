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
