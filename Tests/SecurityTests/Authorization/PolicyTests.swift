// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("Policy")
struct PolicyTests {
    @Test("a role that inherits from itself is refused, and the way round is named")
    func cycles() {
        func problem(_ roles: [Policy.Role]) -> String? {
            do throws(PolicyProblem) { _ = try Policy(roles: roles); return nil } catch { return error.description }
        }
        #expect(problem([Policy.Role("A", parents: ["A"])])?.hasSuffix("A → A") == true)
        let round = [
            Policy.Role("A", parents: ["B"]), Policy.Role("B", parents: ["C"]), Policy.Role("C", parents: ["B", "D"]), Policy.Role("D"),
        ]
        #expect(problem(round)?.hasSuffix("B → C → B") == true)
        // A diamond is no cycle.
        let diamond = [
            Policy.Role("A", parents: ["B", "C"]), Policy.Role("B", parents: ["D"]), Policy.Role("C", parents: ["D"]), Policy.Role("D"),
        ]
        #expect(problem(diamond) == nil)
        #expect(problem([Policy.Role("A", parents: ["X"])])?.contains("does not exist") == true)
        let chain = (0..<200).map { Policy.Role("R\($0)", parents: $0 == 0 ? [] : ["R\($0 - 1)"]) }
        #expect(problem(chain)?.contains("more than") == true)
        #expect(problem(Array(chain.prefix(Policy.Limit.depth))) == nil)
    }

    @Test(
        "what is not understood refuses the whole policy",
        arguments: [
            ("{", "line 1"), ("[]", "an object"), ("{\"rule\": []}", "not one of"), ("{\"rules\": {}}", "a list"),
            ("{\"rules\": [{\"permit\": \"a\", \"deny\": \"a\", \"role\": \"A\"}]}", "one of permit and deny"),
            ("{\"rules\": [{\"role\": \"A\"}]}", "one of permit and deny"),
            ("{\"rules\": [{\"permit\": \"a\"}]}", "one of role and user"),
            ("{\"rules\": [{\"permit\": \"a\", \"role\": \"A\", \"user\": \"x\"}]}", "one of role and user"),
            ("{\"rules\": [{\"permit\": \"a*\", \"user\": \"0198f0c0-0000-7000-8000-000000000001\"}]}", "rules[0].action"),
            ("{\"rules\": [{\"permit\": \"a\", \"role\": \"A\"}]}", "no such role"),
            ("{\"rules\": [{\"permit\": \"a\", \"role\": \"A\", \"when\": 1}]}", "not one of"),
            ("{\"rules\": [{\"permit\": \"a\", \"role\": \"A\", \"on\": \"region like e\"}]}", "rules[0].on"),
            ("{\"rules\": [{\"permit\": \"a\", \"role\": \"A\", \"expires_at\": \"1\"}]}", "milliseconds"),
            ("{\"rules\": [{\"permit\": \"a\", \"role\": \"A\", \"expires_at\": 0}]}", "milliseconds"),
            ("{\"roles\": [{\"name\": \"A\"}, {\"name\": \"A\"}]}", "twice"), ("{\"roles\": [{\"name\": \"1\"}]}", "a letter"),
            ("{\"roles\": [{\"name\": \"A\", \"inherits\": \"A\"}]}", "list of texts"),
            ("{\"assignments\": [{\"user\": \"ann\", \"role\": \"A\"}]}", "user's id"),
            ("{\"separations\": [{\"name\": \"S\", \"permissions\": [\"a\"]}]}", "two different"),
            ("{\"separations\": [{\"name\": \"S\", \"roles\": [\"A\", \"B\"]}]}", "does not exist"),
            ("{\"roles\": [], \"roles\": []}", "roles"),
        ])
    func refused(text: String, expected: String) {
        do throws(PolicyProblem) {
            _ = try Policy(parsing: Array(text.utf8))
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.description.contains(expected), "\(error)")
        }
    }

    @Test("a policy is read as it was written")
    func roundTrip() throws {
        var generator = PolicyGenerator(seed: 7)
        for _ in 0..<50 {
            let made = try generator.policy()
            let policy = try Policy(
                roles: Array(made.roles.values), rules: made.rules, assignments: made.assignments,
                separations: [Policy.Separation("S", .roles, ["R0", "R1"]), Policy.Separation("P", .permissions, ["a.b", "a.c"])]
            )
            let text = JSON.serialize(policy.value)
            #expect(try JSON.serialize(Policy(parsing: text).value) == text)
        }
    }

    @Test(
        "a selector has one meaning or none",
        arguments: [
            ("all", "all"), ("owner", "owner"), ("id = payment:1", "id = payment:1"), ("region = eu", "region = eu"),
            ("region in us, eu,us", "region in eu, us"), ("region in eu", "region = eu"), ("All", nil), ("", nil), ("id in a, b", nil),
            ("region =eu", nil), ("region = ", nil), ("region = a b", nil), ("region = a\"b", nil), ("region in a,,b", nil),
            ("Region = a", nil),
            ("owner = x", nil), ("all = x", nil), ("re-gion = x", nil), ("region  = x", nil), ("* = x", nil), ("region in a,  b", nil),
        ] as [(String, String?)])
    func selectors(text: String, expected: String?) {
        let selector = try? ResourceSelector(text)
        #expect(selector?.description == expected)
    }

    @Test("patterns cover and overlap by whole segments, like permission sets")
    func patterns() throws {
        let texts = ["a", "a.b", "a.*", "*.b", "*", "*.*", "a.b.c", "a.*.c", "b", "plugin.manage", "plugin.read", "plugin.*"]
        let names = ["a", "a.b", "a.b.c", "a.x.c", "b", "b.b", "plugin.read", "plugin.manage", "plugin", "a.b.", "", "a..b"]
        for left in texts {
            let pattern = try ActionPattern(left)
            for name in names {
                #expect(
                    pattern.covers(Action(rawValue: name)) == PermissionSet(patterns: [left]).covers(Action(rawValue: name)),
                    "\(left) \(name)")
            }
            for right in texts {
                let other = try ActionPattern(right)
                #expect(
                    pattern.covers(other) == PermissionSet(patterns: [left]).covers(PermissionSet(patterns: [right])), "\(left) \(right)")
                if pattern.covers(other) { #expect(pattern.overlaps(other)) }
                #expect(pattern.overlaps(other) == other.overlaps(pattern))
            }
        }
        for text in ["", ".", "a.", "A", "a.b*", "a b", String(repeating: "a.", count: 8) + "a", String(repeating: "a", count: 201)] {
            #expect((try? ActionPattern(text)) == nil, "\(text)")
        }
    }
}
