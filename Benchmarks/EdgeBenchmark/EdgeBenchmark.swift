// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import HTTPServer
import HTTPTypes
import Host
import Logging
import PluginAPI
import Sandbox
import Security
import ServiceLifecycle
import Storage
import Values

/// Requests a second by `wrk` over loopback: one route open to all, the same one signed in, and the same one with a permission; and
/// how much memory a flood of sign-ins takes. The last line is JSON.
@main
struct EdgeBenchmark {
    static func main() async throws {
        let isQuick = CommandLine.arguments.contains("--quick")
        let stage = try await Stage()
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        var edge = EdgeRules()
        edge.limits = RateLimits(
            [.caller: RateLimit(1_000_000, per: 1), .login: RateLimit(1_000_000, per: 1)].compactMapValues(\.self))
        let service = HTTPService(
            host: stage.host, table: RouteTable(RouteTable.panel.routes + Self.routes),
            address: ListenAddress(host: "127.0.0.1", port: 0), edge: edge, logger: stage.logger
        ) { listening.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await service.run() }
            var iterator = ports.makeAsyncIterator()
            if let port = await iterator.next() {
                let report = try await measure(stage, "http://127.0.0.1:\(port)", seconds: isQuick ? 2 : 8, rounds: isQuick ? 1 : 3)
                say(JSON.text(.map(report)))
            }
            tasks.cancelAll()
            do { try await tasks.waitForAll() } catch is CancellationError {}
        }
        await stage.close()
    }

    /// One answer, behind nothing, a sign-in, and a sign-in with a permission.
    private static let routes: [Route] = [
        .open(.get, "/bench/get/open", "b1", "Answers", tag: "Bench", reason: "measured against", success: success) { _, _ in answer },
        .signedIn(.get, "/bench/get/signed", "b2", "Answers", tag: "Bench", success: success) { _, _, _ in answer },
        .permitted(.pluginRead, .get, "/bench/get/permitted", "b3", "Answers", tag: "Bench", success: success) { _, _, _ in answer },
        .open(
            .post, "/bench/post/open", "b4", "Answers", tag: "Bench", reason: "measured against", body: body, success: success
        ) { _, _ in answer },
        .signedIn(.post, "/bench/post/signed", "b5", "Answers", tag: "Bench", body: body, success: success) { _, _, _ in answer },
        .permitted(.pluginRead, .post, "/bench/post/permitted", "b6", "Answers", tag: "Bench", body: body, success: success) { _, _, _ in
            answer
        },
    ]
    private static let success = Route.Success(.ok, "It is.", .any)
    private static let body = Route.Body.json(.object("", [.required("word", .string(1...100), "Any.")]))
    private static let answer = Reply.ok(["status": "ok", "word": "the quick brown fox"])

    private static func measure(_ stage: Stage, _ base: String, seconds: Int, rounds: Int) async throws -> [String: Value] {
        let token = try await stage.signIn().accessToken
        var report: [String: Value] = [:]
        for method in ["get", "post"] {
            var best: [String: Double] = [:]
            for _ in 0..<rounds {
                for kind in ["open", "signed", "permitted"] {
                    let rate = try await wrk("\(base)/bench/\(method)/\(kind)", method, token: kind == "open" ? nil : token, seconds, stage)
                    best[kind] = max(best[kind] ?? 0, rate)
                }
            }
            let open = best["open"] ?? 1
            for kind in ["open", "signed", "permitted"] {
                let rate = best[kind] ?? 0
                say("\(method) \(kind): \(Int(rate))/s, \(Int((100 * rate / open).rounded())) % of the open one")
                report["\(method)_\(kind)"] = .int(Int64(rate))
            }
        }
        report["flood"] = try await flood(stage, base)
        return report
    }

    // MARK: wrk

    private static func wrk(
        _ url: String, _ method: String, token: String?, _ seconds: Int, _ stage: Stage
    ) async throws -> Double {
        let script = stage.folder + "/wrk.lua"
        var text = method == "post" ? "wrk.method='POST' wrk.body='{\"word\":\"fox\"}' wrk.headers['Content-Type']='application/json' " : ""
        if let token { text += "wrk.headers['Authorization']='Bearer \(token)'" }
        try write(text, to: script)
        let output = try await run("wrk -t2 -c32 -d\(seconds)s -s \(script) \(url)")
        guard !output.contains("Non-2xx") else { throw Failed("not every answer was good: \(output)") }
        for line in output.split(separator: "\n") where line.hasPrefix("Requests/sec:") {
            if let rate = Double(line.dropFirst(13).drop { $0 == " " }) { return rate }
        }
        throw Failed("wrk did not say how fast it was: \(output)")
    }

    // MARK: Memory

    /// The resident memory before, at its highest during, and after a flood of sign-ins with wrong passwords.
    private static func flood(_ stage: Stage, _ base: String) async throws -> Value {
        let script = stage.folder + "/flood.lua"
        try write(
            "wrk.method='POST' wrk.headers['Content-Type']='application/json' local n = 0 request = function() n = n + 1 return "
                + "wrk.format(nil, nil, nil, '{\"tenant\":\"acme\",\"email\":\"u' .. n .. '@acme.example\",\"password\":\"a wrong password of somebody\"}') end",
            to: script)
        let before = try resident()
        let output = try await run("wrk -t2 -c250 -d10s --timeout 10s -s \(script) \(base)/v1/auth/login")
        let (after, highest) = (try resident(), try resident("VmHWM"))
        let answers = output.split(separator: "\n").first { $0.contains("requests in") }.map(String.init) ?? ""
        say("a flood of sign-ins, 250 connections for 10 s:\(answers); resident \(before) KiB before, \(highest) at most, \(after) after")
        return ["before_kib": .int(before), "highest_kib": .int(highest), "after_kib": .int(after)]
    }

    private static func resident(_ name: String = "VmRSS") throws -> Int64 {
        let lines = try read("/proc/self/status").split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("\(name):") }), let value = Int64(line.filter(\.isNumber)) else {
            throw Failed("no \(name)")
        }
        return value
    }
}
