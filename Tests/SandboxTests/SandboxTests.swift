// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Testing
import Values

@Suite("Sandbox", .timeLimit(.minutes(10)))
struct SandboxTests {
    static let echo = "return { op = function(ctx, req) return { echo = req } end }"

    @Test("calls an operation and brings its value back")
    func calls() async throws {
        try await withSandbox { sandbox async throws in
            let request: Value = ["text": "häuser", "n": -3, "f": 0.5, "list": [1, [2]], "raw": .bytes([0xFF, 0])]

            #expect(try await sandbox.call(Self.echo, "op", request) == ["echo": request])
        }
    }

    @Test("reports the layers that a cell has, and the required ones are among them")
    func layers() async throws {
        try await withSandbox { sandbox async throws in
            #expect(sandbox.layers.isSuperset(of: .production))
        }
    }

    @Test("does not start without its executable, and says which one")
    func missingExecutable() async throws {
        await #expect(throws: SandboxError.unavailable("/nowhere/SandboxCell does not start: No such file or directory")) {
            try await withSandbox {
                $0.cellExecutable = "/nowhere/SandboxCell"
            } _: { _ in
            }
        }
    }

    @Test("does not start with an executable that is no zygote")
    func wrongExecutable() async throws {
        await #expect(throws: SandboxError.self) {
            try await withSandbox {
                $0.cellExecutable = "/bin/true"
            } _: { _ in
            }
        }
    }

    @Test("does not start when a required layer is missing, and names it")
    func missingLayer() async throws {
        let impossible = SandboxLayers(rawValue: 1 << 31)

        await #expect(throws: SandboxError.unavailable("a cell cannot be given these layers here: none")) {
            try await withSandbox {
                $0.requiredLayers = [.seccomp, impossible]
            } _: { _ in
            }
        }
    }

    @Test("no state is left over from one invocation to the next")
    func cleanState() async throws {
        let source = """
            local count = 0
            local seen = {}
            return { op = function(ctx, req)
              count = count + 1
              seen[#seen + 1] = req.who
              string.leaked = string.leaked or req.who
              return { count = count, seen = #seen, leaked = string.leaked }
            end,
            fail = function(ctx, req) count = 99 seen[1] = 'x' error('no') end }
            """
        try await withSandbox { sandbox async throws in
            let first = try? await sandbox.call(source, "op", ["who": "a"])
            _ = try? await sandbox.call(source, "fail")
            for _ in 0..<100 {
                let next = try? await sandbox.call(source, "op", ["who": "b"])
                #expect(next?["count"] == first?["count"])
                #expect(next?["seen"] == first?["seen"])
            }
        }
    }

    @Test("a program that does not compile is refused with its file and line")
    func loadFailure() async throws {
        try await withSandbox { sandbox async throws in
            let error = await sandbox.failure(of: "return {\n op = = 1 }")
            guard case .loadFailed(let kind, let file, let line, let message) = error else {
                Issue.record("\(String(reflecting: error))")
                return
            }
            #expect(kind == .error)
            #expect(file == "main.lua")
            #expect(line == 2)
            #expect(message.contains("unexpected symbol"))
        }
    }

    @Test("an operation that the program does not have is a typed error")
    func noOperation() async throws {
        try await withSandbox { sandbox async throws in
            await #expect(throws: SandboxError.noSuchOperation) { try await sandbox.call(Self.echo, "other") }
        }
    }

    @Test("a request beyond the limits never reaches the cell")
    func oversizedRequest() async throws {
        try await withSandbox { sandbox async throws in
            await #expect(throws: SandboxError.self) {
                try await sandbox.call(Self.echo, "op", .string(String(repeating: "x", count: 300_000)))
            }
            #expect(try await sandbox.call(Self.echo, "op", 1) == ["echo": 1])
        }
    }

    @Test("requests and results larger than the socket's buffer pass in any number")
    func largeValues() async throws {
        try await withSandbox { sandbox async throws in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for n in 0..<40 {
                    let text = Value.string(String(repeating: "\(n % 10)", count: 200_000))
                    group.addTask { try await sandbox.call(Self.echo, "op", text) == ["echo": text] }
                }
                for try await right in group { #expect(right) }
            }
        }
    }

    @Test("a budget that makes no sense is a typed error or works, never a trap")
    func absurdBudgets() async throws {
        try await withSandbox { sandbox async throws in
            for budget in [
                InvocationBudget(memory: .max), InvocationBudget(memory: -1), InvocationBudget(cpu: .seconds(-1)),
                InvocationBudget(wall: .seconds(-1)),
                InvocationBudget(cpu: .seconds(Int64.max), wall: .seconds(Int64.max)), InvocationBudget(hostCalls: -1, logBytes: -1),
                InvocationBudget(hostCalls: .max, logBytes: .max),
            ] {
                _ = try? await sandbox.call(Self.echo, budget: budget)
            }
            #expect(try await sandbox.call(Self.echo, "op", 1) == ["echo": 1])
        }
    }

    @Test("says what an invocation has used")
    func usage() async throws {
        let source =
            "return { op = function(ctx) local n = 0 for i = 1, 200000 do n = n + i end ctx.storage.get('k') return { n = n } end }"
        try await withSandbox { sandbox async throws in
            let outcome = await sandbox.invoke(
                CellKey(tenant: "t", partition: "t", program: "p"), program: Program(source), operation: "op", request: [:],
                context: CallContext(functions: ["storage.get"]), budget: InvocationBudget(), onLog: { _ in },
                onHostCall: { _ in .value("v") })
            let receipt = outcome.receipt

            #expect(receipt.cpu > .zero && receipt.wall >= receipt.cpu)
            #expect(receipt.memoryPeak > 1000)
            #expect(receipt.hostCalls == ["storage.get": 1])
            #expect(receipt.bytesIn > 0 && receipt.bytesOut > 0)
        }
    }

    @Test("idle cells make room, busy ones refuse")
    func maximumCells() async throws {
        try await withSandbox {
            ($0.maximumCells, $0.fairness.share) = (2, 1)
        } _: { sandbox async throws in
            for key in ["a", "b", "c", "d"] { #expect(try await sandbox.call(Self.echo, key: key) == ["echo": [:]]) }

            #expect(sandbox.statistics.cells == 2)
            #expect(sandbox.statistics.started == 4)
            #expect(sandbox.statistics.killed == 0)
        }
    }

    @Test("one tenant's busy cells leave room for another tenant's")
    func cellsPerTenant() async throws {
        let source = "return { op = function(ctx) ctx.storage.get('k') return { ok = true } end }"
        let context = CallContext(functions: ["storage.get"])
        try await withSandbox {
            $0.maximumCells = 4
        } _: { sandbox async throws in
            let isOver = Shared(false)
            await withTaskGroup(of: Void.self) { group in
                for key in ["a", "b"] {
                    group.addTask {
                        let budget = InvocationBudget(wall: .seconds(300))
                        _ = try? await sandbox.call(source, key: key, context: context, budget: budget) { _ in
                            while !isOver.withLock({ $0 }) { await Task.yield() }
                            return .value(nil)
                        }
                    }
                }
                while sandbox.statistics.running < 2 { await Task.yield() }
                #expect(await sandbox.failure(of: source, key: "c", context: context) == .overloaded)
                let other = await sandbox.invoke(
                    CellKey(tenant: "other", partition: "other", program: "a"), program: Program(source, hash: "a"), operation: "op",
                    request: [:], context: context, budget: InvocationBudget(), onLog: { _ in }, onHostCall: { _ in .value(nil) })
                #expect(other.result == .success(["ok": true]))
                isOver.withLock { $0 = true }
            }
            #expect(try await sandbox.call(source, key: "c", context: context) == ["ok": true])
            #expect(sandbox.statistics.killed == 0)
        }
    }

    @Test("a tenant is served while many cells of another one compute")
    func computingNeighbours() async throws {
        let hog = "return { op = function() while true do end end }"
        try await withSandbox { sandbox async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for n in 0..<12 {
                    group.addTask {
                        let budget = InvocationBudget(cpu: .seconds(100), wall: .seconds(100))
                        #expect(await sandbox.failure(of: hog, key: "hog\(n)", budget: budget) == .programKilled)
                    }
                }
                while sandbox.statistics.running < 12 { await Task.yield() }
                for n in 0..<20 {
                    let outcome = await sandbox.invoke(
                        CellKey(tenant: "other", partition: "other", program: "p"), program: Program(Self.echo, hash: "p"), operation: "op",
                        request: Value(n), context: CallContext(), budget: InvocationBudget(), onLog: { _ in },
                        onHostCall: { _ in .value(nil) })
                    #expect(outcome.result == .success(["echo": Value(n)]))
                }
                for n in 0..<12 { sandbox.kill(program: "hog\(n)") }
                try await group.waitForAll()
            }
        }
    }

    @Test("a receipt says what the host has measured, also of a call that was killed")
    func receiptOfKilled() async throws {
        let source = "return { op = function(ctx) ctx.storage.get('k') ctx.storage.get('k') ctx.http.request('x') end }"
        try await withSandbox { sandbox async throws in
            let outcome = await sandbox.invoke(
                CellKey(tenant: "t", partition: "p", program: "p"), program: Program(source), operation: "op", request: [:],
                context: CallContext(functions: ["storage.get", "http.request"]), budget: InvocationBudget(), onLog: { _ in },
                onHostCall: { call in
                    if call.name == "http.request" { sandbox.kill(program: "p") }
                    return .value("v")
                })

            #expect(outcome.result == .failure(.programKilled))
            #expect(outcome.receipt.hostCalls == ["storage.get": 2, "http.request": 1])
            #expect(outcome.receipt.bytesIn > 50 && outcome.receipt.bytesOut > 50 && outcome.receipt.wall > .zero)
        }
    }

    @Test("the address space suffices for every state, also with much memory")
    func manyStates() async throws {
        let source = "return { op = function(ctx) local s = ('x'):rep(500000) ctx.storage.get('k') return { n = #s } end }"
        let (together, gate) = (Shared((now: 0, most: 0)), Gate())
        try await withSandbox {
            $0.states = 200
        } _: { sandbox async throws in
            await withTaskGroup(of: Value?.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        try? await sandbox.call(
                            source, context: CallContext(functions: ["storage.get"]),
                            budget: InvocationBudget(wall: .seconds(300), memory: 64 << 20)
                        ) { _ in
                            together.withLock {
                                $0.now += 1
                                $0.most = max($0.most, $0.now)
                            }
                            if together.withLock({ $0.most == 200 }) { gate.open() }
                            await gate.passed()
                            return .value(nil)
                        }
                    }
                }
                for await value in group { #expect(value == ["n": 500_000]) }
            }
            #expect(sandbox.statistics.started == 1)
        }
    }

    @Test("after the end every call is refused, and ending twice is fine")
    func shutdown() async throws {
        try await withSandbox { sandbox async throws in
            _ = try await sandbox.call(Self.echo)

            await sandbox.shutdown()
            await sandbox.shutdown()

            await #expect(throws: SandboxError.unavailable("the sandbox has been shut down")) { try await sandbox.call(Self.echo) }
            await #expect(throws: SandboxError.unavailable("the sandbox has been shut down")) {
                try await sandbox.call(Self.echo, key: "new")
            }
        }
    }
}
