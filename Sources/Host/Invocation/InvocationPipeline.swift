// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Sandbox
package import Security
package import Storage
import Values

/// The journey of one call into a plugin, top to bottom: permit, record, run, judge, close.
///
/// Every step needs the proof that the step before it makes, so none can be skipped: a transaction needs the permit's scope,
/// a run needs the pending audit record, a host function needs a grant.
package struct InvocationPipeline: Sendable {
    private let database: any Database
    private let sandbox: Sandbox
    private let encryption: EncryptionService
    private let functions: HostFunctionTable
    private let fallback: AuditFallback
    private let caps: InvocationCaps
    private let clock: HostClock
    private let log: PluginLog
    private let metrics: HostMetrics
    private let standing: CallStanding?

    /// A way into plugins over these parts.
    ///
    /// - Parameter standing: looks again whether rights still stand; without it they count as they were when the call began.
    package init(
        database: any Database, sandbox: Sandbox, encryption: EncryptionService, functions: HostFunctionTable, fallback: AuditFallback,
        caps: InvocationCaps, clock: HostClock, log: PluginLog = PluginLog(), metrics: HostMetrics = HostMetrics(),
        standing: CallStanding? = nil
    ) {
        self.standing = standing
        (self.database, self.sandbox, self.encryption, self.log) = (database, sandbox, encryption, log)
        (self.functions, self.fallback, self.caps, self.clock, self.metrics) = (functions, fallback, caps, clock, metrics)
    }

    /// Calls an operation of a plugin and records how it began and how it ended.
    ///
    /// - Parameters:
    ///   - begin: runs in the transaction that records the beginning; when it throws, nothing runs and nothing is recorded.
    ///   - record: runs in the transaction that records the end, with what came of it. It must not decide on anything but the report.
    /// - Returns: what `record` returns.
    /// - Throws: what `begin` or `record` throws, and ``HostError`` with `config_unreadable` after `record` has run.
    package func run<Recorded: Sendable>(
        _ invocation: Invocation,
        begin: @escaping @Sendable (TenantTransaction) throws -> Void = { _ in },
        record: @escaping @Sendable (InvocationReport, TenantTransaction) throws -> Recorded
    ) async throws -> Recorded {
        // The permit's tenant is the one that is touched; an instance of another tenant does not exist for it.
        let (permit, scope) = (invocation.permit, invocation.permit.scope)
        guard invocation.instance.scope == scope else { throw Denial.foreignTenant }

        // No record, no run.
        let database = self.database
        let audit = try await PendingAudit.begin(permit, invocation.subject, fallback: fallback) { event in
            try await database.transaction(scope) { tx in
                try begin(tx)
                try tx.append(event)
            }
        }

        let (report, unreadable) = await perform(invocation)

        // The outcome and its record are one transaction: both or neither.
        let recorded = try await audit.close(report.auditOutcome, detail: report.auditDetail(of: invocation)) { event in
            try await database.transaction(scope) { tx in
                let recorded = try record(report, tx)
                if let unreadable { try tx.append(unreadable.event(for: invocation)) }
                try tx.append(event)
                return recorded
            }
        }
        if let unreadable { throw unreadable.error }
        return recorded
    }

    /// Opens the secrets, runs the plugin, judges what it says.
    ///
    /// Nothing in here throws: every end is a report.
    private func perform(_ invocation: Invocation) async -> (InvocationReport, UnreadableConfig?) {
        let call = CallID.make()
        let secrets: [String: Secret]
        do {
            secrets = try await openSecrets(of: invocation.instance)
        } catch {
            return (InvocationReport(call: call, failure: error.failure), error)
        }

        let session = InvocationSession(invocation, secrets: secrets, limits: limits(of: invocation.instance))
        let gate = CapabilityGate(
            plugin: invocation.instance.plugin, requested: invocation.instance.manifest.requestedCapabilities.names,
            approved: session.capabilities.names)
        let (functions, standing) = (self.functions, self.standing)
        let outcome = await sandbox.invoke(
            invocation.instance.cellKey, program: invocation.instance.program, operation: invocation.operation,
            request: invocation.request, context: session.context(call, now: clock.nowMilliseconds()),
            budget: session.limits.budget,
            onLog: { session.append($0) },
            onHostCall: { call in
                do {
                    guard let function = functions[call.name] else { throw Refusal("unsupported", "\(call.name) is not there") }
                    // What needs no capability reaches nothing outside of the cell.
                    let permit =
                        function.capability.isEmpty
                        ? invocation.permit : try await standing?.renew(invocation.permit, for: invocation) ?? invocation.permit
                    let grant = try gate.grant(function.name, needing: function.capability, under: permit)
                    return .value(try await functions.perform(function, grant, call, session))
                } catch let refusal as Refusal {
                    return .failure(code: refusal.code, message: session.scrubber.scrub(refusal.message))
                } catch let denial as Denial {
                    return .failure(code: "capability_denied", message: "\(call.name): \(denial)")
                } catch AuthenticationError.denied(let denial) {
                    return .failure(code: "capability_denied", message: "\(call.name): \(denial)")
                } catch {
                    // What a database says is for the operator's log, not for a plugin.
                    return .failure(code: "internal", message: "\(call.name): the host cannot say whether this is allowed")
                }
            })

        let judge = ResultJudge(invocation: invocation, wire: session.wire, scrubber: session.scrubber, redactor: session.redactor)
        let report = InvocationReport(
            call: call, result: judge.judge(outcome.result), wire: session.wire, receipt: outcome.receipt, log: session.log)
        log.write(report, of: invocation)
        metrics.count(report, of: invocation, after: outcome.result.failure)
        return (report, nil)
    }

    private func openSecrets(of instance: PluginInstance) async throws(UnreadableConfig) -> [String: Secret] {
        var secrets: [String: Secret] = [:]
        for (field, content) in instance.sealed {
            do {
                secrets[field] = try await encryption.open(content.sealed, at: instance.location(of: field))
            } catch {
                throw UnreadableConfig(field: field)
            }
        }
        return secrets
    }

    /// What the manifest asks for, never more than the host allows.
    private func limits(of instance: PluginInstance) -> InvocationLimits { InvocationLimits(asked: instance.manifest.limits, caps: caps) }
}
