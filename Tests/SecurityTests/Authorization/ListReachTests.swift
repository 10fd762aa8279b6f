// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

@Suite("Lists of which each sees their part")
struct ListReachTests {
    private let ann = UserID.make()

    private func reach(
        _ rules: [(Policy.Effect, String)], among kind: ResourceKind = ResourceKind("thing", hasOwner: true, attributes: ["region"])
    ) throws -> (ListReach, PolicyVerdict) {
        let policy = try Policy(
            roles: [],
            rules: try rules.enumerated().map {
                Policy.Rule(id: "\($0)", $1.0, .user(ann), try ActionPattern("plugin"), on: try ResourceSelector($1.1))
            })
        let snapshot = PolicySnapshot(policy)
        let who = snapshot.subject(ann, at: 0)
        return (snapshot.reach(who, .pluginRead, among: kind), snapshot.decideSomewhere(who, .pluginRead))
    }

    @Test("what rules name beforehand is looked up, the rest is looked at, and where no rule reaches nothing is")
    func shapes() throws {
        let plain = ResourceKind("thing")
        #expect(try reach([]) == (.nothing, .unmatched))
        #expect(try reach([(.permit, "all")]) == (.anywhere, .permitted))
        #expect(try reach([(.permit, "owner")]) == (.only(owner: ann, ids: []), .permitted))
        #expect(try reach([(.permit, "owner")], among: plain) == (.nothing, .permitted))
        #expect(try reach([(.permit, "id = thing:1"), (.permit, "id = other:2")]) == (.only(owner: nil, ids: ["1"]), .permitted))
        #expect(try reach([(.permit, "region = eu"), (.permit, "owner")]) == (.anywhere, .permitted))
        #expect(try reach([(.permit, "shade = red")]) == (.nothing, .permitted), "nobody says what shade a thing has")
        #expect(try reach([(.permit, "all"), (.deny, "all")]) == (.nothing, .denied))
        #expect(try reach([(.permit, "all"), (.deny, "region = eu")]) == (.anywhere, .permitted))
        #expect(try reach([(.permit, "all"), (.deny, "shade = red")]) == (.nothing, .permitted), "what cannot be told is denied")
        #expect(try reach([(.permit, "all"), (.deny, "owner")], among: plain) == (.nothing, .permitted))
        #expect(try reach((0...200).map { (.permit, "id = thing:\($0)") }).0 == .anywhere)
    }

    @Test("nothing that the reference permits lies outside of the reach, over 400 random policies")
    func random() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = PolicyGenerator(seed: seed)
        var (shown, narrow) = (0, 0)
        for _ in 0..<400 {
            let policy = try generator.policy()
            let (snapshot, reference) = (PolicySnapshot(policy), PolicyReference(policy: policy))
            let kind = ResourceKind(
                "thing", hasOwner: generator.chance(2), attributes: generator.chance(2) ? ["region"] : ["region", "state"])
            let things = (0..<30).map { _ in
                Resource(
                    id: "thing:\(generator.pick(Array(0..<8)))",
                    owner: kind.hasOwner && !generator.chance(4) ? generator.pick(generator.users) : nil,
                    attributes: ["region": generator.pick(generator.regions), "state": generator.pick(["open", "closed"])]
                        .filter { kind.attributes.contains($0.key) })
            }
            for user in generator.users {
                let (who, action) = (snapshot.subject(user, at: generator.now), generator.action())
                let reach = snapshot.reach(who, Action(rawValue: action), among: kind)
                let somewhere = snapshot.decideSomewhere(who, Action(rawValue: action))
                for thing in things where reference.decide(user, action, on: thing, at: generator.now) == .permitted {
                    shown += 1
                    #expect(somewhere == .permitted, "seed \(seed)")
                    switch reach {
                    case .nothing: Issue.record("seed \(seed): \(thing) is nowhere")
                    case .anywhere: break
                    case .only(let owner, let ids):
                        narrow += 1
                        #expect(owner != nil && thing.owner == owner || ids.contains(String(thing.id.dropFirst(6))), "seed \(seed)")
                    }
                }
                if reference.decide(user, action, on: nil, at: generator.now) == .permitted {
                    #expect(reach == .anywhere && somewhere == .permitted, "seed \(seed)")
                }
            }
        }
        #expect(shown > 500 && narrow > 20, "seed \(seed): \(shown) shown, \(narrow) of them looked up")
    }
}
