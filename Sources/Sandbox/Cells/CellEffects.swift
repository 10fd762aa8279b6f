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
    var pointless: [EndSignal] = []
    /// The process is to be killed; the protocol has ended by then.
    package var kill: Kill?
    /// Why the conversation has ended.
    package var reason: SandboxError?

    /// Why a process is to be killed.
    package enum Kill: Sendable, Hashable {
        /// It has nothing left to do.
        case spent
        /// It did what it must not do, or somebody ordered it.
        case cause
    }

    /// No effects.
    package init() {}
}
