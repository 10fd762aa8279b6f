// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

/// What may be changed by somebody who does not hold everything.
@Suite("PolicyChange")
struct PolicyChangeTests {
    private static let boss = UserID.make()
    private static let ann = UserID.make()
    private static let now: Int64 = 1000

    /// BOSS may refund up to 5000, all but on `vip`, and nothing else but user and role management.
    private static func policy(separations: [Policy.Separation] = []) throws -> Policy {
        func rule(
            _ id: String, _ effect: Policy.Effect, _ role: String, _ action: String, _ selector: ResourceSelector = .all,
            until: Int64? = nil
        ) throws -> Policy.Rule {
            Policy.Rule(id: id, effect, .role(role), try ActionPattern(action), on: selector, expiresAt: until)
        }
        return try Policy(
            roles: [
                Policy.Role("BOSS"), Policy.Role("CLERK"), Policy.Role("CAREFUL"), Policy.Role("OWNER"),
                Policy.Role("HEIR", parents: ["OWNER"]),
                Policy.Role("EMPTY"), Policy.Role("LOCKED"),
            ],
            rules: [
                rule("b1", .permit, "BOSS", "invoice"), rule("b2", .permit, "BOSS", "refund", until: 5000),
                rule("b3", .deny, "BOSS", "invoice", .id("vip")),
                rule("b4", .permit, "BOSS", "report", .attribute("region", ["eu", "us"])),
                rule("b5", .permit, "BOSS", "note"),
                rule("c1", .permit, "CLERK", "invoice.read"),
                rule("d1", .permit, "CAREFUL", "invoice.read"), rule("d2", .deny, "CAREFUL", "invoice", .id("vip")),
                rule("o1", .permit, "OWNER", "system"), rule("l1", .deny, "LOCKED", "system"), rule("l2", .deny, "LOCKED", "note"),
            ],
            assignments: [Policy.Assignment(boss, "BOSS"), Policy.Assignment(ann, "LOCKED")], separations: separations)
    }

    private static func rule(
        _ action: String, _ selector: ResourceSelector = .all, to role: String = "EMPTY", id: String = "new",
        as effect: Policy.Effect = .permit,
        until: Int64? = nil
    ) -> PolicyChange {
        .setRule(Policy.Rule(id: id, effect, .role(role), (try? ActionPattern(action)) ?? impossible, on: selector, expiresAt: until))
    }

    // swift-format-ignore: NeverUseForceTry
    private static let impossible = try! ActionPattern("impossible")

    private static func assign(_ role: String, until: Int64? = nil) -> PolicyChange {
        .assign(Policy.Assignment(ann, role, expiresAt: until))
    }

    @Test(
        "one grants what one holds and no more, whichever way",
        arguments: [
            // Rules: by action, wildcard, selector, end.
            (rule("note"), true), (rule("note.write"), true), (rule("system"), false), (rule("*"), false), (rule("*.write"), false),
            (rule("note.*"), true), (rule("refund"), false), (rule("refund", until: 5000), true), (rule("refund", until: 5001), false),
            (rule("report"), false), (rule("report", .attribute("region", ["eu"])), true),
            (rule("report", .attribute("region", ["eu", "us"])), true), (rule("report", .attribute("region", ["eu", "uk"])), false),
            (rule("report", .attribute("land", ["eu"])), false), (rule("report", .id("x")), false), (rule("report", .owner), false),
            // What is denied to the grantor.
            (rule("invoice.read"), false), (rule("invoice.read", .id("vip")), false), (rule("invoice.read", .id("other")), true),
            (rule("invoice.read", .owner), false), (rule("invoice.read", to: "CAREFUL"), true),
            (assign("CLERK"), false), (assign("CAREFUL"), true), (assign("EMPTY"), true),
            // A denial is nobody's right; lifting one gives what it denied.
            (rule("system", as: .deny), true), (.removeRule("l1"), false), (.removeRule("l2"), true), (.removeRule("d2"), false),
            (.removeRule("b3"), false), (.removeRule("o1"), true), (rule("note", to: "LOCKED", id: "l1", as: .deny), false),
            (rule("system", .id("x"), to: "LOCKED", id: "l1", as: .deny), false),
            (rule("system", to: "LOCKED", id: "l1", as: .deny, until: 9000), false),
            (rule("system", to: "EMPTY", id: "l1", as: .deny), false), (rule("*", to: "LOCKED", id: "l1", as: .deny), true),
            (.unassign(ann, role: "LOCKED"), false), (assign("LOCKED", until: 2000), false),
            // Inheritance.
            (assign("OWNER"), false), (assign("HEIR"), false), (.createRole("NEW", parents: ["HEIR"]), false),
            (.createRole("NEW", parents: ["CAREFUL"]), true), (.createRole("NEW", parents: ["CAREFUL", "CLERK"]), true),
            (.setParents("EMPTY", ["OWNER"]), false), (.setParents("EMPTY", ["CAREFUL"]), true), (.setParents("EMPTY", ["CLERK"]), false),
            (.setParents("HEIR", []), true), (.setParents("HEIR", ["OWNER", "EMPTY"]), false),
            (.setParents("EMPTY", ["BOSS"]), true),
            // Taking rights away takes none.
            (.deleteRole("EMPTY"), true), (.deleteRole("CLERK"), true),
        ] as [(PolicyChange, Bool)])
    func ceiling(change: PolicyChange, expected: Bool) throws {
        let policy = try Self.policy()
        let ceiling = GrantCeiling.of(Self.boss, in: policy, at: Self.now)
        do throws(PolicyRefusal) {
            _ = try policy.applying(change, within: ceiling, at: Self.now)
            #expect(expected, "\(change)")
        } catch {
            guard case .aboveCeiling = error else { Issue.record("\(error)"); return }
            #expect(!expected, "\(change): \(error)")
        }
        // Whoever owns the installation may do all of it.
        _ = try policy.applying(change, within: .ofOperator, at: Self.now)
    }

