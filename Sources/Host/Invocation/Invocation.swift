// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Sandbox
package import Security
package import Values

/// One call of one plugin operation, as a service of the host asks for it.
package struct Invocation: Sendable {
    /// Who asked, for what, in which tenant.
    ///
    /// The instance must belong to the same tenant.
    package var permit: Permit
    /// What is called.
    package var instance: PluginInstance
    /// The operation's name, for example `create_payment`.
    package var operation: String
    /// The request as the operation's schema describes it.
    package var request: Value
    /// What the audit trail says is acted on, for example `payment:<id>`, with the request's correlation id.
    package var subject: AuditSubject
    /// The key that the host sends to the provider where the manifest declares a header for it.
    package var idempotencyKey: String?
    /// 1 for the first try.
    package var attempt: Int
    /// The language of the tenant.
    package var locale: String
    /// Secrets that exist for this call only, for example the code of a second factor; `request` names them as `.secret`.
    package var secrets: [String: Secret]
    /// What the plugin may see, but logs, errors and the audit trail may not, for example where a code goes.
    package var confidential: [Secret]
    /// No mutating HTTP request and no storage write: for checks that must not act.
    package var isReadOnly: Bool

    /// Who acts for whom: the caller, with where they come from, the plugin, and the tenant within which both stay.
    package var chain: [String] { [permit.principal.actor, "plugin:\(instance.plugin)", "tenant:\(instance.scope.tenant)"] }

    /// Puts a call together; checks of a configuration and of a webhook only read unless told otherwise.
    package init(
        permit: Permit, instance: PluginInstance, operation: String, request: Value, subject: AuditSubject, idempotencyKey: String? = nil,
        attempt: Int = 1, locale: String = "en", secrets: [String: Secret] = [:], confidential: [Secret] = [], isReadOnly: Bool? = nil
    ) {
        self.permit = permit
        self.instance = instance
        self.operation = operation
        self.request = request
        self.subject = subject
        self.idempotencyKey = idempotencyKey
        self.attempt = attempt
        self.locale = locale
        self.secrets = secrets
        self.confidential = confidential
        self.isReadOnly = isReadOnly ?? ["validate_config", "verify_webhook"].contains(operation)
    }
}

/// What came of an invocation, with the host's own evidence.
package struct InvocationReport: Sendable {
    /// Names this call in every log.
    package var call: CallID
    /// The operation's validated result without `ok`, or the failure with an outcome that the evidence allows.
    package var result: Result<Value, PluginFailure>
    /// What was seen on the wire.
    package var wire: WireTrace
    /// What it cost; zero when the plugin never ran.
    package var receipt: Receipt
    /// The plugin's log lines, scrubbed.
    package var log: [LogLine]

    /// Puts a report together.
    package init(call: CallID, result: Result<Value, PluginFailure>, wire: WireTrace, receipt: Receipt, log: [LogLine]) {
        (self.call, self.result, self.wire, self.receipt, self.log) = (call, result, wire, receipt, log)
    }

    /// A report of a plugin that never ran.
    init(call: CallID, failure: PluginFailure) {
        self.init(call: call, result: .failure(failure), wire: WireTrace(), receipt: Receipt(), log: [])
    }

    /// The failure, if it is one.
    package var failure: PluginFailure? {
        if case .failure(let failure) = result { failure } else { nil }
    }

    /// How the audit trail sums it up.
    package var auditOutcome: AuditOutcome { failure == nil ? .success : .failure }

    /// The few facts that the audit trail keeps: no payload, no message of the plugin's.
    package func auditDetail(of invocation: Invocation) -> [String: Value] {
        var detail: [String: Value] = [
            "call": .string(call.description),
            // Whose rights were needed for what was done: all of them, at each host call.
            "chain": .array(invocation.chain.map(Value.string)),
            "operation": .string(invocation.operation),
            "plugin": .string(invocation.instance.plugin.description),
            "version": .string(invocation.instance.manifest.version.description),
            "instance": .string(invocation.instance.id.description),
            "http_calls": Value(wire.exchanges.count + wire.mutatingInFlight),
            "bytes_left": .bool(wire.mutatingBytesLeft),
            "resources": receipt.value,
        ]
        if let failure {
            detail["error"] = .string(failure.code.rawValue)
            // What an administrator needs at night: the plugin's file and line, or the provider's words. Scrubbed of secrets already.
            detail["message"] = .string(failure.message)
            detail["sent"] = .string(failure.outcome.rawValue)
        }
        return detail
    }
}

extension Receipt {
    /// What an invocation has cost, as the audit trail keeps it: numbers only.
    var value: Value {
        [
            "cpu_us": .int(cpu.microseconds), "wall_us": .int(wall.microseconds), "memory_peak": Value(memoryPeak),
            "host_calls": .map(knownHostCalls.mapValues { Value($0) }), "bytes_in": Value(bytesIn), "bytes_out": Value(bytesOut),
        ]
    }
}
