// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Logging
import Sandbox
import Synchronization
import Testing
import Values

/// A sandbox with the real `SandboxCell`, ended when the body ends.
func withSandbox(
    _ adjust: (inout SandboxConfiguration) -> Void = { _ in }, _ body: (Sandbox) async throws -> Void
) async throws {
    let executable = try #require(SandboxConfiguration.locateCell(), "SandboxCell is not beside the tests: build the whole package first")
    var configuration = SandboxConfiguration(cellExecutable: executable)
    adjust(&configuration)
    let sandbox = try await Sandbox.start(configuration, logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
    do {
        try await body(sandbox)
    } catch {
        await sandbox.shutdown()
        throw error
    }
    await sandbox.shutdown()
}

extension Program {
    /// A program of one file.
    init(_ source: String, hash: String = "test") {
        self.init(hash: hash, entry: "main.lua", files: [("main.lua", Array(source.utf8))])
    }
}

extension Sandbox {
    /// Calls `op` of a program of one file.
    @discardableResult
    func call(
        _ source: String, _ operation: String = "op", _ request: Value = [:], key: String = "test", context: CallContext = CallContext(),
        budget: InvocationBudget = InvocationBudget(),
        host: @escaping @Sendable (HostCall) async -> HostReply = { .value(.string($0.name)) },
        log: @Sendable (LogLine) -> Void = { _ in }
    ) async throws(SandboxError) -> Value {
        try await invoke(
            CellKey(tenant: "test", partition: key, program: key), program: Program(source, hash: key), operation: operation,
            request: request,
            context: context,
            budget: budget, onLog: log, onHostCall: host
        ).result.get()
    }

    /// The error of a call that must not return; nil when it returns all the same.
    func failure(
        of source: String, key: String = "test", context: CallContext = CallContext(), budget: InvocationBudget = InvocationBudget(),
        host: @escaping @Sendable (HostCall) async -> HostReply = { .value(.string($0.name)) }
    ) async -> SandboxError? {
        do throws(SandboxError) {
            let value = try await call(source, key: key, context: context, budget: budget, host: host)
            Issue.record("returned \(value)")
            return nil
        } catch {
            return error
        }
    }
}

/// Something that tasks of a test share.
final class Shared<State: Sendable>: Sendable {
    private let state: Mutex<State>

    init(_ state: State) { self.state = Mutex(state) }

    func withLock<Result: Sendable>(_ body: (inout State) -> Result) -> Result { state.withLock { body(&$0) } }
}

/// Waits without using the processor.
func untilCancelled() async {
    let (never, silent) = AsyncStream.makeStream(of: Void.self)
    for await _ in never {}
    silent.finish()
}

/// Lets everybody through once it is open.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func passed() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
