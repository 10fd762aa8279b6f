// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
import ServiceLifecycle
package import Values

/// Runs programs in cells: processes of their own that hold nothing worth stealing and can be killed.
package final class Sandbox: Service {
    /// The layers in force around cells here, as a cell reported them.
    package let layers: SandboxLayers
    /// The interpreter that cells run, like `Lua 5.4.4`.
    package let lua: String

    let registry: CellRegistry
    private let reactor: Reactor
    private let logger: Logger
    private let recorder: Recorder?

    private init(
        layers: SandboxLayers, lua: String, registry: CellRegistry, reactor: Reactor, logger: Logger, recorder: Recorder?
    ) {
        self.layers = layers
        self.lua = lua
        self.registry = registry
        self.reactor = reactor
        self.logger = logger
        self.recorder = recorder
    }

    deinit { reactor.post(.stop(nil)) }

    /// Starts the zygote and looks at one cell, so that a missing layer is known before the first plugin runs.
    package static func start(_ configuration: SandboxConfiguration, logger: Logger) async throws(SandboxError) -> Sandbox {
        var recorder: Recorder?
        var configuration = configuration
        if let folder = configuration.recordings {
            configuration.hashSeed = Recording.hashSeed
            recorder = try Recorder(folder: folder, logger: logger)
        }
        let reactor = try Reactor()
        let registry = CellRegistry(configuration, reactor: reactor, logger: logger)
        try ReactorLoop.start(reactor, registry, configuration)
        do throws(SandboxError) {
            let probe = Invocation(frame: [], budget: InvocationBudget(wall: configuration.startTime), began: .now)
            let step = try await registry.probe().submit(probe)
            switch step.event {
            case .probed(let layers, let lua):
                logger.info("sandbox started", metadata: ["layers": "\(layers)", "lua": "\(lua)"])
                return Sandbox(layers: layers, lua: lua, registry: registry, reactor: reactor, logger: logger, recorder: recorder)
            case .failed(.cellCrashed(let exit)): throw .unavailable("the first cell died: \(exit)")
            case .failed(let error): throw error
            default: throw .unavailable("the first cell did not answer")
            }
        } catch {
            reactor.post(.stop(nil))
            throw error
        }
    }

    /// Keeps the cells until the service group shuts down, then ends them.
    package func run() async throws {
        try? await gracefulShutdown()
        await shutdown()
    }

    /// Ends every cell and the zygote.
    ///
    /// Calls in flight end with ``SandboxError/cellKilled``.
    package func shutdown() async {
        for cell in registry.close() { cell.end(.cellKilled) }
        await withCheckedContinuation { reactor.post(.stop($0)) }
    }

    /// Calls an operation of a program, in the cell of that key, from a clean state.
    ///
    /// `onLog` and `onHostCall` run in the caller's task; log lines come in order, at the latest before the next host call or the end.
    package func invoke(
        _ key: CellKey, program: Program, operation: String, request: Value, context: CallContext, budget: InvocationBudget,
        onLog: @Sendable (LogLine) -> Void, onHostCall: @escaping @Sendable (HostCall) async -> HostReply
    ) async -> InvocationOutcome {
        if let recorder {
            return await invokeRecorded(
                by: recorder, key, program: program, operation: operation, request: request, context: context, budget: budget, onLog: onLog,
                onHostCall: onHostCall)
        }
        return await invokeOnce(
            key, program: program, operation: operation, request: request, context: context, budget: budget, onLog: onLog,
            onHostCall: onHostCall)
    }

    func invokeOnce(
        _ key: CellKey, program: Program, operation: String, request: Value, context: CallContext, budget: InvocationBudget,
        onLog: @Sendable (LogLine) -> Void, onHostCall: @escaping @Sendable (HostCall) async -> HostReply
    ) async -> InvocationOutcome {
        let began = Moment.now
        var receipt = Receipt()
        let result: Result<Value, SandboxError>
        do throws(SandboxError) {
            try await registry.admission.enter(key, deadline: began + max(0, budget.wall.wholeNanoseconds))
            defer { registry.admission.leave(key.tenant) }
            let frame = try HostFrame.call(operation: operation, context: context, request: request, budget: budget)
            let invocation = Invocation(frame: frame, budget: budget, began: began)
            result = .success(try await run(invocation, key, program, &receipt, onLog: onLog, onHostCall: onHostCall))
        } catch {
            result = .failure(error)
        }
        receipt.wall = .nanoseconds(Moment.now - began)
        return InvocationOutcome(result: result, receipt: receipt)
    }

    /// Switches a program off: ends every cell of it at once and starts none until ``revive(program:)``.
    ///
    /// Its calls in flight end with ``SandboxError/programKilled``, and so does every later one. Returns the number of cells.
    @discardableResult
    package func kill(program hash: String) -> Int {
        let cells = registry.kill(hash)
        logger.notice("program killed", metadata: ["program": "\(hash)", "cells": "\(cells.count)"])
        for cell in cells { cell.end(.programKilled) }
        return cells.count
    }

    /// Switches a program on again; false when it was not off.
    @discardableResult
    package func revive(program hash: String) -> Bool { registry.revive(hash) }

    /// Ends every cell of these tenants and starts none for them until they are left out; those that were closed before and are not
    /// named may have cells again.
    ///
    /// Their calls in flight end with ``SandboxError/tenantClosed``, and so does every later one.
    package func close(tenants: Set<String>) {
        let cells = registry.close(tenants: tenants)
        for cell in cells { cell.end(.tenantClosed) }
        if !cells.isEmpty { logger.notice("cells of closed tenants ended", metadata: ["cells": "\(cells.count)"]) }
    }

    /// The programs that are switched off.
    package var killed: Set<String> { registry.killed }

    /// Ends the cells of that key, whose work is done; a call in flight ends with ``SandboxError/cellKilled``.
    package func retire(_ key: CellKey) {
        for cell in registry.cells(of: key) { cell.end(.cellKilled, .spent) }
    }

    /// The programs that are not run for a tenant because they died too often there.
    package var quarantine: [CellKey] { registry.quarantine }

    /// Lets the program run again for that tenant; false when it was not in quarantine.
    @discardableResult
    package func release(_ key: CellKey) -> Bool { registry.release(key) }

    /// What the audit trail should know; the oldest are dropped when nobody listens.
    package var events: AsyncStream<SandboxEvent> { registry.events }

    /// The processes of that program's cells, for people who look at the machine.
    package func processes(of program: String) -> [Int32] { registry.cells(of: program).compactMap(\.pid) }

    /// What is running now and what has happened since the start.
    package var statistics: SandboxStatistics { registry.statistics }

    private func run(
        _ invocation: Invocation, _ key: CellKey, _ program: Program, _ receipt: inout Receipt, onLog: @Sendable (LogLine) -> Void,
        onHostCall: @escaping @Sendable (HostCall) async -> HostReply
    ) async throws(SandboxError) -> Value {
        while true {
            let cell = try registry.cell(CellIdentity(key: key, memory: invocation.budget.memory), for: program)
            let end = await withTaskCancellationHandler {
                await drive(invocation, in: cell, onLog: onLog, onHostCall: onHostCall)
            } onCancel: {
                cell.cancel(invocation)
            }
            receipt = end.receipt
            switch end.event {
            case .finished(let value): return value
            case .failed(let error): throw error
            case .notBegun: continue
            case .hostCall, .probed: throw .protocolViolation("an end that is none")
            }
        }
    }

    private func drive(
        _ invocation: Invocation, in cell: Cell, onLog: @Sendable (LogLine) -> Void,
        onHostCall: @escaping @Sendable (HostCall) async -> HostReply
    ) async -> Step {
        var step = await cell.submit(invocation)
        while true {
            for line in step.logs { onLog(line) }
            guard case .hostCall(let call) = step.event else { return step }
            step = await cell.reply(invocation, await perform(call, of: invocation, in: cell, onHostCall))
        }
    }

    /// Performs a host call for as long as somebody waits for it: a cell that dies takes its request to a provider with it, instead of
    /// keeping the caller until the provider has answered.
    private func perform(
        _ call: HostCall, of invocation: Invocation, in cell: Cell, _ onHostCall: @escaping @Sendable (HostCall) async -> HostReply
    ) async -> HostReply {
        // At once, on this thread: a host function that need not wait costs no switch of tasks.
        let task = Task.immediate { await onHostCall(call) }
        return await withTaskCancellationHandler {
            cell.watch(invocation, task)
            return await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
