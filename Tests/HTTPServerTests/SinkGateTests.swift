// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import HTTPServer
import HTTPTypes
import Host
import Logging
import NIOHTTP1
import Security
import Storage
import Testing
import Values

/// What may still be done while the audit trail does not reach a sink.
@Suite("Audit sinks over their limit", .timeLimit(.minutes(5)))
struct SinkGateTests {
    @Test("refuse every route that changes something, serve every other one, and end by themselves")
    func gate() async throws {
        try await Panel.with { panel in
            let path = "/tmp/panelhost-gate-\(CallID.make()).jsonl"
            let sink = AuditSinkRecord(
                name: "siem", url: "file://\(path)", format: .json, lagLimit: 1, createdAt: WallClock.system.now(), createdBy: "system:test"
            )
            try await panel.database.platform(panel.authority.platform("test")) {
                try AuditSinkRepository($0).add(sink, fromStart: true, by: "system:test", correlation: "c")
            }
            await panel.host.sequencing.finish()
            let signIn = try #require(RouteTable.panel.routes.first { $0.changesState && $0.isOpen })
            while try await panel.send(signIn).status != 503 { await Task.yield() }

            for route in RouteTable.panel.routes {
                let answer = try await panel.send(route)
                if [.get, .head].contains(route.method) {
                    #expect(
                        answer.json["code"] != "audit_sink_lagging" && answer.status != 503, "\(route.name): \(answer.text.prefix(200))")
                } else {
                    expectProblem(answer, 503, "audit_sink_lagging", route.name)
                    #expect(answer.headers["retry-after"] == ["10"], "\(route.name)")
                    // Nothing is said to whom it does not concern: where it ships to, and what waits.
                    #expect(!answer.text.contains("siem") && !answer.text.contains(path), "\(route.name)")
                }
            }
            let ready = try await panel.send(.get, "/readyz")
            #expect(ready.status == 200 && ready.json["status"] == "degraded")
            #expect(ready.json["parts"]?["audit_sinks"] == "over the limit: changes are refused")
            let metrics = await panel.host.exposition()
            #expect(metrics.contains("panelhost_audit_sink_over_limit{sink=\"siem\"} 1\n"))

            let worker = SinkWorker(
                sink, database: panel.database, authority: panel.authority,
                transports: SinkTransports(secrets: nil, isDevelopment: true), holder: { "test" },
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            var progress = SinkWorker.Progress()
            while true {
                // What reading has added is owed too.
                await panel.host.sequencing.finish()
                if try await worker.look(&progress) == .nothingOwed, try await panel.send(signIn).status != 503 { break }
            }
            await worker.end(&progress)
            unlink(path)
        }
    }
}
