// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Sandbox
import Security
import Synchronization

/// What the host counts since its start, for `/metrics`.
///
/// No label names a tenant: who uses what is the tenants' own business, and their number has no bound. Every other label has one.
package final class HostMetrics: Sendable {
    private struct Ending: Hashable {
        var plugin: String
        var operation: String
        var outcome: String
    }

    fileprivate struct Totals {
        var cpu = Duration.zero
        var bytesIn = 0
        var bytesOut = 0
        var memoryPeak = 0
        var hostCalls: [String: Int] = [:]
        var durations = Histogram()
    }

    /// What became of a notice to somebody about their account.
    package enum Notice: String, Sendable {
        case queued
        case noNotifier = "no_notifier"
        case failed
        /// Too many waited.
        case lost
    }

    private struct Answer: Hashable {
        var operation: String
        var status: Int
    }

    private struct State {
        var endings: [Ending: Int] = [:]
        var plugins: [String: Totals] = [:]
        var refused: [String: Int] = [:]
        var quarantined = 0
        var answers: [Answer: Int] = [:]
        var notices: [Notice: Int] = [:]
    }

    /// Plugins that are counted by name; what comes after them is counted together.
    package static let maximumPlugins = 256
    /// Stands for whatever has no place of its own; no plugin can have this name.
    private static let others = "_other"

    private let state = Mutex(State())

    /// Nothing has been counted.
    package init() {}

    // MARK: Counting

    /// Counts one call of a plugin, however it ended.
    package func count(_ report: InvocationReport, of invocation: Invocation, after error: SandboxError?) {
        let outcome = report.failure?.code.rawValue ?? "success"
        let isKnown = Operation.named(invocation.operation, for: invocation.instance.manifest.kind) != nil
        let refusal = error.flatMap(Self.refusal)
        state.withLock { state in
            var plugin = invocation.instance.plugin.description
            if state.plugins[plugin] == nil, state.plugins.count >= Self.maximumPlugins { plugin = Self.others }
            let ending = Ending(plugin: plugin, operation: isKnown ? invocation.operation : Self.others, outcome: outcome)
            state.endings[ending, default: 0] += 1
            state.plugins[plugin, default: Totals()].add(report.receipt)
            if let refusal { state.refused[refusal, default: 0] += 1 }
        }
    }

    /// Counts a plugin that was quarantined.
    package func countQuarantine() { state.withLock { $0.quarantined += 1 } }

    /// Counts notices to people about their accounts.
    package func countNotice(_ notice: Notice, _ count: Int = 1) { state.withLock { $0.notices[notice, default: 0] += count } }

    /// Counts an answer of the HTTP API.
    ///
    /// - Parameter operation: the route's name; nil for what no route answers.
    package func countAnswer(_ operation: String?, status: Int) {
        state.withLock { $0.answers[Answer(operation: operation ?? Self.others, status: status), default: 0] += 1 }
    }

    private static func refusal(_ error: SandboxError) -> String? {
        switch error {
        case .overloaded: "overloaded"
        case .backingOff: "backing_off"
        case .quarantined: "quarantined"
        case .programKilled: "killed"
        case .tenantClosed: "tenant_closed"
        case .unavailable: "unavailable"
        default: nil
        }
    }

    // MARK: Telling

    /// All counts as families; the caller adds what it knows of the moment.
    package func families() -> [MetricFamily] {
        let state = self.state.withLock { $0 }
        return Self.plugins(state) + Self.others(state)
    }

    private static func plugins(_ state: State) -> [MetricFamily] {
        var invocations = MetricFamily("panelhost_plugin_invocations_total", .counter, "Calls of plugins by how they ended.")
        for (ending, count) in state.endings {
            invocations.add(
                count, [("plugin", ending.plugin), ("operation", ending.operation), ("outcome", ending.outcome)])
        }
        var cpu = MetricFamily("panelhost_plugin_cpu_seconds_total", .counter, "Processor time of plugins' own code.")
        var calls = MetricFamily("panelhost_plugin_host_calls_total", .counter, "Host functions that plugins called.")
        var received = MetricFamily("panelhost_plugin_received_bytes_total", .counter, "Bytes that went into plugins' cells.")
        var sent = MetricFamily("panelhost_plugin_sent_bytes_total", .counter, "Bytes that came out of plugins' cells.")
        var memory = MetricFamily("panelhost_plugin_memory_peak_bytes", .gauge, "The most memory that one call of a plugin has used.")
        var durations = MetricFamily("panelhost_plugin_invocation_duration_seconds", .histogram, "Time of calls, host calls included.")
        for (plugin, totals) in state.plugins {
            let label = [(name: "plugin", value: plugin)]
            cpu.add(totals.cpu.seconds, label)
            received.add(totals.bytesIn, label)
            sent.add(totals.bytesOut, label)
            memory.add(totals.memoryPeak, label)
            durations.add(totals.durations, label)
            for (kind, count) in totals.hostCalls { calls.add(count, label + [("kind", kind)]) }
        }
        return [invocations, cpu, calls, received, sent, memory, durations]
    }

    private static func others(_ state: State) -> [MetricFamily] {
        var refused = MetricFamily(
            "panelhost_sandbox_refused_total", .counter, "Calls that the sandbox did not let run, or ended, by reason.")
        for (reason, count) in state.refused { refused.add(count, [("reason", reason)]) }
        var quarantined = MetricFamily("panelhost_sandbox_quarantined_total", .counter, "Plugins that were quarantined.")
        quarantined.add(state.quarantined)
        var answers = MetricFamily("panelhost_http_responses_total", .counter, "Answers of the API by operation and status.")
        for (answer, count) in state.answers { answers.add(count, [("operation", answer.operation), ("status", String(answer.status))]) }
        var notices = MetricFamily(
            "panelhost_new_device_notices_total", .counter, "Notices about sign-ins from new devices, by what became of them.")
        for (notice, count) in state.notices { notices.add(count, [("result", notice.rawValue)]) }
        return [refused, quarantined, answers, notices]
    }
}

extension HostMetrics.Totals {
    fileprivate mutating func add(_ receipt: Receipt) {
        cpu += receipt.cpu
        bytesIn += receipt.bytesIn
        bytesOut += receipt.bytesOut
        memoryPeak = max(memoryPeak, receipt.memoryPeak)
        for (name, count) in receipt.knownHostCalls { hostCalls[name, default: 0] += count }
        durations.add(receipt.wall.seconds)
    }
}

extension Receipt {
    /// Host calls by name; a cell that invents names does not get them into logs and metrics.
    var knownHostCalls: [String: Int] {
        Dictionary(hostCalls.map { (HostFunctions.named($0.key) == nil ? "_other" : $0.key, $0.value) }, uniquingKeysWith: +)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
