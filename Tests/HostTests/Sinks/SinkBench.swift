// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Logging
import Security
import Storage
import Testing
import Values

/// A host with one sink, and the worker of one host or more for it.
struct SinkBench {
    static let secretText = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLw2kV0sXjzq5rQs="

    let rig: Rig
    let sink: AuditSinkRecord

    static func with(
        _ url: String, format: AuditSinkFormat = .json, options: AuditSinkOptions = AuditSinkOptions(), secret: String? = nil,
        lagLimit: Int64 = 60_000, _ body: (SinkBench) async throws -> Void
    ) async throws {
        try await Rig.with { rig in
            var sink = AuditSinkRecord(
                name: "siem", url: url, format: format, options: options, lagLimit: lagLimit, createdAt: WallClock.system.now(),
                createdBy: "system:test")
            if let secret {
                sink.secret = try await HostSecrets(roots: rig.ring).seal(Secret(secret), at: sink.secretPlace)
            }
            let record = sink
            try await rig.database.platform(rig.authority.platform("test")) {
                try AuditSinkRepository($0).add(record, fromStart: true, by: "system:test", correlation: "c")
            }
            try await body(SinkBench(rig: rig, sink: record))
        }
    }

    /// Adds events to acme's trail and gives them places; answers how many the trail has.
    @discardableResult
    func fill(_ count: Int, _ tenant: TenantRecord? = nil) async throws -> Int64 {
        let tenant = (tenant ?? rig.acme).id
        try await rig.database.platform(rig.authority.platform("test")) { tx in
            for number in 0..<count {
                try tx.append(
                    AuditEvent(
                        tenant: tenant, actor: "system:test", action: "plugin.read", resource: "plugin:\(number)", outcome: .success,
                        detail: ["text": .string(String(repeating: "x", count: 300))], correlation: "c"))
            }
        }
        await rig.host.sequencing.finish()
        return try await size(tenant)
    }

    func size(_ tenant: TenantID) async throws -> Int64 {
        try await rig.database.platformRead(rig.authority.platform("test")) { tx in
            try tx.query("SELECT COUNT(*) AS n FROM audit_leaves WHERE tenant_id = $1", [.text("\(tenant)")]).first?.int("n") ?? 0
        }
    }

    func worker(_ holder: String = "host-1", batch: Int = 200) -> SinkWorker {
        var limits = SinkLimits()
        limits.delivery = .milliseconds(1_500)
        var pace = SinkWorker.Pace()
        pace.limits.events = batch
        (pace.idle, pace.takeover, pace.firstRetry, pace.lastRetry) = (
            .milliseconds(10), .milliseconds(10), .milliseconds(10), .milliseconds(50)
        )
        return SinkWorker(
            sink, database: rig.database, authority: rig.authority,
            transports: SinkTransports(secrets: HostSecrets(roots: rig.ring), isDevelopment: true, limits: limits), holder: { holder },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), pace: pace)
    }

    /// Looks until nothing is owed; answers the failures in between.
    func drain(_ worker: SinkWorker, _ progress: inout SinkWorker.Progress, most: Int = 100) async throws -> [String] {
        var failures: [String] = []
        for _ in 0..<most {
            switch try await worker.look(&progress) {
            case .nothingOwed: return failures
            case .failed(let failure): failures.append(failure.description)
            case .elsewhere: throw RigError("another host ships")
            case .shipped: continue
            }
        }
        throw RigError("it never ends: \(failures)")
    }

    /// Everything that is owed, by one worker that is then ended.
    @discardableResult
    func ship(batch: Int = 200) async throws -> [String] {
        var progress = SinkWorker.Progress()
        let worker = worker(batch: batch)
        do {
            let failures = try await drain(worker, &progress)
            await worker.end(&progress)
            return failures
        } catch {
            await worker.end(&progress)
            throw error
        }
    }

    func record() async throws -> AuditSinkRecord {
        try #require(
            try await rig.database.platformRead(rig.authority.platform("test")) { try AuditSinkRepository($0).find(name: "siem") })
    }
}
