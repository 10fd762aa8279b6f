// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Sandbox
package import Security
import Values

extension InvocationSession {
    /// What the plugin finds in `ctx`: plain fields, the names of secrets, the functions that exist, and why others do not.
    package func context(_ call: CallID, now: Int64) -> CallContext {
        let visible = HostFunctions.visible(requested: instance.manifest.requestedCapabilities, granted: capabilities)
        let fields: [String: Value] = [
            "call_id": .string(call.description),
            "tenant_id": .string(instance.scope.tenant.description),
            "plugin_id": .string(instance.plugin.description),
            "instance_id": .string(instance.id.description),
            "mode": .string(instance.mode),
            "attempt": Value(invocation.attempt),
            "idempotency_key": Value(invocation.idempotencyKey),
            "deadline_ms": .int(now + limits.budget.wall.milliseconds),
            "now_ms": .int(now),
            "locale": .string(invocation.locale),
            "correlation_id": .string(invocation.subject.correlation),
            "config": .map(instance.config),
        ]
        return CallContext(
            fields: fields, declaredSecrets: instance.manifest.config.secretNames, setSecrets: instance.sealed.keys.sorted(),
            functions: visible.names, denied: visible.denied)
    }

    /// Refuses a destination that is not in force; the message names the line to add to `plugin.json`.
    func checkAllowed(_ method: String, _ url: EgressURL) throws(Refusal) {
        let target: RequestTarget
        do {
            target = try capabilities.target(method: method, url: url.text) { self.configured($0) }
        } catch {
            throw Refusal("network_denied", "http.request: \(error)")
        }
        // The contract's own parser decided on the text that the wire parser made: a difference would be a way around.
        guard target.host == url.host, target.port == url.port, target.path == url.path, target.scheme.rawValue == url.scheme.rawValue
        else {
            throw Refusal("network_denied", "http.request: the url can be read in two ways")
        }
    }

    /// The URL in a configuration field, secret fields included; it never leaves this file.
    private func configured(_ field: String) -> String? {
        if let plain = instance.config[field]?.stringValue { return plain }
        return try? String(validating: reveal(SecretUse(name: field)), as: UTF8.self)
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }

    /// Whole microseconds.
    var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
