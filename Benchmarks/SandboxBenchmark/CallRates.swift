// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import LuaBaseline
import Sandbox
import Values

/// Calls per second with 0, 1 and 3 host calls, at 1, 16 and 64 in flight, taking turns with Redis.
struct CallRates {
    let bench: Bench
    let calls: Int
    private static let operations: [(name: String, label: String)] = [
        ("empty", "empty"), ("one", "1 host call"), ("three", "3 host calls"),
    ]
    private static let rounds = 3

    func run() async throws -> Value {
        let redis = RedisPeer()
        defer { redis?.stop() }
        if redis == nil { say("redis-server and redis-benchmark are not installed: no comparison with FCALL") }
        say(
            "\n" + column("operation", 14, right: false)
                + ["in flight", "calls/s", "p50 µs", "p99 µs", "host cpu", "cell cpu µs", "FCALL/s", "p50 µs", "ours/FCALL"]
                .map { column($0, 12) }.joined())
        var report: [String: Value] = [:]
        for operation in Self.operations {
            for width in [1, 16, 64] {
                // One at a time takes several times as long.
                let calls = width == 1 ? calls / 5 : calls
                _ = try await measure(operation.name, width: width, calls: calls / 10)
                var ours: [Samples] = []
                var theirs: [RedisPeer.Figures] = []
                for _ in 0..<Self.rounds {
                    ours.append(try await measure(operation.name, width: width, calls: calls))
                    if let figures = redis?.measure(operation.name, connections: width, calls: calls) { theirs.append(figures) }
                }
                report["\(operation.name)_\(width)"] = row(operation.label, width, ours, theirs)
            }
        }
        if let figures = redis?.measure("empty", connections: 16, calls: calls * 4, pipeline: 16) {
            say("\nFCALL of empty, 16 connections with 16 requests each at once: \(grouped(Int(figures.perSecond)))/s")
            report["fcall_empty_pipelined_16x16"] = .int(Int64(figures.perSecond))
        }
        for operation in Self.operations {
            guard let samples = Self.plain(operation.name, calls: calls) else { continue }
            say("lua_pcall of \(operation.label), no wall at all: \(grouped(Int(samples.perSecond)))/s")
            report["\(operation.name)_plain"] = samples.json
        }
        return .map(report)
    }

    private func row(_ label: String, _ width: Int, _ ours: [Samples], _ theirs: [RedisPeer.Figures]) -> Value {
        let best = ours.sorted { $0.perSecond < $1.perSecond }[ours.count / 2]
        var cells = [
            "\(width)", grouped(Int(best.perSecond)), short(best.percentile(0.5)), short(best.percentile(0.99)),
            short(best.perCall(best.hostCPU)),
            short(best.perCall(best.cellCPU)),
        ]
        var report: [String: Value] = ["panelhost": best.json]
        if theirs.count == ours.count {
            let other = theirs.sorted { $0.perSecond < $1.perSecond }[theirs.count / 2]
            let ratio = median(zip(ours, theirs).map { $0.perSecond / $1.perSecond })
            cells += [grouped(Int(other.perSecond)), short(other.p50), hundredths(ratio)]
            report["fcall"] = [
                "calls_per_second": .int(Int64(other.perSecond)), "p50_us": .double(other.p50), "p99_us": .double(other.p99),
            ]
            report["ratio"] = .double(ratio)
        }
        say(column(label, 14, right: false) + cells.map { column($0, 12) }.joined())
        return .map(report)
    }

    /// Calls from as many tasks as may be in flight; each waits for its answer before it calls again.
    private func measure(_ operation: String, width: Int, calls: Int) async throws -> Samples {
        let clock = ContinuousClock()
        let cells = bench.sandbox.processes(of: "bench")
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
            try await bench.call(operation)
            nanoseconds.append((clock.now - start).wholeNanoseconds)
        }
        return nanoseconds
    }

    private static func plain(_ operation: String, calls: Int) -> Samples? {
        guard let state = baseline_open(Bench.source) else { return nil }
        defer { baseline_close(state) }
        let clock = ContinuousClock()
        let start = clock.now
        let nanoseconds = (0..<calls).map { _ in baseline_call(state, operation) }
        return Samples(nanoseconds: nanoseconds, total: clock.now - start)
    }
}

/// What the limits cost a plugin that only computes: the same loop in a cell and under plain `lua_pcall`, taking turns.
struct LoopCost {
    let bench: Bench
    let rounds: Int

    func run() async throws -> Value {
        guard let state = baseline_open(Bench.source) else { return nil }
        defer { baseline_close(state) }
        var ratios: [Double] = []
        for round in 0..<rounds {
            let plain = Self.threadTime { _ = baseline_call(state, "loop") }
            let limited = try await bench.call("loop").cpu.wholeNanoseconds
            if round > 0 { ratios.append(Double(limited) / Double(plain)) }
        }
        let percent = (median(ratios) - 1) * 100
        say("\ncost of the limits on a pure-Lua loop: \(hundredths(percent)) % (median of \(ratios.count) pairs)")
        return ["cost_percent": .double(percent), "pairs": Value(ratios.count)]
    }

    /// Processor time of this thread, in nanoseconds: what a cell is charged by.
    private static func threadTime(_ body: () -> Void) -> Int64 {
        func now() -> Int64 {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }
        let start = now()
        body()
        return now() - start
    }
}
