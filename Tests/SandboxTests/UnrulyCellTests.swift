// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Sandbox
import Testing
import Values

/// A cell that was taken over, hears no signal and enforces nothing: the host alone ends it.
@Suite("Unruly cell", .timeLimit(.minutes(10)))
struct UnrulyCellTests {
    private static let key = CellKey(tenant: "test", partition: "test", program: "test")

    private func withUnrulyCell(_ body: (Sandbox) async throws -> Void) async throws {
        try await withSandbox {
            // A back-off that outlasts every test.
            $0.crashes = CrashPolicy(backOff: .seconds(3600), longestBackOff: .seconds(3600))
            $0.cellExecutable = $0.cellExecutable.replacing("SandboxCell", with: "UnrulyCell")
        } _: { sandbox async throws in
            try await body(sandbox)
        }
    }

    private func invoke(_ operation: String, _ sandbox: Sandbox) async -> InvocationOutcome {
        await sandbox.invoke(
            Self.key, program: Program(""), operation: operation, request: [:], context: CallContext(),
            budget: InvocationBudget(cpu: .milliseconds(100), wall: .seconds(60)), onLog: { _ in }, onHostCall: { _ in .value(nil) })
    }

    @Test("one that computes without end is killed soon after its limit, also when it chatters", arguments: ["spin", "chatter"])
    func computes(operation: String) async throws {
        try await withUnrulyCell { sandbox async throws in
            let outcome = await invoke(operation, sandbox)

            guard case .failure(.cpuExceeded(.process, _)) = outcome.result else {
                Issue.record("\(outcome)")
                return
            }
            // By the clock of its processor, so that a busy machine changes little: 100 ms, and as much for the cell to stop itself.
            #expect(outcome.receipt.cpu >= .milliseconds(200) && outcome.receipt.cpu < .milliseconds(600), "\(outcome.receipt.cpu)")
            #expect(sandbox.statistics.killed == 1)
            _ = await invoke(operation, sandbox)
            guard case .failure(.backingOff) = await invoke("fine", sandbox).result else {
                Issue.record("it counts as a crash")
                return
            }
        }
    }

    @Test("the sandbox does not start when a cell has no filter of system calls, unless it is told that it may")
    func refusesWithoutSeccomp() async throws {
        let unruly = try #require(SandboxConfiguration.locateCell()).replacing("SandboxCell", with: "UnrulyCell")
        let weak = "/tmp/WeakCell-\(getpid())"
        #expect(symlink(unruly, weak) == 0)
        defer { unlink(weak) }

        await #expect(throws: SandboxError.unavailable("a cell cannot be given these layers here: seccomp")) {
            try await withSandbox {
                $0.cellExecutable = weak
            } _: { _ in
            }
        }
        try await withSandbox {
            ($0.cellExecutable, $0.requiredLayers) = (weak, [])
        } _: { sandbox async throws in
            #expect(sandbox.layers == .noNewPrivileges)
        }
    }

    @Test("one that breaks the protocol is killed, one that dies is a crash", arguments: ["garbage", "forge", "abort"])
    func breaks(operation: String) async throws {
        try await withUnrulyCell { sandbox async throws in
            #expect(try await invoke("fine", sandbox).result.get() == true)
            let outcome = await invoke(operation, sandbox)
            var events = sandbox.events.makeAsyncIterator()

            switch outcome.result {
            case .failure(.protocolViolation): #expect(operation != "abort")
            case .failure(.cellCrashed(.stateLost)): #expect(operation == "abort")
            default: Issue.record("\(outcome)")
            }
            let exit = operation == "abort" ? CellExit.stateLost : .signal(SIGKILL)
            #expect(await events.next() == .crashed(Self.key, exit))
            #expect(outcome.receipt.wall > .zero && outcome.receipt.bytesIn > 0)
        }
    }
}
