// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

@Suite("PolicySnapshot")
struct PolicySnapshotTests {
    private let ann = UserID.make()

    private func verdict(
        _ rules: [Policy.Rule], roles: [Policy.Role] = [Policy.Role("A")], _ assignments: [Policy.Assignment]? = nil,
        asking action: String = "invoice.read", on resource: Resource? = nil, at now: Int64 = 0
    ) throws -> PolicyVerdict {
        let policy = try Policy(roles: roles, rules: rules, assignments: assignments ?? [Policy.Assignment(ann, "A")])
        let snapshot = PolicySnapshot(policy)
        return snapshot.decide(snapshot.subject(ann, at: now), Action(rawValue: action), on: resource)
    }

    private func rule(
        _ effect: Policy.Effect, _ action: String, _ selector: ResourceSelector = .all, to subject: Policy.Subject = .role("A"),
        until: Int64? = nil
    ) throws -> Policy.Rule {
        Policy.Rule(id: "\(effect) \(action) \(subject)", effect, subject, try ActionPattern(action), on: selector, expiresAt: until)
    }

    @Test("decides like the reference, on 20,000 questions to 400 random policies")
    func properties() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("PolicySnapshotTests.properties seed \(seed)")
        var generator = PolicyGenerator(seed: seed)
        var counts: [PolicyVerdict: Int] = [:]
        for _ in 0..<400 {
            let policy = try generator.policy()
            let (snapshot, reference) = (PolicySnapshot(policy), PolicyReference(policy: policy))
            for _ in 0..<50 {
                let (user, action, resource) = (generator.pick(generator.users), generator.action(), generator.resource())
                let verdict = snapshot.decide(snapshot.subject(user, at: generator.now), Action(rawValue: action), on: resource)
                counts[verdict, default: 0] += 1
                let expected = reference.decide(user, action, on: resource, at: generator.now)
                #expect(verdict == expected, "seed \(seed): \(user) \(action) on \(String(describing: resource))")
                if verdict != expected { return }
            }
        }
        for verdict in [PolicyVerdict.permitted, .denied, .unmatched] { #expect(counts[verdict, default: 0] > 1000) }
    }

    @Test("nothing matches, nothing is permitted")
    func defaultDeny() throws {
        #expect(try verdict([]) == .unmatched)
        #expect(try verdict([rule(.permit, "invoice.write")]) == .unmatched)
        #expect(try verdict([rule(.permit, "*")], []) == .unmatched)
        #expect(try verdict([rule(.permit, "*")], asking: "not an action") == .unmatched)
        #expect(try verdict([rule(.permit, "*")], asking: "*") == .unmatched)
        #expect(try verdict([rule(.permit, "*")], asking: "") == .unmatched)
        #expect(try verdict([rule(.permit, "*")]) == .permitted)
    }

    @Test("a deny wins over every permit, wherever it comes from")
    func denyWins() throws {
        let roles = [Policy.Role("BASE"), Policy.Role("A", parents: ["BASE"])]
        let permit = try rule(.permit, "invoice.read", to: .user(ann))
        #expect(try verdict([permit, rule(.deny, "invoice")], roles: roles) == .denied)
        #expect(try verdict([permit, rule(.deny, "*.read", to: .role("BASE"))], roles: roles) == .denied)
        #expect(try verdict([permit, rule(.deny, "invoice.read", to: .role("A"))], roles: roles, []) == .permitted)
        #expect(try verdict([permit, rule(.deny, "invoice.read.all")], roles: roles) == .permitted)
    }

    @Test("rules and roles end at their millisecond")
    func expiry() throws {
        #expect(try verdict([rule(.permit, "invoice", until: 10)], at: 9) == .permitted)
        #expect(try verdict([rule(.permit, "invoice", until: 10)], at: 10) == .unmatched)
        let ending = [Policy.Assignment(ann, "A", expiresAt: 10)]
        #expect(try verdict([rule(.permit, "invoice")], ending, at: 9) == .permitted)
        #expect(try verdict([rule(.permit, "invoice")], ending, at: 10) == .unmatched)
        #expect(try verdict([rule(.permit, "invoice"), rule(.deny, "*", until: 10)], at: 10) == .permitted)
    }

    @Test("where it is not known whether a rule is meant, a permit does not count and a deny does")
    func unknown() throws {
        let permit = try rule(.permit, "*")
        for selector in [ResourceSelector.owner, .id("x"), .attribute("region", ["eu"])] {
            #expect(try verdict([rule(.permit, "invoice", selector)]) == .unmatched, "\(selector)")
            #expect(try verdict([permit, rule(.deny, "invoice", selector)]) == .denied, "\(selector)")
        }
        let bare = Resource(id: "y")
        #expect(try verdict([rule(.permit, "invoice", .owner)], on: bare) == .unmatched)
        #expect(try verdict([permit, rule(.deny, "invoice", .owner)], on: bare) == .denied)
        #expect(try verdict([permit, rule(.deny, "invoice", .attribute("region", ["eu"]))], on: bare) == .denied)
        #expect(try verdict([permit, rule(.deny, "invoice", .id("x"))], on: bare) == .permitted)
        let full = Resource(id: "x", owner: ann, attributes: ["region": "us"])
        #expect(try verdict([rule(.permit, "invoice", .owner)], on: full) == .permitted)
        #expect(try verdict([permit, rule(.deny, "invoice", .attribute("region", ["eu"]))], on: full) == .permitted)
    }

    @Test("many roles, users and rules do not change what is decided")
    func large() throws {
        let users = (0..<500).map { _ in UserID.make() }
        let roles = (0..<500).map { Policy.Role("R\($0)") }
        let rules = try (0..<2000).map {
            Policy.Rule(
                id: "\($0)", .permit, .role("R\($0 % 500)"), try ActionPattern("data.d\($0 / 4)"),
                on: $0 % 4 == 3 ? .id("thing:\($0)") : .all)
        }
        let policy = try Policy(roles: roles, rules: rules, assignments: users.enumerated().map { Policy.Assignment($1, "R\($0)") })
        let (snapshot, reference) = (PolicySnapshot(policy), PolicyReference(policy: policy))
        for index in stride(from: 0, to: 500, by: 17) {
            for number in [index, index / 4, (index + 500) / 4, 3] {
                let resource = Resource(id: "thing:\(index)")
                let verdict = snapshot.decide(snapshot.subject(users[index], at: 0), Action(rawValue: "data.d\(number)"), on: resource)
                #expect(verdict == reference.decide(users[index], "data.d\(number)", on: resource, at: 0))
            }
        }
    }
}
