// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Sandbox
import Values

/// Measures the sandbox on this machine, against plain Lua and against Redis, in one run: ratios outlive a noisy machine.
@main
struct SandboxBenchmark {
    static func main() async throws {
        let options = CommandLine.arguments.dropFirst()
        guard options.allSatisfy({ ["--quick", "--calls", "--loop", "--cells"].contains($0) }) else {
            return fail(
                """
                SandboxBenchmark [--quick] [--calls] [--loop] [--cells]
                  --quick   a twentieth of the calls
                  --calls   calls per second, against plain lua_pcall and Redis FCALL
                  --loop    what the limits cost on a pure-Lua loop
                  --cells   start and memory of cells
                Without one of the last three: all of them. The last line is the whole report as JSON.
                """)
        }
        guard let executable = SandboxConfiguration.locateCell() else {
            return fail("SandboxCell is not beside this executable: swift build -c release --product SandboxCell")
        }
        let isQuick = options.contains("--quick")
        let chosen = Set(options).subtracting(["--quick"])
        func wants(_ part: String) -> Bool { chosen.isEmpty || chosen.contains(part) }
        do {
            let bench = try await Bench(executable: executable)
            say("layers: \(bench.sandbox.layers)")
            var report: [String: Value] = ["layers": Value(bench.sandbox.layers.names)]
            if wants("--calls") { report["calls"] = try await CallRates(bench: bench, calls: isQuick ? 2_500 : 50_000).run() }
            if wants("--loop") { report["loop"] = try await LoopCost(bench: bench, rounds: isQuick ? 5 : 41).run() }
            if wants("--cells") { report["cells"] = try await CellCost(executable: executable, cells: isQuick ? 100 : 1000).run() }
            await bench.sandbox.shutdown()
            say(JSON.text(.map(report)))
        } catch {
            fail(String(reflecting: error))
        }
    }

    private static func fail(_ line: String) {
        write(line, to: STDERR_FILENO)
        exit(1)
    }
}

/// Prints a line at once.
func say(_ line: String) { write(line, to: STDOUT_FILENO) }

private func write(_ line: String, to descriptor: Int32) {
    let bytes = Array("\(line)\n".utf8)
    _ = Glibc.write(descriptor, bytes, bytes.count)
}
