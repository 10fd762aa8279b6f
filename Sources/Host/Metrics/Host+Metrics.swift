// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Security

extension Host {
    /// Everything that is counted and measured, as Prometheus reads it.
    package func exposition() async -> String {
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
            metrics.families() + [
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
}
