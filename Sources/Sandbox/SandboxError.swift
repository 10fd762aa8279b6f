// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// How a cell's process ended.
package enum CellExit: Sendable, Hashable, CustomStringConvertible {
    /// By a signal: SIGSEGV for a memory fault, SIGSYS for a system call that the cell may not make.
    case signal(Int32)
    /// By itself, with that status.
    case status(Int32)
    /// It gave up because a Lua state could not be brought back to order.
    case stateLost
    /// Nobody could say.
    case unknown

    /// What `wait` says.
    package init(waitStatus: Int32) {
        let (signal, status) = (waitStatus & 0x7F, waitStatus >> 8 & 0xFF)
        self = signal != 0 ? .signal(signal) : status == Self.stateLostStatus ? .stateLost : .status(status)
    }

    private static let stateLostStatus: Int32 = 70

    /// `signal 11`.
    package var description: String {
        switch self {
        case .signal(let number): "signal \(number)"
        case .status(let status): "exit status \(status)"
        case .stateLost: "state lost"
        case .unknown: "unknown"
        }
    }
}

/// How far an invocation had to be pushed that would not end by itself.
package enum KillStage: String, Sendable, Hashable {
    /// A Lua error that nothing in the plugin catches.
    case soft
    /// The cell left the interpreter by force and goes on.
    case hard
    /// The host ended the cell's process.
    case process
}

/// What kept a program from loading.
package enum LoadFailureKind: String, Sendable, Hashable {
    /// It does not compile, or its entry file raised an error.
    case error
    /// It took more processor time than loading may.
    case cpu
    /// The same, and had to be left by force or killed.
    case cpuForced = "cpu_forced"
    /// It took more memory than an invocation may hold.
    case memory
}

/// Why an invocation did not end with a value.
///
/// A `message` starts with `file:line:` where a place in the plugin is known.
package enum SandboxError: Error, Sendable, Hashable {
    /// The program does not compile or its entry file failed; no invocation of it can work.
    case loadFailed(LoadFailureKind, file: String, line: Int, message: String)
    /// The plugin raised an error and nobody caught it.
    case scriptError(message: String, traceback: String)
    /// The plugin used its processor time up, or its instructions.
    case cpuExceeded(KillStage, message: String)
    /// The invocation took longer than its wall clock allows.
    case wallExceeded
    /// The plugin used its memory up.
    case memoryExceeded(message: String)
    /// The plugin made more host calls than it may.
    case hostCallsExceeded(message: String)
    /// A value cannot cross the wall: a function, a cycle, too deep, too large.
    case invalidValue(String)
    /// The program has no such operation.
    case noSuchOperation
    /// The cell's process died by itself.
    case cellCrashed(CellExit)
    /// The host ended the cell, for a reason that is not this invocation's fault.
    case cellKilled
    /// Somebody ended every cell of this program; it is not run until it is revived.
    case programKilled
    /// The tenant is not in service; nothing is run for it.
    case tenantClosed
    /// The program died too often for this tenant; it is not run until somebody releases it.
    case quarantined
    /// The cell died a moment ago; the next one is not started before that time has passed.
    case backingOff(Duration)
    /// The caller's task was cancelled.
    case cancelled
    /// The cell sent what no cell may send; it was killed.
    case protocolViolation(String)
    /// No cell can be had: the zygote does not start, a required layer is missing, the machine is out of something.
    case unavailable(String)
    /// Too many invocations wait already.
    case overloaded
}

extension SandboxError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Safe to show: what the plugin said itself is left out.
    package var description: String {
        switch self {
        case .loadFailed(_, let file, let line, _): "the plugin does not load" + (line > 0 ? ": \(file):\(line)" : "")
        case .scriptError: "the plugin raised an error"
        case .cpuExceeded: "the plugin used more processor time than it may"
        case .wallExceeded: "the plugin took longer than it may"
        case .memoryExceeded: "the plugin used more memory than it may"
        case .hostCallsExceeded: "the plugin made more host calls than it may"
        case .invalidValue: "the plugin passed a value that cannot leave it"
        case .noSuchOperation: "the plugin has no such operation"
        case .cellCrashed(let exit): "the plugin's process died (\(exit))"
        case .cellKilled: "the plugin's process was ended"
        case .programKilled: "the plugin is switched off"
        case .tenantClosed: "the tenant is not in service"
        case .quarantined: "the plugin is in quarantine because its process died too often"
        case .backingOff: "the plugin's process died a moment ago and is not started again yet"
        case .cancelled: "the call was cancelled"
        case .protocolViolation: "the plugin's process broke the protocol and was ended"
        case .unavailable(let reason): "no sandbox: \(reason)"
        case .overloaded: "too many calls wait for this plugin"
        }
    }

    /// Everything, for those who may see what the plugin said.
    package var debugDescription: String {
        switch self {
        case .loadFailed(_, _, _, let message): "\(description): \(message)"
        case .scriptError(let message, let traceback): "\(description): \(message)\n\(traceback)"
        case .cpuExceeded(let stage, let message): "\(description) (\(stage)): \(message)"
        case .memoryExceeded(let message), .hostCallsExceeded(let message): "\(description): \(message)"
        case .invalidValue(let reason), .protocolViolation(let reason): "\(description): \(reason)"
        default: description
        }
    }
}
