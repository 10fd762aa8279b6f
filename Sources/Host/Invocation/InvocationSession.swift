// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Sandbox
package import Security
import Synchronization
import Values

/// What one running invocation has: its secrets, its counters, and the trace of what it did on the wire.
package final class InvocationSession: Sendable {
    private struct State {
        var httpCalls = 0
        var mutatingCalls = 0
        var wire = WireTrace()
        var log: [LogLine] = []
        var logBytes = 0
    }

    /// What was asked for.
    package let invocation: Invocation
    /// What it may use.
    package let limits: InvocationLimits
    /// What is in force: asked for by the manifest and approved by the tenant.
    package let capabilities: Capabilities
    /// Takes the secrets out of what the plugin gets to see.
    package let scrubber: SecretScrubber
    /// Makes texts fit for logs, errors and audit.
    package let redactor: Redactor
    private let secrets: [String: Secret]
    private let state = Mutex(State())

    /// Opens a session; secrets of this call stand beside those of the configuration.
    package init(_ invocation: Invocation, secrets: [String: Secret], limits: InvocationLimits) {
        self.invocation = invocation
        self.limits = limits
        self.capabilities = invocation.instance.effective
        self.secrets = secrets.merging(invocation.secrets) { _, forThisCall in forThisCall }
        self.scrubber = SecretScrubber(secrets: self.secrets.values)
        self.redactor = Redactor(secrets: self.secrets.values + invocation.confidential)
    }

    /// When it began.
    package let began = ContinuousClock.now

    /// What is called.
    package var instance: PluginInstance { invocation.instance }

    /// What has been seen on the wire so far.
    package var wire: WireTrace { state.withLock { $0.wire } }

    /// The plugin's log lines so far, scrubbed.
    package var log: [LogLine] { state.withLock { $0.log } }

    /// Takes a log line in; what is beyond the cap is dropped.
    package func append(_ line: LogLine) {
        let clean = LogLine(level: line.level, message: redactor.scrub(line.message), fields: redactor.scrub(line.fields))
        let size = clean.message.utf8.count + JSON.serialize(.map(clean.fields)).count
        state.withLock { state in
            guard state.logBytes + size <= limits.budget.logBytes else { return }
            state.logBytes += size
            state.log.append(clean)
        }
    }

    /// Counts an HTTP request; nil when there were as many as allowed.
    ///
    /// For a mutating one the answer is its number among the mutating ones, from 1, else 0.
    func beginHTTPCall(mutating: Bool) -> Int? {
        state.withLock { state in
            guard state.httpCalls < limits.httpCalls else { return nil }
            state.httpCalls += 1
            guard mutating else { return 0 }
            state.mutatingCalls += 1
            // In flight until proved otherwise: if the host function never returns, the outcome is unknown.
            state.wire.mutatingInFlight += 1
            return state.mutatingCalls
        }
    }

    func endHTTPCall(_ exchange: WireTrace.Exchange) {
        state.withLock { state in
            if exchange.isMutating { state.wire.mutatingInFlight -= 1 }
            state.wire.exchanges.append(exchange)
        }
    }

    /// The bytes that stand for a secret in the form that the plugin asked for.
    func reveal(_ use: SecretUse) throws(Refusal) -> [UInt8] {
        switch use.form {
        case .raw: return try secret(use.name)
        case .bearer: return try Array("Bearer ".utf8) + secret(use.name)
        case .basic(let user): return try Array("Basic \(Base64.encode(Array("\(user):".utf8) + secret(use.name)))".utf8)
        case .text(let parts):
            var out: [UInt8] = []
            for part in parts {
                switch part {
                case .literal(let text): out += text.utf8
                case .secret(let name): out += try secret(name)
                }
            }
            return out
        }
    }

    /// The value with every secret reference in it filled in.
    ///
    /// Only for what leaves: never give it back to the plugin.
    func reveal(_ value: Value) throws(Refusal) -> Value {
        switch value {
        case .secret(let use): return .octets(try reveal(use))
        case .array(let items):
            var out: [Value] = []
            for item in items { out.append(try reveal(item)) }
            return .array(out)
        case .map(let members):
            var out: [String: Value] = [:]
            for (name, member) in members { out[name] = try reveal(member) }
            return .map(out)
        default: return value
        }
    }

    private func secret(_ name: String) throws(Refusal) -> [UInt8] {
        guard let secret = secrets[name] else {
            throw Refusal("config_invalid", "the secret “\(name)” has no value: set it in the plugin's configuration")
        }
        return secret.revealedBytes()
    }
}
