// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Sandbox
import Testing
import Values

/// What follows when cells die, programs do not load, or somebody switches a program off.
@Suite("Life cycle", .timeLimit(.minutes(10)))
struct LifecycleTests {
    private static let context = CallContext(functions: ["storage.get"])
    private static let asking = "return { op = function(ctx) ctx.storage.get('k') return { ok = true } end }"
    private static let key = CellKey(tenant: "test", partition: "test", program: "test")

    /// A sandbox whose back-off goes by a clock that stands still.
    private func withFrozenClock(_ body: (Sandbox, Shared<Moment>) async throws -> Void) async throws {
        let clock = Shared(Moment(nanoseconds: 0))
        try await withSandbox {
            $0.clock = { clock.withLock { $0 } }
        } _: { sandbox async throws in
            try await body(sandbox, clock)
        }
    }

    private func crash(_ sandbox: Sandbox) async {
        let error = await sandbox.failure(of: Self.asking, context: Self.context) { _ in
            for pid in sandbox.processes(of: "test") { kill(pid, SIGSEGV) }
            // Ends by cancellation alone.
            await untilCancelled()
            return .value(nil)
        }
        #expect(error == .cellCrashed(.signal(SIGSEGV)))
    }

    @Test("after a second crash no cell is started before the back-off is over, and a call that returns clears it")
    func backsOff() async throws {
        try await withFrozenClock { sandbox, clock async throws in
            await crash(sandbox)
            await crash(sandbox)
            #expect(await sandbox.failure(of: Self.asking) == .backingOff(.milliseconds(100)))
            #expect(sandbox.statistics.started == 2)

            clock.withLock { $0 = $0 + 100_000_000 }
            #expect(try await sandbox.call(Self.asking, context: Self.context) == ["ok": true])
            clock.withLock { $0 = $0 + 3_600_000_000_000 }
            await crash(sandbox)

            #expect(try await sandbox.call(Self.asking, context: Self.context) == ["ok": true])
        }
    }

    @Test("three crashes mean quarantine until somebody releases it, and the audit trail can tell the story")
    func quarantines() async throws {
        try await withFrozenClock { sandbox, clock async throws in
            for _ in 0..<3 {
                await crash(sandbox)
                clock.withLock { $0 = $0 + 1_000_000_000 }
            }
            #expect(await sandbox.failure(of: Self.asking) == .quarantined)
            #expect(sandbox.quarantine == [Self.key])
            #expect(try await sandbox.call(Self.asking, key: "neighbour", context: Self.context) == ["ok": true])

            #expect(sandbox.release(Self.key))
            #expect(!sandbox.release(Self.key))
            #expect(try await sandbox.call(Self.asking, context: Self.context) == ["ok": true])
            var story: [SandboxEvent] = []
            for await event in sandbox.events {
                story.append(event)
                if story.count == 5 { break }
            }

            let crash = SandboxEvent.crashed(Self.key, .signal(SIGSEGV))
            #expect(story == [crash, crash, crash, .quarantined(Self.key, crashes: 3), .released(Self.key)])
        }
    }

    @Test("a program that does not load costs one process, whoever calls it, until it is tried again")
    func loadFailure() async throws {
        try await withFrozenClock { sandbox, clock async throws in
            for _ in 0..<5 {
                guard case .loadFailed(.error, "main.lua", 1, _) = await sandbox.failure(of: "return {{") else {
                    Issue.record("another error")
                    return
                }
            }
            #expect(sandbox.statistics.started == 1)
            clock.withLock { $0 = $0 + 5_000_000_000 }
            _ = await sandbox.failure(of: "return {{")

            #expect(sandbox.statistics.started == 2)
        }
    }

    @Test("the kill switch ends 200 cells of 200 tenants within a second and starts none behind anybody's back")
    func killSwitch() async throws {
        let tenants = 200
        try await withSandbox {
            // The tests' machine may be slow to start so many; ending them is what counts.
            ($0.states, $0.startTime) = (2, .seconds(60))
        } _: { sandbox async throws in
            let hosting = Shared(0)
            let outcomes = await withTaskGroup(of: Result<Value, SandboxError>.self) { group in
                for n in 0..<tenants {
                    group.addTask {
                        await sandbox.invoke(
                            CellKey(tenant: "t\(n)", partition: "t\(n)", program: "p"), program: Program(Self.asking, hash: "p"),
                            operation: "op",
                            request: [:], context: Self.context, budget: InvocationBudget(wall: .seconds(60)), onLog: { _ in },
                            onHostCall: { _ in
                                hosting.withLock { $0 += 1 }
                                await untilCancelled()
                                return .value(nil)
                            }
                        ).result
                    }
                }
                while hosting.withLock({ $0 }) < tenants { await Task.yield() }
                let processes = sandbox.processes(of: "p")
                #expect(processes.count == tenants)
                let clock = ContinuousClock()
                let start = clock.now
                #expect(sandbox.kill(program: "p") == tenants)
                while processes.contains(where: { Glibc.kill($0, 0) == 0 }) { await Task.yield() }
                #expect(clock.now - start < .seconds(1))
                return await group.reduce(into: []) { $0.append($1) }
            }

            #expect(outcomes.allSatisfy { $0 == .failure(.programKilled) })
            #expect(sandbox.statistics.cells == 0)
            #expect(sandbox.killed == ["p"])
        }
    }

    @Test("an invocation that comes while a program is being killed never starts a cell")
    func killRace() async throws {
        try await withSandbox { sandbox async throws in
            for round in 0..<50 {
                let hash = "p\(round)"
                async let outcome = sandbox.failure(
                    of: "return { op = function() while true do end end }", key: hash,
                    budget: InvocationBudget(cpu: .seconds(100), wall: .seconds(100)))
                if round % 2 == 0 { while sandbox.processes(of: hash).isEmpty { await Task.yield() } }
                sandbox.kill(program: hash)
                #expect(await outcome == .programKilled)
                #expect(sandbox.processes(of: hash).isEmpty)
            }
            #expect(sandbox.statistics.cells == 0)
            #expect(sandbox.revive(program: "p0"))
            #expect(!sandbox.revive(program: "p0"))
            #expect(try await sandbox.call(Self.asking, key: "p0", context: Self.context) == ["ok": true])
        }
    }

    @Test("a kill, a shutdown and an idle end are no crashes")
    func ordersAreNoCrashes() async throws {
        try await withSandbox {
            $0.crashes.crashes = 1
        } _: { sandbox async throws in
            _ = try await sandbox.call(Self.asking, context: Self.context)
            sandbox.kill(program: "test")
            sandbox.revive(program: "test")
            _ = try await sandbox.call(Self.asking, context: Self.context)
            sandbox.retire(Self.key)

            #expect(try await sandbox.call(Self.asking, context: Self.context) == ["ok": true])
            #expect(sandbox.quarantine.isEmpty)
        }
    }
}
