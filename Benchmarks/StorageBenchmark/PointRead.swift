// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Values

/// A tenant reads one of its payments by id: the statement that everything else is made of.
struct PointRead {
    private static let select = "SELECT status, amount_minor, currency, revision FROM payments WHERE tenant_id = $1 AND id = $2"

    private let stage: Stage

    init(_ stage: Stage) { self.stage = stage }

    func run() async throws -> Value {
        let (scope, postgres, tenant) = (stage.scope, stage.postgres, SQLValue.text(stage.tenant.description))
        let select =
            "SELECT status, amount_minor, currency, revision FROM payments WHERE tenant_id = '\(stage.tenant)' AND id = 'p' || :n::text"
        let setTenant = "SELECT set_config('app.tenant', '\(stage.tenant)', true)"
        // The same two statements in one go, and as a client without pipelines sends them.
        let pipelined = "\\set n random(1, \(Stage.payments))\n\\startpipeline\n\(setTenant);\n\(select);\n\\endpipeline\n"
        let transaction = "\\set n random(1, \(Stage.payments))\nBEGIN;\n\(setTenant);\n\(select);\nCOMMIT;\n"
        // Without anything that keeps tenants apart.
        let bare = "\\set n random(1, \(Stage.payments))\n\(select);\n"

        say(Comparison.heading("point read of one tenant, PostgreSQL", "pgbench/s"))
        var report: [String: Value] = [:]
        for clients in Stage.clients {
            var same = Comparison(), slow = Comparison(), unscoped = Comparison()
            for _ in 0..<stage.rounds {
                let ours = try await stage.rate(tasks: clients) { _ in
                    let id = "p\(Int.random(in: 1...Stage.payments))"
                    let rows = try await postgres.fetch(scope, Self.select, [tenant, .text(id)])
                    guard rows.count == 1 else { throw Failed("no payment \(id)") }
                }
                same.add(ours: ours, theirs: try stage.pgbench(pipelined, clients: clients))
                slow.add(ours: ours, theirs: try stage.pgbench(transaction, clients: clients))
                unscoped.add(ours: ours, theirs: try stage.pgbench(bare, clients: clients, as: "postgres"))
            }
            say(same.line("\(clients) in flight, same statements in a pipeline"))
            say(slow.line("\(clients) in flight, same statements one by one"))
            say(unscoped.line("\(clients) in flight, SELECT alone, no isolation"))
            report["\(clients)"] = ["pipelined": same.json, "one_by_one": slow.json, "select_alone": unscoped.json]
        }
        return .map(report)
    }
}
