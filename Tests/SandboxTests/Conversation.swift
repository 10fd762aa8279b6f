// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Values

/// The host's side of a conversation with a cell, without a cell.
struct Conversation {
    var machine: CellProtocol
    var effects = CellEffects()
    var now = Moment(nanoseconds: 0)

    init(states: Int = 2, waiting: Int = 2, program: Bool = true) {
        var rules = CellProtocol.Rules()
        rules.states = states
        rules.maximumWaiting = waiting
        machine = CellProtocol(load: program ? [0xEE] : nil, rules: rules, now: now, startDeadline: now + 5_000_000_000)
    }

    /// A conversation whose cell has loaded its program.
    static func serving(states: Int = 2, waiting: Int = 2) -> Conversation {
        var conversation = Conversation(states: states, waiting: waiting)
        conversation.receive(.ready(layers: .production, lua: "Lua 5.4"))
        conversation.receive(.loaded(operations: ["charge"]), after: .zero, cpu: .zero)
        _ = conversation.written()
        return conversation
    }

    mutating func receive(_ frame: CellFrame) { machine.receive(frame, now: now, &effects) }

    mutating func submit(_ budget: InvocationBudget = InvocationBudget()) throws -> Invocation {
        let frame = try HostFrame.call(operation: "charge", context: CallContext(), request: [:], budget: budget)
        let invocation = Invocation(frame: frame, budget: budget, began: now)
        _ = machine.submit(invocation, now: now, &effects)
        return invocation
    }

    /// Looks at the cell later, when its process has used so much in all.
    @discardableResult
    mutating func check(after: Duration, cpu: Duration = .zero) -> Moment {
        now = now + after.wholeNanoseconds
        return machine.check(now: now, cpu: cpu.wholeNanoseconds, &effects)
    }

    /// Hears the cell later, when its process has used so much in all.
    mutating func receive(_ frame: CellFrame, after: Duration, cpu: Duration) {
        now = now + after.wholeNanoseconds
        receive(frame)
        if machine.wantsReading(now: now) { machine.read(cpu: cpu.wholeNanoseconds, now: now) }
    }

    /// The type and id of every frame written since the last look.
    mutating func written() -> [[Int]] {
        defer { effects.write = [] }
        var bytes = effects.write[...]
        var frames: [[Int]] = []
        while bytes.count > 4 {
            let length = bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            guard bytes.count >= 4 + length, let body = try? MessagePack.decode(bytes.dropFirst(4).prefix(length)) else { break }
            frames.append([Int(body[0]?.intValue ?? -1), Int(body[1]?.intValue ?? -1)])
            bytes = bytes.dropFirst(4 + length)
        }
        return frames
    }

    /// What callers were told since the last look.
    mutating func told() -> [String] {
        defer { effects.steps = [] }
        return effects.steps.map { _, step in
            switch step.event {
            case .hostCall(let call): "host call \(call.index) \(call.name)"
            case .finished(let value): "finished \(value)"
            case .failed(let error): "failed \(error)"
            case .notBegun: "not begun"
            case .probed(let layers, let lua): "probed \(layers), \(lua)"
            }
        }
    }
}
