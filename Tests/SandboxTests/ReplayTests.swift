// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Logging
import Sandbox
import Testing
import Values

@Suite("Replay", .timeLimit(.minutes(5)))
struct ReplayTests {
    static let source = """
        local lib = require "lib"
        return { pay = function(ctx, req)
          ctx.log.info("begins", { amount = req.amount })
          local parts = {}
          for name, value in pairs(req.items) do parts[#parts + 1] = name .. "=" .. value .. "@" .. math.random(1000) end
          local response = ctx.http.post("https://api.example.com/", {
            headers = { Authorization = ctx.http.bearer(ctx.secret.api_key) }, json = { parts = parts, at = ctx.clock.now_ms() } })
          local stored = ctx.storage.get("k")
          return { status = response.status, raw = lib.raw(), stored = stored, parts = parts }
        end }
        """
    static let library = "-- \u{e4}\n\n\r\nreturn { raw = function() return '\\xFF\\0' end }"
    static let request: Value = [
        "amount": 12, "items": ["a": 1, "b": 2, "c": 3, "d": 4, "e": 5], "nan": .double(.nan), "$bytes": "no bytes",
    ]
    static let context = CallContext(
        fields: ["call_id": "c1", "now_ms": 1_700_000_000_000, "config": ["$x": 1.0, "inf": .double(-.infinity)]],
        declaredSecrets: ["api_key"], setSecrets: ["api_key"], functions: ["http.request", "storage.get"], denied: ["crypto": "no crypto"])

    @Test("a recorded call is identical when it is run again, in another process, as often as one likes")
    func identical() async throws {
        let recording = try await Self.record()

        for _ in 0..<3 {
            let verdict = try await Self.replay(recording)
            #expect(verdict.difference == nil)
            #expect(verdict.matched == 3 && !verdict.isCutShort)
            #expect(verdict.outcome.receipt.instructions == recording.receipt.instructions && recording.receipt.instructions > 50)
        }
    }

    @Test("a recording says everything, is the same when it is read again, and holds no secret")
    func written() async throws {
        let recording = try await Self.record()
        let again = try Recording(parsing: recording.serialized)

        #expect(again.serialized == recording.serialized)
        #expect(again.steps == recording.steps && again.end == recording.end)
        #expect(again.program.files.map(\.name) == ["main.lua", "lib.lua"])
        #expect(again.program.files.map(\.source) == [Array(Self.source.utf8), Array(Self.library.utf8)])
        #expect(again.context.fields == Self.context.fields && again.context.denied == Self.context.denied)
        #expect(again.request["$bytes"] == "no bytes" && again.request["nan"]?.doubleValue?.isNaN == true)
        #expect(again.end == recording.end)
        let text = String(decoding: recording.serialized, as: UTF8.self)
        #expect(text.contains(#""$secret""#) && text.contains(#""$bytes""#))
    }

    @Test("a recording is a file of its owner's alone, and none is ever overwritten")
    func files() async throws {
        try await withFolder { folder async throws in
            for _ in 0..<3 { _ = try await Self.record(in: "\(folder)/recordings") }

            let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/recordings")
            #expect(names.count == 3)
            for name in names {
                let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/recordings/\(name)")[.posixPermissions] as? Int
                #expect(mode == 0o600)
            }
        }
    }

    @Test(
        "of a changed program the first difference is named",
        arguments: [
            ("begins", "starts", "log line (step 1), message", "\"begins\"", "\"starts\""),
            ("amount = req.amount", "amount = req.amount + 1", "log line (step 1), fields amount", "12", "13"),
            ("api.example.com", "api.example.org", "host call 1 (http.request), argument [0].url", "example.com", "example.org"),
            (
                "http.bearer(ctx.secret.api_key)", "secret.api_key",
                "host call 1 (http.request), argument [0].headers.Authorization.$secret.form",
                "bearer", "raw"
            ),
            ("local stored = ctx.storage.get(\"k\")", "local stored", "step 3 of 3", "storage.get(\"k\")", "the end: returned"),
            ("ctx.storage.get(\"k\")", "ctx.storage.get(\"k\") ctx.storage.get(\"l\")", "after step 3", "the end", "storage.get(\"l\")"),
            ("response.status", "response.status + 1", "the result status", "201", "202"),
            ("return { status", "error('no') return { status", "the end", "returned", "script_error: main.lua:9: no"),
        ])
    func changed(_ old: String, _ new: String, place: String, recorded: String, now: String) async throws {
        let recording = try await Self.record()
        var program = recording.program
        #expect(Self.source.contains(old))
        program.files[0].source = Array(Self.source.replacing(old, with: new).utf8)
        program.hash = "changed"

        let difference = try #require(try await Self.replay(recording, program).difference)

        #expect(difference.place == place)
        #expect(difference.recorded.contains(recorded), "\(difference)")
        #expect(difference.now.contains(now), "\(difference)")
    }

    @Test("a recording that says another number of instructions is found out")
    func instructions() async throws {
        var recording = try await Self.record()
        recording.receipt.instructions += 1

        let verdict = try await Self.replay(recording)

        #expect(verdict.difference?.place == "instructions")
    }

    @Test("an endless loop ends at the same instruction each time")
    func limit() async throws {
        let recording = try await Self.record("local n = 0 return { pay = function(ctx, req) while true do n = n + 1 end end }")
        let verdict = try await Self.replay(recording)

        #expect(verdict.difference == nil)
        guard case .error("cpu", let message) = recording.end else {
            Issue.record("\(recording.end)")
            return
        }
        #expect(message.contains("main.lua:1:"))
    }

