// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import AsyncHTTPClient
import HTTPServer
import HTTPTypes
import Host
import Logging
import NIOCore
import NIOHTTP1
import PluginAPI
import Sandbox
import Security
import Storage
import Testing
import Values

/// `/metrics`, as Prometheus reads it.
@Suite("Metrics", .timeLimit(.minutes(10)))
struct MetricsTests {
    /// Serves the metrics of a panel's host beside its API.
    private func scraping(_ panel: Panel, _ body: (@Sendable (String, HTTPMethod) async throws -> Answer) async throws -> Void) async throws
    {
        try await Panel.serving({ MetricsService(host: panel.host, address: $0, logger: $1, onListening: $2) }) { port in
            try await body { path, method in
                var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
                request.method = method
                let response = try await panel.client.execute(request, timeout: .seconds(60))
                let bytes = try await response.body.collect(upTo: 1 << 20)
                return Answer(status: Int(response.status.code), headers: response.headers, body: Array(buffer: bytes))
            }
        }
    }

    @Test("count calls by plugin, operation and outcome, with what they cost, and name no tenant")
    func calls() async throws {
        try await Panel.with { panel in
            try await scraping(panel) { scrape in
                for _ in 0..<3 { _ = try await panel.send(.post, "/v1/tenants/acme/plugins/probe/test", bearer: panel.key) }
                _ = try await panel.send(.get, "/no/such/path")

                let answer = try await scrape("/metrics", .GET)

                #expect(answer.status == 200 && answer.headers["content-type"] == ["text/plain; version=0.0.4; charset=utf-8"])
                let metrics = try Exposition(answer.text)
                let call = ["plugin": "probe", "operation": "validate_config", "outcome": "success"]
                #expect(metrics["panelhost_plugin_invocations_total", call] == 3)
                #expect(metrics["panelhost_plugin_invocation_duration_seconds_count", ["plugin": "probe"]] == 3)
                for name in ["cpu_seconds_total", "received_bytes_total", "memory_peak_bytes"] {
                    #expect(try #require(metrics["panelhost_plugin_\(name)", ["plugin": "probe"]]) > 0, "\(name)")
                }
                #expect(metrics["panelhost_sandbox_cells"] == 1 && metrics["panelhost_sandbox_cells_started_total"] == 1)
                #expect(metrics["panelhost_sandbox_running"] == 0 && metrics["panelhost_sandbox_zygotes_started_total"] == 1)
                #expect(metrics["panelhost_http_responses_total", ["operation": "testPlugin", "status": "200"]] == 3)
                #expect(metrics["panelhost_http_responses_total", ["operation": "_other", "status": "404"]] == 1)
                for tenant in ["acme", panel.acme.id.description, "default"] { #expect(!answer.text.contains(tenant)) }
            }
        }
    }

    @Test("the listener serves that path alone, and the API does not serve it")
    func surface() async throws {
        try await Panel.with { panel in
            try await scraping(panel) { scrape in
                for path in ["/", "/metrics/", "/healthz", "/v1/plugins", "/metricsx", "//metrics"] {
                    let answer = try await scrape(path, .GET)
                    #expect(answer.status == 404 && answer.body.isEmpty, "\(path)")
                }
                for method in [HTTPMethod.POST, .PUT, .DELETE, .TRACE, .OPTIONS] {
                    #expect(try await scrape("/metrics", method).status == 405, "\(method)")
                }
                let head = try await scrape("/metrics", .HEAD)
                #expect(head.status == 200 && head.body.isEmpty)
                expectProblem(try await panel.send(.get, "/metrics", bearer: panel.key), 404, "not_found", "on the API")
            }
        }
    }

    @Test("a name with every special character comes back as it was")
    func escaping() throws {
        var family = MetricFamily("panelhost_test_total", .counter, "Back\\slash and\nline.")
        let hostile = "a\"b\\c\nd}e,f=\"g\" 1"
        family.add(2, [("plugin", hostile), ("kind", "x")])
        family.add(1.5, [("plugin", "b"), ("kind", "x")])

        let metrics = try Exposition(MetricFamily.exposition([family, MetricFamily("panelhost_empty", .gauge, "Nothing.")]))

        #expect(metrics.families == ["panelhost_empty", "panelhost_test_total"])
        #expect(metrics["panelhost_test_total", ["plugin": hostile, "kind": "x"]] == 2)
        #expect(metrics["panelhost_test_total", ["plugin": "b", "kind": "x"]] == 1.5)
    }

    @Test(
        "a duration falls into the first bucket that is not below it",
        arguments: [(Double, Double)]([
            (0, 0.0005), (0.0005, 0.0005), (0.00051, 0.001), (0.3, 0.5), (30, 30), (31, .infinity),
        ]))
    func buckets(seconds: Double, bound: Double) {
        var histogram = Histogram()
        histogram.add(seconds)

        #expect(histogram.cumulative.first { $0.count == 1 }?.bound == bound)
        #expect(histogram.count == 1 && histogram.sum == seconds)
    }
}
