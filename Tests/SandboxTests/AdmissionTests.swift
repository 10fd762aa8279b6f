// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Testing
import Values

/// What becomes of calls when the sandbox is full.
@Suite("Admission", .timeLimit(.minutes(10)))
struct AdmissionTests {
    private static let context = CallContext(functions: ["storage.get"])
    private static let asking = "return { op = function(ctx) ctx.storage.get('k') return { ok = true } end }"

    /// A sandbox with one place, which a call holds until `body` has ended.
    private func withFullSandbox(waiting: Int = 8, _ body: (Sandbox) async throws -> Void) async throws {
        try await withSandbox {
            $0.fairness = Fairness(places: 1, waiting: waiting)
        } _: { sandbox async throws in
            let (isHosting, isOver) = (Shared(false), Shared(false))
            async let holder = sandbox.call(
                Self.asking, key: "holder", context: Self.context, budget: InvocationBudget(wall: .seconds(30))
            ) { _ in
                isHosting.withLock { $0 = true }
                while !isOver.withLock({ $0 }) { await Task.yield() }
                return .value(nil)
            }
            while !isHosting.withLock({ $0 }) { await Task.yield() }
            do {
                try await body(sandbox)
            } catch {
                isOver.withLock { $0 = true }
                throw error
            }
            isOver.withLock { $0 = true }
            #expect(try await holder == ["ok": true])
            // Every place has been given back.
            #expect(try await sandbox.call(Self.asking, context: Self.context) == ["ok": true])
            #expect(sandbox.statistics.queued == 0)
        }
    }

    @Test("a call that waits for a place ends at its deadline")
    func deadline() async throws {
        try await withFullSandbox { sandbox async throws in
            let error = await sandbox.failure(of: Self.asking, budget: InvocationBudget(wall: .milliseconds(50)))
            #expect(error == .wallExceeded)
        }
    }

    @Test("more than may wait are refused at once")
    func refused() async throws {
        try await withFullSandbox(waiting: 0) { sandbox async throws in
            #expect(await sandbox.failure(of: Self.asking) == .overloaded)
        }
    }

    @Test("a call that waits for a place can be cancelled, before and while it waits")
    func cancelled() async throws {
        try await withFullSandbox { sandbox async throws in
            for waits in [true, false] {
                await withTaskGroup(of: SandboxError?.self) { group in
                    group.addTask { await sandbox.failure(of: Self.asking, budget: InvocationBudget(wall: .seconds(30))) }
                    while waits, sandbox.statistics.queued == 0 { await Task.yield() }
                    group.cancelAll()
                    for await error in group { #expect(error == .cancelled) }
                }
            }
        }
    }

    @Test("a call that waits for a place ends when its program is killed, others go on waiting")
    func killed() async throws {
        try await withFullSandbox { sandbox async throws in
            async let killed = sandbox.failure(of: Self.asking, key: "bad", budget: InvocationBudget(wall: .seconds(30)))
            async let waiting = sandbox.failure(of: Self.asking, key: "good", budget: InvocationBudget(wall: .seconds(1)))
            while sandbox.statistics.queued < 2 { await Task.yield() }
            sandbox.kill(program: "bad")

            #expect(await killed == .programKilled)
            #expect(await waiting == .wallExceeded)
        }
    }
}