    @Test("a run that a clock ended is compared as far as it goes")
    func cutShort() async throws {
        let recording = try await Self.record(budget: InvocationBudget(wall: .milliseconds(50))) { _ in
            try? await Task.sleep(for: .seconds(30))
            return .value(.null)
        }
        #expect(recording.end == .error(kind: "wall", message: "the plugin took longer than it may"))

        let verdict = try await Self.replay(recording)

        #expect(verdict.difference == nil && verdict.isCutShort)
    }

    @Test(
        "what is no recording is a typed error that says what is wrong",
        arguments: [
            ("", "this is no recording: line 1, column 1: "),
            ("\u{0}\u{1}", "this is no recording: line 1, column 1: "),
            ("[]", "this is no recording of version 1"),
            (#"{"panelhost_recording": 2}"#, "this is no recording of version 1"),
            (#"{"panelhost_recording": 1}"#, "program is missing"),
            (#"{"panelhost_recording": 1, "program": {"files": [7]}}"#, "program.files[0] must be an object"),
            (
                #"{"panelhost_recording": 1, "program": {"files": [{"name": "a", "source": 7}]}}"#,
                "program.files[0].source must be lines or $bytes"
            ),
            (
                #"{"panelhost_recording": 1, "program": {"files": [{"name": "a", "source": {"$bytes": "?"}}]}}"#,
                "program.files[0].source.$bytes is not base64"
            ),
            (
                #"{"panelhost_recording": 1, "program": {"files": [{"name": "a", "source": {"$else": "?"}}]}}"#,
                "program.files[0].source.$else is none of $bytes, $double, $map and $secret as they are written"
            ),
            (#"{"panelhost_recording": 1, "panelhost_recording": 1}"#, "this is no recording: line 1, column 28: "),
        ])
    func garbage(_ text: String, _ message: String) {
        #expect { try Recording(parsing: Array(text.utf8)) } throws: { error in
            (error as? RecordingError)?.description.hasPrefix(message) ?? false
                || {
                    Issue.record("\(error)"); return false
                }()
        }
    }

    @Test("a recording with any member missing or of another type is a typed error or still a recording, never a trap")
    func tampered() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed)
        let original = try JSON.parse(try await Self.record().serialized)
        let values: [Value] = [.null, true, -1, .int(.max), 0.5, "x", [], [:], ["$secret": [:]], ["$map": 1], .array([.array([])])]

        for round in 0..<2000 {
            let changed = Self.change(original, &random, values)
            do throws(RecordingError) {
                _ = try Recording(parsing: JSON.serialize(changed))
            } catch {
                #expect(!error.description.isEmpty, "seed \(seed), round \(round)")
            }
        }
    }

    @Test("a recording with numbers beyond reason is run or refused like any other call")
    func absurd() async throws {
        var recording = try await Self.record()
        recording.budget = InvocationBudget(
            cpu: .microseconds(Int.max), wall: .microseconds(Int.max), memory: .max, hostCalls: .max, logBytes: .max, instructions: .max)
        _ = try await Self.replay(recording)
        recording.budget = InvocationBudget(cpu: .zero, wall: .zero, memory: 0, hostCalls: 0, logBytes: 0, instructions: 1)
        _ = try await Self.replay(recording)
        recording.program.files = []
        recording.program.entry = String(repeating: "x", count: 100_000)
        _ = try await Self.replay(recording)
    }

    // MARK: - Parts

    /// Changes one member somewhere in a value.
    private static func change(_ value: Value, _ random: inout SeededRandom, _ values: [Value]) -> Value {
        switch value {
        case .map(var members):
            guard let name = members.keys.sorted().randomElement(using: &random), Int.random(in: 0..<4, using: &random) > 0 else { break }
            members[name] =
                Bool.random(using: &random) ? change(members[name] ?? .null, &random, values) : values.randomElement(using: &random)
            return .map(members)
        case .array(var elements):
            guard let index = elements.indices.randomElement(using: &random) else { break }
            elements[index] = change(elements[index], &random, values)
            return .array(elements)
        default: break
        }
        return values.randomElement(using: &random) ?? .null
    }

    private static func record(
        _ main: String = source, in folder: String? = nil, budget: InvocationBudget = InvocationBudget(),
        host: @escaping @Sendable (HostCall) async -> HostReply = { call in
            call.name == "http.request"
                ? .value([["status": 201, "headers": [:], "body": .bytes([0xFE])], nil])
                : .value(["$bytes": "stored", "f": 2.0, "list": []])
        }
    ) async throws -> Recording {
        let recording = Shared<Recording?>(nil)
        try await withFolder { scratch async throws in
            let folder = folder ?? scratch
            let before = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            try await withSandbox {
                $0.recordings = folder
            } _: { sandbox async throws in
                let program = Program(
                    hash: "recorded", entry: "main.lua", files: [("main.lua", Array(main.utf8)), ("lib.lua", Array(library.utf8))])
                _ = await sandbox.invoke(
                    CellKey(tenant: "t", partition: "p", program: "recorded"), program: program, operation: "pay", request: request,
                    context: context, budget: budget, onLog: { _ in }, onHostCall: host)
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !before.contains($0) }
            try #require(names.count == 1)
            let read = try Recording(parsing: try PlainFile.read(Array("\(folder)/\(names[0])".utf8), maximum: Recording.maximumBytes))
            recording.withLock { $0 = read }
        }
        return try #require(recording.withLock { $0 })
    }

    private static func replay(_ recording: Recording, _ program: Program? = nil) async throws -> Replay.Verdict {
        let verdict = Shared<Replay.Verdict?>(nil)
        try await withSandbox {
            $0.hashSeed = Recording.hashSeed
        } _: { sandbox async throws in
            let result = await Replay(recording).run(in: sandbox, program: program)
            verdict.withLock { $0 = result }
        }
        return try #require(verdict.withLock { $0 })
    }
}
