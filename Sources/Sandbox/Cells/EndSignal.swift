// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Synchronization

/// Tells whoever performs a host call that the invocation which asked for it is over.
final class EndSignal: Sendable {
    private enum State {
        case quiet
        case waiting(CheckedContinuation<Void, Never>)
        case given
    }

    private let state = Mutex(State.quiet)

    /// Wakes the one that waits; whoever waits later returns at once.
    func give() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .given }
            if case .waiting(let waiter) = state { return waiter }
            return nil
        }
        waiter?.resume()
    }

    /// Returns when the signal is given or the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isGiven = state.withLock { state in
                    if case .given = state { return true }
                    state = .waiting(continuation)
                    return false
                }
                if isGiven { continuation.resume() }
            }
        } onCancel: {
            give()
        }
    }
}
