// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What to do after an event.
///
/// Collected under a cell's lock, done outside it.
package struct CellEffects {
    /// Bytes to write to the cell, in order.
    package var write: [UInt8] = []
    /// What the callers are to be told, in order.
    package var steps: [(invocation: Invocation, step: Step)] = []
    /// Host calls that nobody waits for any more.
    var pointless: [Task<HostReply, Never>] = []
    /// The process is to be killed; the protocol has ended by then.
    package var kill: Kill?
    /// Why the conversation has ended.
    package var reason: SandboxError?
    /// An invocation has returned, for the first time.
    package var hasSucceeded = false

    /// Why a process is to be killed.
    package enum Kill: Sendable, Hashable {
        /// It has nothing left to do.
        case spent
        /// Somebody ordered it, or the host could not make it a cell.
        case ordered
        /// It did what it must not do.
        case cause
    }

    /// No effects.
    package init() {}
}
