// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension SandboxError {
    /// One word for it, for reports and recordings.
    package var kind: String {
        switch self {
        case .loadFailed: "load_failed"
        case .scriptError: "script_error"
        case .cpuExceeded: "cpu"
        case .wallExceeded: "wall"
        case .memoryExceeded: "memory"
        case .hostCallsExceeded: "host_calls"
        case .invalidValue: "invalid_value"
        case .noSuchOperation: "no_operation"
        case .cellCrashed: "crashed"
        case .cellKilled: "cell_killed"
        case .programKilled: "program_killed"
        case .tenantClosed: "tenant_closed"
        case .quarantined: "quarantined"
        case .backingOff: "backing_off"
        case .cancelled: "cancelled"
        case .protocolViolation: "protocol_violation"
        case .unavailable: "unavailable"
        case .overloaded: "overloaded"
        }
    }

    /// What the plugin's author has to know: its own words where it has some.
    package var text: String {
        switch self {
        case .loadFailed(_, let file, let line, let message): line == 0 ? message : "\(file):\(line): \(message)"
        case .scriptError(let message, _), .cpuExceeded(_, let message), .memoryExceeded(let message), .hostCallsExceeded(let message):
            message
        case .invalidValue(let reason), .protocolViolation(let reason): "\(description): \(reason)"
        default: description
        }
    }
}
