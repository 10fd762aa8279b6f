// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Logging
import LuaBaseline
import Sandbox
import Values

/// Measures the sandbox on this machine: calls, cell starts, memory, and the same functions without any wall.
@main
struct SandboxBenchmark {
    static let source = """
        return {
          empty = function(ctx, req) return {} end,
          one = function(ctx, req) ctx.storage.get("k") return {} end,
          three = function(ctx, req) ctx.storage.get("k") ctx.storage.get("k") ctx.storage.get("k") return {} end,
        }
        """
    static let operations: [(name: String, label: String)] = [("empty", "empty"), ("one", "1 host call"), ("three", "3 host calls")]

    let sandbox: Sandbox
    let calls: Int

    static func main() async throws {
        guard let executable = SandboxConfiguration.locateCell() else {
            return fail("SandboxCell is not beside this executable: swift build -c release --product SandboxCell")
        }
        let isQuick = CommandLine.arguments.contains("--quick")
        do {
            let configuration = SandboxConfiguration(cellExecutable: executable, requiredLayers: [])
            let sandbox = try await Sandbox.start(configuration, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
            try await SandboxBenchmark(sandbox: sandbox, calls: isQuick ? 5_000 : 100_000).run()
            await sandbox.shutdown()
        } catch {
            fail(String(reflecting: error))
        }
    }

    private func run() async throws {
        say("layers: \(sandbox.layers)\n")
        say(
            column("operation", 14, right: false)
                + ["in flight", "calls/s", "p50 µs", "p99 µs", "host cpu", "cell cpu µs"].map { column($0, 12) }.joined())
        var rows: [String: Value] = [:]
        for operation in Self.operations {
            for width in [1, 64] {
                _ = try await measure(operation.name, width: width, calls: calls / 10)
                let samples = try await measure(operation.name, width: width, calls: calls)
                row(operation.label, "\(width)", samples)
                rows["\(operation.name)_\(width)"] = samples.json
            }
        }
        for operation in Self.operations {
            guard let samples = Self.baseline(operation.name, calls: calls) else { continue }
            row(operation.label, "lua_pcall", samples)
            rows["\(operation.name)_plain"] = samples.json
        }
        let starts = try await measureStarts(calls: min(calls / 100, 200))
        let memory = idleMemory()
        say("\ncell start to first result: p50 \(short(starts.percentile(0.5) / 1000)) ms, p99 \(short(starts.percentile(0.99) / 1000)) ms")
        say("idle cell after one call: \(memory.map { "\(grouped($0)) KiB PSS" } ?? "not readable here")\n")
        let report: Value = [
            "layers": Value(sandbox.layers.names), "calls": .map(rows),
            "cell_start_ms": ["p50": .double(starts.percentile(0.5) / 1000), "p99": .double(starts.percentile(0.99) / 1000)],
            "idle_cell_pss_kib": memory.map { Value($0) } ?? nil,
        ]
        say(JSON.text(report))
    }

    /// Calls from as many tasks as may be in flight; each waits for its answer before it calls again.
    private func measure(_ operation: String, width: Int, calls: Int) async throws -> Samples {
        let clock = ContinuousClock()
        let cells = sandbox.processes(of: "bench")
        let (host, cell) = (processorTime(of: getpid()), cells.reduce(0) { $0 + processorTime(of: $1) })
        let start = clock.now
        let nanoseconds = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for _ in 0..<width {
                group.addTask { try await lane(operation, calls: calls / width) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        return Samples(
            nanoseconds: nanoseconds, total: clock.now - start, hostCPU: processorTime(of: getpid()) - host,
            cellCPU: cells.reduce(0) { $0 + processorTime(of: $1) } - cell)
    }

    @concurrent
    private func lane(_ operation: String, calls: Int) async throws -> [Int64] {
        let clock = ContinuousClock()
        var nanoseconds: [Int64] = []
        nanoseconds.reserveCapacity(calls)
        for _ in 0..<calls {
            let start = clock.now
            try await call(operation, key: "bench")
            nanoseconds.append((clock.now - start).wholeNanoseconds)
        }
        return nanoseconds
    }

    /// The time from nothing to the first result, each time in a cell of its own.
    @concurrent
    private func measureStarts(calls: Int) async throws -> Samples {
        let clock = ContinuousClock()
        var samples = Samples(nanoseconds: [], total: .zero)
        for number in 0..<calls {
            let start = clock.now
            try await call("empty", key: "start-\(number)")
            samples.nanoseconds.append((clock.now - start).wholeNanoseconds)
            if number >= 20 { sandbox.retire(Self.cell("start-\(number)")) }
        }
        return samples
    }

    private func call(_ operation: String, key: String) async throws {
        _ = try await sandbox.invoke(
            Self.cell(key),
            program: Program(hash: key, entry: "main.lua", files: [("main.lua", Array(Self.source.utf8))]),
            operation: operation, request: [:], context: Self.context, budget: InvocationBudget(), onLog: { _ in },
            onHostCall: { _ in .value("value") }
        ).result.get()
    }

    private static func cell(_ key: String) -> CellKey { CellKey(tenant: "bench", partition: key, program: key) }

    /// What the host really sends with a call.
    private static let context = CallContext(
        fields: [
            "call_id": "01936b1e-7c00-7000-8000-000000000001", "tenant_id": "01936b1e-7c00-7000-8000-000000000002", "plugin_id": "bench",
            "instance_id": "01936b1e-7c00-7000-8000-000000000003", "mode": "test", "attempt": 1, "idempotency_key": "3k6yq2m1",
            "deadline_ms": 1_764_000_000_000, "now_ms": 1_764_000_000_000, "locale": "en", "correlation_id": "c-1",
            "config": ["statement": "ACME", "capture": "automatic"],
        ], declaredSecrets: ["api_key"], setSecrets: ["api_key"], functions: ["storage.get", "storage.set", "http.request", "crypto.hmac"])

    /// The mean of the first cells, which have been left alone since their only call.
    private func idleMemory() -> Int? {
        let sizes = (0..<20).flatMap { sandbox.processes(of: "start-\($0)") }.compactMap(Self.pss)
        return sizes.isEmpty ? nil : sizes.reduce(0, +) / sizes.count
    }

    private static func pss(of pid: Int32) -> Int? {
        guard let file = fopen("/proc/\(pid)/smaps_rollup", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let text = String(decoding: buffer[..<fread(&buffer, 1, buffer.count, file)], as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("Pss:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }

    private static func baseline(_ operation: String, calls: Int) -> Samples? {
        guard let state = baseline_open(source) else { return nil }
        defer { baseline_close(state) }
        let clock = ContinuousClock()
        let start = clock.now
        let nanoseconds = (0..<calls).map { _ in baseline_call(state, operation) }
        return Samples(nanoseconds: nanoseconds, total: clock.now - start)
    }

    private func row(_ label: String, _ width: String, _ samples: Samples) {
        let numbers = [
            samples.percentile(0.5), samples.percentile(0.99), samples.perCall(samples.hostCPU), samples.perCall(samples.cellCPU),
        ].map(short)
        say(column(label, 14, right: false) + ([width, grouped(Int(samples.perSecond))] + numbers).map { column($0, 12) }.joined())
    }

    private func say(_ line: String) {
        Self.write(line, to: STDOUT_FILENO)
    }

    private static func fail(_ line: String) {
        write(line, to: STDERR_FILENO)
        exit(1)
    }

    private static func write(_ line: String, to descriptor: Int32) {
        let bytes = Array("\(line)\n".utf8)
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }
}
