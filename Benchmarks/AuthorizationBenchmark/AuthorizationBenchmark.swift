// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Security
import Values

/// Measures one check at 10² to 10⁵ rules; `casbin.py` beside it asks casbin the same of the same policy.
///
/// The policy is casbin's own benchmark: rule n permits role n to read d(n/10), and each role has ten users. Half of the questions are permitted.
@main
struct AuthorizationBenchmark {
    static func main() throws {
        let count = CommandLine.arguments.contains("--quick") ? 100_000 : 1_000_000
        for rules in [100, 1_000, 10_000, 100_000] {
            let roles = min(rules, 10_000)
            let users = (0..<roles).map { _ in UserID.make() }
            let policy = try Policy(
                roles: (0..<roles).map { Policy.Role("R\($0)") },
                rules: (0..<rules).map {
                    Policy.Rule(id: "\($0)", .permit, .role("R\($0 % roles)"), try ActionPattern("data.d\($0 / 10).read"))
                },
                assignments: users.enumerated().map { Policy.Assignment($1, "R\($0)") })
            let clock = ContinuousClock()
            let start = clock.now
            let snapshot = PolicySnapshot(policy)
            let compiled = clock.now - start
            // What a request brings: its subject, and an action; asked in an order that no cache foresees.
            let questions = (0..<4096).map { index in
                let rule = (index &* 7919) % rules
                let user = users[(rule % roles + (index % 2)) % roles]
                let named = index % 2 == 0 ? rule / 10 : (rule / 10 + rules / 20) % max(1, rules / 10)
                return (snapshot.subject(user, at: 0), Action(rawValue: "data.d\(named).read"))
            }
            var best = Double.infinity
            var permitted = 0
            for _ in 0..<5 {
                permitted = 0
                let start = clock.now
                for index in 0..<count where snapshot.decide(questions[index & 4095].0, questions[index & 4095].1) == .permitted {
                    permitted += 1
                }
                best = min(best, nanoseconds(clock.now - start) / Double(count))
            }
            say(
                "\(rules) rules: \(Int(best)) ns a check, \(permitted * 100 / count) % permitted, compiled in \(Int(nanoseconds(compiled) / 1e6)) ms"
            )
        }
    }

    private static func nanoseconds(_ time: Duration) -> Double {
        Double(time.components.seconds) * 1e9 + Double(time.components.attoseconds) / 1e9
    }

    private static func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}