    @Test("a role held for a while is handed on for that while, and every update of it is looked at again")
    func extension_() throws {
        let base = try Self.policy()
        let lent = try Policy(
            roles: Array(base.roles.values), rules: base.rules,
            assignments: [
                Policy.Assignment(Self.boss, "CAREFUL", expiresAt: 3000), Policy.Assignment(Self.ann, "CAREFUL", expiresAt: 2000),
            ])
        let ceiling = GrantCeiling.of(Self.boss, in: lent, at: Self.now)

        _ = try lent.applying(Self.assign("CAREFUL", until: 3000), within: ceiling, at: Self.now)
        for until in [3001, nil] as [Int64?] {
            #expect(throws: PolicyRefusal.self) { try lent.applying(Self.assign("CAREFUL", until: until), within: ceiling, at: Self.now) }
        }
        let later = GrantCeiling.of(Self.boss, in: lent, at: 3000)
        #expect(throws: PolicyRefusal.self) { try lent.applying(Self.assign("CAREFUL", until: 2500), within: later, at: 3000) }
    }

    @Test(
        "a denial of some resources is lifted only by whoever may act on all: it also denied what it could not tell",
        arguments: [true, false])
    func unknown(holdsAll: Bool) throws {
        let base = try Self.policy()
        func rule(_ id: String, _ effect: Policy.Effect, _ role: String, _ selector: ResourceSelector) throws -> Policy.Rule {
            Policy.Rule(id: id, effect, .role(role), try ActionPattern("report"), on: selector)
        }
        for selector in [ResourceSelector.attribute("region", ["eu"]), .id("report:1"), .owner] {
            let own = holdsAll ? ResourceSelector.all : selector
            let policy = try Policy(
                roles: Array(base.roles.values),
                rules: [rule("own", .permit, "BOSS", own), rule("open", .permit, "LOCKED", .all), rule("shut", .deny, "LOCKED", selector)],
                assignments: base.assignments)
            let ceiling = GrantCeiling.of(Self.boss, in: policy, at: Self.now)
            for change in [PolicyChange.removeRule("shut"), .unassign(Self.ann, role: "LOCKED")] {
                let after = try? policy.applying(change, within: ceiling, at: Self.now)
                #expect((after != nil) == holdsAll, "\(selector) \(change)")
            }
        }
    }

