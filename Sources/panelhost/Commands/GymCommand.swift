// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Glibc
import Logging
import Sandbox
import UnixSignals
import Values

struct GymCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gym", abstract: "Run hostile scripts in real cells and say what came of them.",
        discussion: """
            Runs each .lua file of a folder, and of those inside it, as an operation in a cell of its own, beside a healthy neighbour of another
            tenant that is called before, meanwhile and afterwards. A file is a chunk that gets ctx and the request as '...', or an ordinary
            plugin's file that returns its operations. Any file will do, also one that is not Lua at all.

            Prints a line of JSON for each file and a line with the score at the end. Survived means: the host and every other cell go on, the
            caller gets a typed error or the value, and the memory comes back. Use it to judge a new liblua package.

            Exit codes: 0 everything survived, and ended as its header says where it has one; 1 otherwise.

            EXAMPLES
              panelhost gym --selftest                        the scripts that come with panelhost
              panelhost gym ./attacks --cpu-ms 50 | jq .file  your own, with half the processor time
              panelhost gym ./attacks/one.lua --memory-kib 1024
              panelhost gym --soak                            100,000 calls while 1,000 cells are killed at random
            """)

    @Argument(help: "A folder of scripts, or one script.")
    var folder: String?

    @Flag(name: .long, help: "Run the scripts that come with panelhost.")
    var selftest = false

    @Flag(name: .long, help: "Call healthy programs while their cells are killed at random, and watch the memory.")
    var soak = false

    @OptionGroup var limits: GymLimitOptions
    @OptionGroup var soaking: SoakOptions

    @Option(
        name: .long, help: "Scripts at the same time. With more than one, the overruns say more about this machine than about the limits.")
    var jobs = 1

    @OptionGroup var cells: CellOptions

    func validate() throws {
        guard [folder != nil, selftest, soak].filter(\.self).count == 1 else {
            throw ValidationError("name a folder of scripts, or use --selftest or --soak")
        }
        guard 1...64 ~= jobs else { throw ValidationError("--jobs: from 1 to 64") }
    }

    func run() async throws {
        let cell = try cells.path()
        let logger = Logger(label: "gym") { _ in SwiftLogNoOpLogHandler() }
        if soak { return try await soaking.run(cell: cell, logger: logger) }
        let path = try folder ?? Self.corpus()
        let scripts: GymFolder
        do {
            scripts = try GymFolder(at: path)
        } catch {
            throw Failure("\(path): \(error.reason)")
        }
        guard scripts.count > 0 else { throw Failure("\(path): there is no .lua file in it") }
        let score = try await Self.untilInterrupted { try await perform(scripts, cell: cell, logger: logger) }
        Console.line(JSON.text(score.json))
        if score.isInterrupted { throw ExitCode(130) }
        if !score.isPerfect { throw ExitCode(1) }
    }

    private func perform(_ scripts: GymFolder, cell: String, logger: Logger) async throws -> GymScore {
        let gym: Gym
        do {
            gym = try await Gym.start(cell: cell, limits: limits.limits, jobs: jobs, logger: logger)
        } catch {
            throw Failure(startingSandbox: error)
        }
        let isWatched = isatty(STDERR_FILENO) == 1
        var done = 0
        let score = await gym.run(scripts) { report in
            Console.line(JSON.text(report.json))
            done += 1
            if isWatched, !report.isSurvived || report.isAsExpected == false {
                Console.error(
                    "\(Console.plain(report.file)): \(report.outcome.rawValue), \(report.isSurvived ? "not as expected" : "NOT SURVIVED")")
            }
            if isWatched, done % 10 == 0 || done == scripts.count { Console.error("\(done) of \(scripts.count)") }
        }
        await gym.shutdown()
        return score
    }

    /// Cancels the work at Ctrl-C; what was under way ends and is not reported.
    static func untilInterrupted<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in signals { return nil }
                return nil
            }
            while let next = try await group.next() {
                group.cancelAll()
                if let next { return next }
            }
            throw CancellationError()
        }
    }

    /// The scripts that come with panelhost: beside an installed one, or in the checkout that it was built in.
    private static func corpus() throws(Failure) -> String {
        guard let executable = realpath("/proc/self/exe", nil) else { throw Failure("--selftest: /proc is not mounted") }
        defer { free(executable) }
        var folder = String(cString: executable).split(separator: "/").dropLast()
        let installed = "/" + folder.dropLast().joined(separator: "/") + "/share/panelhost/escapes"
        if access(installed, R_OK) == 0 { return installed }
        while !folder.isEmpty {
            let path = "/" + folder.joined(separator: "/") + "/Tests/SandboxTests/Escapes"
            if access(path, R_OK) == 0 { return path }
            folder = folder.dropLast()
        }
        throw Failure("--selftest: the scripts are not at \(installed), and this is no checkout; name their folder instead")
    }
}

/// What a script may use.
struct GymLimitOptions: ParsableArguments {
    @Option(name: .long, help: "Processor time of a script, and of loading it, in milliseconds.")
    var cpuMs = 100

    @Option(name: .long, help: "Time until a script ends whatever it does, in milliseconds.")
    var wallMs = 5000

    @Option(name: .long, help: "Memory of its Lua state in KiB.")
    var memoryKib = 4096

    @Option(name: .long, help: "Host calls of a script.")
    var hostCalls = 64

    @Option(name: .long, help: "Bytes that a script may log.")
    var logBytes = 16384

    var limits: GymLimits {
        GymLimits(cpuMilliseconds: cpuMs, wallMilliseconds: wallMs, memoryKiB: memoryKib, hostCalls: hostCalls, logBytes: logBytes)
    }

    func validate() throws {
        guard 5...60_000 ~= cpuMs else { throw ValidationError("--cpu-ms: from 5 to 60000") }
        guard 1...3_600_000 ~= wallMs else { throw ValidationError("--wall-ms: from 1 to 3600000") }
        guard 128...1 << 20 ~= memoryKib else { throw ValidationError("--memory-kib: from 128 to 1048576") }
        guard 0...1_000_000 ~= hostCalls else { throw ValidationError("--host-calls: from 0 to 1000000") }
        guard 0...1 << 30 ~= logBytes else { throw ValidationError("--log-bytes: from 0 to 1073741824") }
    }
}

extension SandboxError {
    /// The reason of an ``SandboxError/unavailable(_:)`` without its preamble.
    var reason: String {
        if case .unavailable(let reason) = self { return reason }
        return description
    }
}
