// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Sandbox
import Security
import Storage
import Testing
import Values

@Suite("The host", .timeLimit(.minutes(10)))
struct HostTests {
    @Test("is ready when its parts answer, and says which layers guard its cells")
    func health() async throws {
        try await Rig.with { rig in
            let parts = await rig.host.health.parts()

            #expect(parts.map(\.name).contains("database"))
            #expect(parts.allSatisfy { $0.problem == nil })
            #expect(rig.host.health.layers.contains([.seccomp, .noNewPrivileges]))
        }
    }

    @Test("says that audit records wait, and writes them")
    func drain() async throws {
        try await Rig.with { rig in
            rig.fallback.record(
                AuditEvent(
                    tenant: rig.acme.id, actor: "system:test", action: "test.waiting", resource: "x", outcome: .abandoned, correlation: "c")
            )
            let before = await rig.host.health.parts().first { $0.name == "audit" }

            await rig.host.shutdown()

            #expect(before?.problem != nil)
            #expect(rig.fallback.count == 0)
            let (mine, theirs) = (try await rig.trail(action: "test.waiting"), try await rig.trail(rig.globex, action: "test.waiting"))
            #expect(mine.count == 1)
            #expect(theirs.isEmpty)
        }
    }

    @Test("keeps a whole and provable trail of everything that was done to a plugin")
    func provable() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(TestPlugin(actions: ["hello": "return 'x'"]))
            for _ in 0..<5 { _ = try await rig.answer(plugin, "hello") }

            await rig.host.sequencing.finish()
            let signer = try await AuditSigners(AuditSigningKeys(HostKeys(derivedFrom: rig.ring)), installation: rig.platform.id).load()
            let report = try await rig.database.platformRead(rig.authority.platform("test")) { tx in
                try AuditVerification.verify(tx, signer: signer)
            }

            #expect(report.isWhole && report.trails.count == 3)
            #expect(report.trails.first { $0.tenant == rig.acme.id }.map { $0.verified >= 13 && $0.waiting == 0 } == true)
        }
    }
}
