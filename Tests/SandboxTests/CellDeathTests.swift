// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Sandbox
import Testing
import Values

/// What happens when processes end or do not answer.
///
/// The tests end them from outside, like the kernel would.
@Suite("Cell death", .timeLimit(.minutes(10)))
struct CellDeathTests {
    private static let context = CallContext(functions: ["storage.get"])
    private static let asking = "return { op = function(ctx) ctx.storage.get('k') return { ok = true } end }"
    private static let echo = "return { op = function(ctx, req) return { ok = true } end }"

    @Test("a crash fails the call in flight with its signal, the neighbour lives, the next call starts anew")
    func crash() async throws {
        try await withSandbox {
            $0.crashes = .forgiving
        } _: { sandbox async throws in
            _ = try await sandbox.call(Self.echo, key: "neighbour")

            let error = await sandbox.failure(of: Self.asking, context: Self.context) { _ in
                for pid in sandbox.processes(of: "test") { kill(pid, SIGSEGV) }
                while sandbox.statistics.crashed == 0 { await Task.yield() }
                return .value(nil)
            }

            #expect(error == .cellCrashed(.signal(SIGSEGV)))
            #expect(try await sandbox.call(Self.asking, context: Self.context) == ["ok": true])
            #expect(try await sandbox.call(Self.echo, key: "neighbour") == ["ok": true])
            #expect(sandbox.statistics.started == 3)
        }
    }

    @Test("a host call that is under way when the cell dies is given up, the caller does not wait for the provider")
    func diesDuringHostCall() async throws {
        try await withSandbox { sandbox async throws in
            let error = await sandbox.failure(of: Self.asking, context: Self.context) { _ in
                for pid in sandbox.processes(of: "test") { kill(pid, SIGKILL) }
                // A provider that never answers: this ends by cancellation alone.
                let (never, silent) = AsyncStream.makeStream(of: Void.self)
                for await _ in never {}
                silent.finish()
                return .value(nil)
            }

            #expect(error == .cellCrashed(.signal(SIGKILL)))
        }
    }

    @Test("kill -9 while the plugin computes fails that call only")
    func killedWhileRunning() async throws {
        let source = "return { op = function(ctx) ctx.storage.get('k') while true do end end }"
        try await withSandbox { sandbox async throws in
            async let failure = sandbox.failure(
                of: source, context: Self.context, budget: InvocationBudget(cpu: .seconds(20), wall: .seconds(30)))
            while sandbox.processes(of: "test").isEmpty { await Task.yield() }
            while sandbox.statistics.running == 0 { await Task.yield() }
            for pid in sandbox.processes(of: "test") { kill(pid, SIGKILL) }

            #expect(await failure == .cellCrashed(.signal(SIGKILL)))
        }
    }

    @Test("a stopped cell is killed after the deadline, and the caller is told at the deadline")
    func stopped() async throws {
        try await withSandbox {
            $0.crashes = .forgiving
        } _: { sandbox async throws in
            _ = try await sandbox.call(Self.asking, context: Self.context)
            let error = await sandbox.failure(of: Self.asking, context: Self.context, budget: InvocationBudget(wall: .seconds(2))) { _ in
                for pid in sandbox.processes(of: "test") { kill(pid, SIGSTOP) }
                return .value(nil)
            }
            #expect(error == .wallExceeded)
            while sandbox.statistics.killed == 0 { await Task.yield() }

            #expect(try await sandbox.call(Self.asking, context: Self.context) == ["ok": true])
        }
    }

    @Test("the kill switch ends every cell of a program and its calls, and no other")
    func killSwitch() async throws {
        try await withSandbox { sandbox async throws in
            _ = try await sandbox.call(Self.echo, key: "neighbour")
            let error = await sandbox.failure(of: Self.asking, context: Self.context) { _ in
                sandbox.kill(program: "test")
                return .value(nil)
            }

            #expect(error == .programKilled)
            #expect(sandbox.statistics.killed == 1)
            #expect(sandbox.statistics.cells == 1)
            #expect(await sandbox.failure(of: Self.asking, context: Self.context) == .programKilled)
            sandbox.revive(program: "test")
            #expect(try await sandbox.call(Self.asking, context: Self.context) == ["ok": true])
        }
    }

