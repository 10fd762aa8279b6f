// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// One invocation on its way through a cell.
package final class Invocation: @unchecked Sendable {
    // Every mutable property is touched under the lock of the cell that the invocation was given to, or by whoever takes it out of an effect:
    // an invocation whose step is in an effect has no other owner until its caller is resumed.

    /// Where an invocation stands, in the eyes of its caller.
    package enum Phase: Sendable {
        /// Has not been sent: every state of the cell is taken, or the program is being loaded.
        case waiting
        /// The cell has it.
        case running
        /// The caller performs a host call of it.
        case hosting
        /// The caller has its end, or will find it in ``Invocation/outcome``. The cell may not know yet.
        case ended
    }

    package let budget: InvocationBudget
    package let began: Moment
    package let deadline: Moment
    /// Nanoseconds of processor time that the cell may spend on it in silence.
    let patience: Int64
    private static let maximumPatience: Int64 = 3_600_000_000_000
    package internal(set) var id: UInt32 = 0
    package internal(set) var phase = Phase.waiting
    /// The encoded call, emptied when it is sent.
    var frame: [UInt8]
    var hostCalls = 0
    /// What it has cost so far; complete when it has ended, but for the wall clock.
    package internal(set) var receipt = Receipt()
    var logs: [LogLine] = []
    var logged = 0
    /// The end that came while the caller did not wait.
    var outcome: SandboxError?
    /// The host call that the caller performs, to be cancelled when the invocation ends first.
    var hostCall: Task<HostReply, Never>?
    /// When the cell was told to end it.
    var abandoned: Moment?
    /// The caller, while it waits for the next step.
    var continuation: CheckedContinuation<Step, Never>?

    /// An invocation that begins now.
    package init(frame: [UInt8], budget: InvocationBudget, began: Moment) {
        self.frame = frame
        receipt.bytesIn = frame.count
        self.budget = budget
        self.began = began
        deadline = began + max(0, budget.wall.wholeNanoseconds)
        patience = min(max(0, budget.cpu.wholeNanoseconds), Self.maximumPatience)
    }
}

/// What an invocation does next, in the eyes of its caller.
package struct Step: Sendable {
    /// What has happened.
    package enum Event: Sendable {
        /// The plugin asks for something and waits for the answer.
        case hostCall(HostCall)
        /// The operation has returned.
        case finished(Value)
        /// It ended without a value.
        case failed(SandboxError)
        /// The cell ended before it had seen the invocation: another cell may take it.
        case notBegun
        /// The cell has no program and reports its layers and its interpreter.
        case probed(SandboxLayers, lua: String)
    }

    /// What was logged since the step before.
    package var logs: [LogLine]
    /// What has happened.
    package var event: Event
    /// What the invocation has cost so far, but for the wall clock.
    package var receipt: Receipt

    init(_ event: Event, of invocation: Invocation) {
        self.event = event
        logs = invocation.takeLogs()
        receipt = invocation.receipt
    }
}
