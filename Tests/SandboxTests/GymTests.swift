// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Logging
import Sandbox
import Testing
import Values

@Suite("Gym", .timeLimit(.minutes(10)))
struct GymTests {
    private static let escapes = "\(#filePath)".split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/Escapes"

    @Test("every script of our own corpus ends as its header says, and nobody else notices", .enabled(if: access(escapes, R_OK) == 0))
    func corpus() async throws {
        let (reports, score) = try await Self.run(Self.escapes, jobs: 2)

        for report in reports where !report.isSurvived || report.isAsExpected == false {
            Issue.record("\(report.file): expected \(report.expectation.description); came \(JSON.text(report.json))")
        }
        #expect(reports.allSatisfy { $0.isAsExpected != nil }, "a script without a header")
        #expect(score.tried == reports.count)
        #expect(score.isPerfect)
    }

    @Test("whatever is in a folder is run or refused with a reason, in order")
    func oddFiles() async throws {
        try await withFolder { folder async throws in
            try Self.write(Array(repeating: 0x20, count: 1 << 20), to: "\(folder)/a-megabyte.lua")
            try Self.write(Array(repeating: 0x20, count: (1 << 20) + 1), to: "\(folder)/b-larger.lua")
            try Self.write([], to: "\(folder)/c-empty.lua")
            try Self.write(Array("Dear Sir or Madam".utf8), to: "\(folder)/d-letter.lua")
            try Self.write((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 167) }, to: "\(folder)/e-binary.lua")
            try Self.write(Array("\u{1B}Lua".utf8), to: "\(folder)/f-bytecode.lua")
            mkfifo("\(folder)/g-fifo.lua", 0o600)
            symlink("c-empty.lua", "\(folder)/h-link.lua")
            mkdir("\(folder)/i-folder.lua", 0o700)
            try Self.write(Array("return 1".utf8), to: "\(folder)/i-folder.lua/inner.lua")
            try Self.write(Array("return 1".utf8), to: "\(folder)/not-a-script.txt")
            try Self.write(Array("return 1".utf8), to: Array("\(folder)/j-".utf8) + [0xFF] + Array(".lua".utf8))

            let (reports, score) = try await Self.run(folder)

            #expect(
                reports.map { "\($0.file) \($0.outcome.rawValue): \($0.message)" } == [
                    "a-megabyte.lua refused: the program is larger than 1048576 bytes",
                    "b-larger.lua refused: the file is larger than 1048576 bytes",
                    "c-empty.lua completed: ",
                    "d-letter.lua refused: d-letter.lua:1: syntax error near 'Sir'",
                    "e-binary.lua refused: e-binary.lua:1: unexpected symbol",
                    "f-bytecode.lua refused: f-bytecode.lua:1: the file is bytecode; plugins are text",
                    "g-fifo.lua refused: a FIFO, not a file",
                    "h-link.lua refused: a symbolic link; name the file itself",
                    "i-folder.lua/inner.lua completed: ",
                    "j-\\xff.lua refused: the file's name is not UTF-8",
                ])
            #expect(score.isPerfect)
        }
    }

    @Test("a file that cannot be read is refused, and what it is not is never opened")
    func unreadable() {
        // A regular file that not even root can read at its beginning.
        #expect(GymFolder.read(Array("/proc/self/mem".utf8)) == .refused("the file cannot be read: Input/output error"))
        #expect(GymFolder.read(Array("/nowhere.lua".utf8)) == .refused("the file cannot be read: No such file or directory"))
        #expect(GymFolder.read(Array("/dev/tty".utf8)) == .refused("a device, not a file"))
        #expect(GymFolder.read(Array("/tmp".utf8)) == .refused("a folder, not a file"))
    }

    @Test("a script gets the context and the request, as a chunk and as a plugin's file")
    func shapes() async throws {
        try await withFolder { folder async throws in
            let scripts = [
                ("chunk", "local ctx, req = ... return { ctx.tenant_id, req.n }"),
                ("function", "return function(ctx, req) return { ctx.tenant_id, req.n } end"),
                ("only", "return { pay = function(ctx, req) return { ctx.tenant_id, req.n } end, name = 'x' }"),
                ("run", "return { a = function() end, run = function(ctx, req) return { ctx.tenant_id, req.n } end, z = print }"),
                ("table", "local ctx, req = ... return { [1] = ctx.tenant_id, [2] = req.n }"),
            ]
            for (name, source) in scripts { try Self.write(Array(source.utf8), to: "\(folder)/\(name).lua") }

            let (reports, _) = try await Self.run(folder)

            #expect(reports.count == scripts.count)
            for report in reports { #expect(report.result == ["gym", 7], "\(report.file): \(report.message)") }
        }
    }

    @Test("an attack on what the host grants is answered, and its secret is a handle")
    func granted() async throws {
        try await withFolder { folder async throws in
            let source = """
                local ctx = ...
                ctx.storage.set("k", { 1 })
                local response = ctx.http.get("https://example.com/", { headers = { Authorization = ctx.secret.api_key } })
                return { ctx.storage.get("k"), response.status, #ctx.random.bytes(8), tostring(ctx.secret.api_key) }
                """
            try Self.write(Array(source.utf8), to: "\(folder)/a.lua")

            let (reports, _) = try await Self.run(folder)

            #expect(reports.first?.result == [[1], 200, 8, "[secret]"], "\(reports.first?.message ?? "")")
        }
    }

    @Test("limits are those given, and what is late is said")
    func limits() async throws {
        try await withFolder { folder async throws in
            try Self.write(Array("while true do end".utf8), to: "\(folder)/loop.lua")
            try Self.write(Array("local t = {} for i = 1, 50000 do t[i] = i end return #t".utf8), to: "\(folder)/memory.lua")
            try Self.write(Array("local ctx = ... for i = 1, 9 do ctx.storage.get('k') end return 9".utf8), to: "\(folder)/calls.lua")

            let (small, _) = try await Self.run(folder, GymLimits(cpuMilliseconds: 20, memoryKiB: 256, hostCalls: 8))
            let (large, _) = try await Self.run(folder, GymLimits(cpuMilliseconds: 60, memoryKiB: 4096, hostCalls: 9))

            #expect(small.map(\.outcome) == [.killedSoft, .killedSoft, .killedSoft])
            #expect(small.map(\.error) == ["host_calls", "cpu", "memory"])
            #expect(small[1].message == "loop.lua:1: the operation used more than its 20 ms of CPU time")
            #expect(small[1].overrun > .zero && small[1].overrun == small[1].wall - .milliseconds(20))
            #expect(small[0].overrun == .zero && small[2].overrun == .zero)
            #expect(large.map(\.outcome) == [.completed, .killedSoft, .completed])
            #expect(large[1].cpu >= .milliseconds(60))
        }
    }

    @Test("a header is honoured, and one that makes no sense is a failure")
    func headers() async throws {
        try await withFolder { folder async throws in
            for (name, source) in [
                ("a", "-- Expect: error | completed\n-- Message: no such luck\nerror('no such luck')"),
                ("b", "-- Expect: error\n-- Message: no such luck\nerror('luck')"),
                ("c", "-- Expect: killed_soft\nreturn 1"),
                ("d", "-- Expect: completed\n-- Result: {\"n\": 1}\n-- Runs: 3\nn = (n or 0) + 1 return { n = n }"),
                ("e", "-- Expect: completed\n-- Result: 2\nreturn 1"),
                ("f", "-- Expect: perfection\nreturn 1"),
                ("g", "-- Note: nothing is expected\nreturn 1"),
                ("h", "return 1 -- Expect: crashed"),
            ] { try Self.write(Array(source.utf8), to: "\(folder)/\(name).lua") }

            let (reports, score) = try await Self.run(folder)

            #expect(reports.map(\.isAsExpected) == [true, false, false, true, false, false, nil, nil])
            #expect(reports[3].runs == 3)
            #expect(score.survived == 8 && score.unexpected == 4 && !score.isPerfect)
        }
    }

    @Test("a cancelled run ends without judging what it cut off")
    func cancelled() async throws {
        try await withFolder { folder async throws in
            for n in 0..<8 { try Self.write(Array("while true do end".utf8), to: "\(folder)/\(n).lua") }
            let gym = try await Self.gym(GymLimits(cpuMilliseconds: 60_000, wallMilliseconds: 60_000), jobs: 2)
            let scripts = try GymFolder(at: folder)

            let run = Task { await gym.run(scripts) { _ in Issue.record("nothing ends by itself") } }
            run.cancel()
            let score = await run.value
            await gym.shutdown()

            #expect(score.isInterrupted && score.tried == 0 && !score.isPerfect)
        }
    }

    @Test("a soak accounts for every call and every kill, and each call ends as it must")
    func soak() async throws {
        let cell = try #require(SandboxConfiguration.locateCell(), "SandboxCell is not beside the tests: build the whole package first")
        let seed = UInt64.random(in: .min ... .max)

        let report = try await Soak(calls: 2000, kills: 40, seed: seed).run(cell: cell, logger: Self.quiet) { _ in }

        // Whether memory is flat cannot be said of so few calls.
        #expect(report.problems.filter { !$0.contains("memory") } == [], "seed \(seed)")
        #expect(report.right + report.cutOff == 2000, "seed \(seed)")
        #expect(report.json["soak"]?["kills"] == 40)
    }

    // MARK: - Parts

    private static let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    private static func gym(_ limits: GymLimits, jobs: Int) async throws -> Gym {
        let cell = try #require(SandboxConfiguration.locateCell(), "SandboxCell is not beside the tests: build the whole package first")
        return try await Gym.start(cell: cell, limits: limits, jobs: jobs, logger: quiet)
    }

    private static func run(_ folder: String, _ limits: GymLimits = GymLimits(), jobs: Int = 1) async throws -> ([GymReport], GymScore) {
        let gym = try await gym(limits, jobs: jobs)
        var reports: [GymReport] = []
        let score = await gym.run(try GymFolder(at: folder)) { reports.append($0) }
        await gym.shutdown()
        return (reports, score)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws { try Self.write(bytes, to: Array(path.utf8)) }

    private static func write(_ bytes: [UInt8], to path: [UInt8]) throws {
        let file = open(path.map { CChar(bitPattern: $0) } + [0], O_WRONLY | O_CREAT | O_EXCL, 0o600)
        defer { close(file) }
        try #require(file >= 0 && Glibc.write(file, bytes, bytes.count) == bytes.count)
    }
}