    /// Whatever a change that was let through makes possible, for anybody who was there before, its author could do before as well.
    @Test("no change that the ceiling lets through gives anybody what its author could not do")
    func soundness() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("PolicyChangeTests.soundness seed \(seed)")
        var generator = PolicyGenerator(seed: seed)
        var accepted = 0
        for _ in 0..<1500 {
            let before = try generator.policy(rules: 8)
            let author = generator.users[0]
            let change = try generator.change(of: before)
            guard let after = try? before.applying(change, within: .of(author, in: before, at: generator.now), at: generator.now) else {
                continue
            }
            accepted += 1
            let (old, new) = (PolicyReference(policy: before), PolicyReference(policy: after))
            for _ in 0..<25 {
                let (user, action, resource) = (generator.pick(generator.users), generator.action(), generator.resource())
                // Ownership is relative: what is one's own differs between the two.
                let neutral = resource.map { Resource(id: $0.id, owner: generator.stranger, attributes: $0.attributes) }
                for now in [generator.now, generator.now + 1, generator.now + 2] {
                    guard new.decide(user, action, on: neutral, at: now) == .permitted,
                        old.decide(user, action, on: neutral, at: now) != .permitted
                    else { continue }
                    let mine = old.decide(author, action, on: neutral, at: now)
                    #expect(
                        mine == .permitted, "seed \(seed): \(change) gives \(user) \(action) on \(String(describing: neutral)) at \(now)")
                    if mine != .permitted { return }
                }
            }
        }
        #expect(accepted > 150, "seed \(seed)")
    }

    @Test("what is kept apart is refused when it comes together, however it does")
    func separation() throws {
        let apart = [
            Policy.Separation("FOUR_EYES", .roles, ["CLERK", "OWNER"]), Policy.Separation("MONEY", .permissions, ["pay.ask", "pay.allow"]),
        ]
        let policy = try Self.policy(separations: apart)
        func refused(_ policy: Policy, _ change: PolicyChange) -> Bool {
            do throws(PolicyRefusal) { _ = try policy.applying(change, within: .ofOperator, at: Self.now); return false } catch {
                guard case .separation(let violation) = error else { return false }
                return violation.held.count == 2
            }
        }
        let clerk = try policy.applying(Self.assign("CLERK"), within: .ofOperator, at: Self.now)
        #expect(
            refused(clerk, Self.assign("OWNER")) && refused(clerk, Self.assign("HEIR")) && refused(clerk, .setParents("LOCKED", ["OWNER"])))
        #expect(!refused(clerk, Self.assign("EMPTY")) && !refused(policy, Self.assign("HEIR")))

        let asks = try policy.applying(Self.rule("pay.ask", to: "LOCKED"), within: .ofOperator, at: Self.now)
        #expect(refused(asks, Self.rule("pay", to: "LOCKED")) && refused(asks, Self.rule("*.allow", to: "LOCKED", id: "second")))
        #expect(!refused(asks, Self.rule("pay.allow", to: "EMPTY", id: "second")))
        let direct = PolicyChange.setRule(Policy.Rule(id: "u", .permit, .user(Self.ann), try ActionPattern("pay.allow"), on: .id("x")))
        #expect(refused(asks, direct))
        let denied = try asks.applying(Self.rule("pay.allow", to: "LOCKED", id: "no", as: .deny), within: .ofOperator, at: Self.now)
        #expect(!refused(denied, direct))
        #expect(refused(try denied.applying(direct, within: .ofOperator, at: Self.now), .removeRule("no")))
    }

    @Test("a constraint that somebody breaks already is taken, and they are named")
    func existing() throws {
        let policy = try Self.policy().applying(Self.assign("CLERK"), within: .ofOperator, at: Self.now)
        let after = try policy.applying(
            .setSeparation(Policy.Separation("S", .roles, ["CLERK", "LOCKED"])), within: .ofOperator, at: Self.now)

        #expect(after.violations(at: Self.now).map(\.user) == [Self.ann])
        // They may lose it, and get what has nothing to do with it.
        _ = try after.applying(Self.assign("EMPTY"), within: .ofOperator, at: Self.now)
        #expect(try after.applying(.unassign(Self.ann, role: "CLERK"), within: .ofOperator, at: Self.now).violations(at: Self.now).isEmpty)
    }

    @Test(
        "what cannot be is refused and changes nothing",
        arguments: [
            .createRole("BOSS", parents: []), .createRole("a b", parents: []), .setParents("OWNER", ["HEIR"]), .setParents("NOBODY", []),
            .deleteRole("NOBODY"), .deleteRole("OWNER"), .deleteRole("BOSS"), .removeRule("x"), rule("note", to: "NOBODY"),
            .unassign(boss, role: "CLERK"), assign("NOBODY"), .removeSeparation("x"),
            .setSeparation(Policy.Separation("S", .roles, ["CLERK", "NOBODY"])),
        ] as [PolicyChange])
    func impossible(change: PolicyChange) throws {
        let policy = try Self.policy()
        let error = #expect(throws: PolicyRefusal.self) { try policy.applying(change, within: .ofOperator, at: Self.now) }
        switch error {
        case .aboveCeiling, .separation: Issue.record("\(String(describing: error))")
        default: #expect(error?.description.isEmpty == false)
        }
    }
}

extension PolicyGenerator {
    /// Owns something and is nobody else.
    var stranger: UserID { UserID("0198f0c0-0000-7000-8000-000000000001") ?? users[0] }

    mutating func change(of policy: Policy) throws -> PolicyChange {
        let role = pick(policy.roles.keys.sorted())
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .assign(Policy.Assignment(pick(users), role, expiresAt: end()))
        case 1:
            if let assignment = policy.assignments.randomElement(using: &random) {
                return .unassign(assignment.user, role: assignment.role)
            }
            return .removeRule(pick(policy.rules).id)
        case 2, 3: return .removeRule(pick(policy.rules).id)
        case 4: return .setParents(role, policy.roles.keys.sorted().filter { $0 < role && chance(2) })
        default:
            let subject: Policy.Subject = chance(3) ? .user(pick(users)) : .role(role)
            let id = chance(2) ? "new" : pick(policy.rules).id
            return .setRule(
                Policy.Rule(
                    id: id, chance(3) ? .deny : .permit, subject, try ActionPattern(pattern()), on: selector(), expiresAt: end()))
        }
    }
}