    @Test("the death of the zygote fails the calls in flight, and the next call starts another")
    func zygote() async throws {
        try await withSandbox { sandbox async throws in
            let error = await sandbox.failure(of: Self.asking, context: Self.context) { _ in
                let zygotes = Set(sandbox.processes(of: "test").compactMap(parent(of:)))
                for pid in zygotes { kill(pid, SIGKILL) }
                while sandbox.statistics.cells > 0 { await Task.yield() }
                return .value(nil)
            }
            guard case .cellCrashed = error else {
                Issue.record("\(String(reflecting: error))")
                return
            }

            #expect(try await sandbox.call(Self.asking, context: Self.context) == ["ok": true])
            #expect(sandbox.statistics.zygotes == 2)
        }
    }

    @Test("a zygote that does not answer is replaced")
    func deafZygote() async throws {
        try await withSandbox {
            $0.startTime = .seconds(3)
        } _: { sandbox async throws in
            _ = try await sandbox.call(Self.echo, key: "first")
            for pid in Set(sandbox.processes(of: "first").compactMap(parent(of:))) { kill(pid, SIGSTOP) }

            #expect(await sandbox.failure(of: Self.echo) == .unavailable("the cell did not load its program in time"))
            while sandbox.statistics.cells > 0 { await Task.yield() }

            #expect(try await sandbox.call(Self.echo) == ["ok": true])
            #expect(sandbox.statistics.zygotes == 2)
        }
    }

    @Test("cancelling the task ends the call at once and the cell goes on")
    func cancel() async throws {
        try await withSandbox { sandbox async throws in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: SandboxError.cancelled) {
                        try await sandbox.call(Self.asking, context: Self.context) { _ in
                            while !Task.isCancelled { await Task.yield() }
                            return .value(nil)
                        }
                    }
                }
                while sandbox.statistics.running == 0 { await Task.yield() }
                group.cancelAll()
            }

            #expect(try await sandbox.call(Self.asking, context: Self.context) == ["ok": true])
            #expect(sandbox.statistics.started == 1)
        }
    }

    @Test("the wall clock ends a plugin that waits for a host that is slow")
    func wallClock() async throws {
        try await withSandbox { sandbox async throws in
            await #expect(throws: SandboxError.wallExceeded) {
                try await sandbox.call(Self.asking, context: Self.context, budget: InvocationBudget(wall: .milliseconds(50))) { call in
                    try? await Task.sleep(for: call.remaining + .milliseconds(20))
                    return .value(nil)
                }
            }
            #expect(try await sandbox.call(Self.asking, context: Self.context) == ["ok": true])
            #expect(sandbox.statistics.killed == 0)
        }
    }

    @Test("an idle cell is ended and nobody counts it as killed")
    func idle() async throws {
        try await withSandbox {
            $0.idleTime = .milliseconds(20)
        } _: { sandbox async throws in
            _ = try await sandbox.call(Self.echo)
            while sandbox.statistics.cells > 0 { await Task.yield() }

            #expect(sandbox.statistics.killed == 0)
            #expect(try await sandbox.call(Self.echo) == ["ok": true])
        }
    }

    @Test("no process is left behind")
    func leavesNothing() async throws {
        var processes: [Int32] = []
        try await withSandbox { sandbox async throws in
            _ = try await sandbox.call(Self.echo)
            processes = sandbox.processes(of: "test")
            processes += processes.compactMap(parent(of:))
            #expect(processes.count == 2)
        }

        while processes.contains(where: { kill($0, 0) == 0 && state(of: $0) != "Z" }) { await Task.yield() }
    }
}

private func stat(of pid: Int32) -> [Substring] {
    guard let file = fopen("/proc/\(pid)/stat", "r") else { return [] }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = fread(&buffer, 1, buffer.count, file)
    return String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ")
}

/// The name of a cell's process has no space in it.
private func parent(of pid: Int32) -> Int32? {
    let fields = stat(of: pid)
    return fields.count > 3 ? Int32(fields[3]) : nil
}

private func state(of pid: Int32) -> String? {
    let fields = stat(of: pid)
    return fields.count > 2 ? String(fields[2]) : nil
}
