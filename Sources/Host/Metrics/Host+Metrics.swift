// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Security
import Storage

extension Host {
    /// Everything that is counted and measured, as Prometheus reads it.
    ///
    /// - Parameter others: what is measured outside of the host.
    package func exposition(with others: [MetricFamily] = []) async -> String {
        let statistics = sandbox.statistics
        func family(_ name: String, _ kind: MetricFamily.Kind, _ help: String, _ value: Int) -> MetricFamily {
            var family = MetricFamily(name, kind, help)
            family.add(value)
            return family
        }
        var stops = MetricFamily("panelhost_plugin_stops", .gauge, "Programs that may not run, by kind of stop.")
        let stopped = await stopWatch.counts
        stops.add(stopped.killed, [("kind", "killed")])
        stops.add(stopped.quarantined, [("kind", "quarantined")])
        return MetricFamily.exposition(
            await sinkFamilies() + others + metrics.families() + [
                stops,
                family("panelhost_sandbox_cells", .gauge, "Cells alive.", statistics.cells),
                family("panelhost_sandbox_running", .gauge, "Calls at work in a cell.", statistics.running),
                family("panelhost_sandbox_waiting", .gauge, "Calls that wait for a cell.", statistics.waiting),
                family("panelhost_sandbox_cells_started_total", .counter, "Cells started.", statistics.started),
                family("panelhost_sandbox_cells_crashed_total", .counter, "Cells that died by themselves.", statistics.crashed),
                family("panelhost_sandbox_cells_killed_total", .counter, "Cells that the host ended for cause.", statistics.killed),
                family("panelhost_sandbox_zygotes_started_total", .counter, "Zygotes started.", statistics.zygotes),
                family("panelhost_audit_waiting", .gauge, "Audit records that wait to be written.", fallback.count),
                family("panelhost_audit_lost_total", .counter, "Audit records that were lost.", fallback.lost),
            ])
    }

    /// One sample for each sink, from the database: every host says the same.
    private func sinkFamilies() async -> [MetricFamily] {
        var lag = MetricFamily("panelhost_audit_sink_lag_seconds", .gauge, "Age of the oldest audit event that a sink has not got.")
        var delivered = MetricFamily("panelhost_audit_sink_delivered_total", .counter, "Audit events that a sink has accepted.")
        var pruned = MetricFamily("panelhost_audit_sink_pruned_total", .counter, "Audit events that were pruned before a sink had them.")
        var failures = MetricFamily("panelhost_audit_sink_failures_total", .counter, "Deliveries that a sink did not accept.")
        var lagging = MetricFamily("panelhost_audit_sink_over_limit", .gauge, "Whether changes are refused because of a sink.")
        // A database that does not answer has no samples; the part of `/readyz` says so.
        for status in (try? await sinks.statuses()) ?? [] {
            let label = [(name: "sink", value: status.sink.name)]
            lag.add(Double(status.lag) / 1000, label)
            delivered.add(status.sink.delivered, label)
            pruned.add(status.sink.pruned, label)
            failures.add(status.sink.failures, label)
            lagging.add(status.isOverLimit ? 1 : 0, label)
        }
        return [lag, delivered, pruned, failures, lagging]
    }
}
