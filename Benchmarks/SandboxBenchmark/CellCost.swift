// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Sandbox
import Values

/// The time until a cell has given its first result, and the memory of many that have nothing to do.
struct CellCost {
    let executable: String
    let cells: Int

    func run() async throws -> Value {
        let bench = try await Bench(executable: executable, maximumCells: cells)
        let clock = ContinuousClock()
        var starts = Samples(nanoseconds: [], total: .zero)
        for number in 0..<cells {
            let start = clock.now
            try await bench.call("empty", owner: "owner-\(number)", program: "idle")
            starts.nanoseconds.append((clock.now - start).wholeNanoseconds)
        }
        let sizes = bench.sandbox.processes(of: "idle").compactMap { ProcessMemory.proportional(of: $0) }
        await bench.sandbox.shutdown()
        let (p50, p99) = (starts.percentile(0.5) / 1000, starts.percentile(0.99) / 1000)
        say("\nstart of a cell to its first result: p50 \(hundredths(p50)) ms, p99 \(hundredths(p99)) ms (\(cells) cells)")
        var report: [String: Value] = ["start_ms": ["p50": .double(p50), "p99": .double(p99)], "count": Value(cells)]
        if sizes.count == cells {
            let mean = sizes.reduce(0, +) / cells
            say("memory of \(grouped(cells)) idle cells: \(grouped(sizes.reduce(0, +) / 1024)) MiB PSS, \(mean) KiB each")
            report["idle_pss_kib"] = Value(mean)
        }
        return .map(report)
    }
}
