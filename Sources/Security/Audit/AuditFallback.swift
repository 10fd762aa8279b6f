// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization

/// Holds audit events that could not be written where they belong, until a service writes them.
///
/// It takes events from a `deinit`, which can neither wait nor fail.
public final class AuditFallback: Sendable {
    private struct State {
        var events: [AuditEvent] = []
        var lost = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// A queue for so many events; what comes on top of them is counted in ``lost``.
    public init(limit: Int = 10_000) {
        self.limit = limit
    }

    /// Queues an event.
    public func record(_ event: AuditEvent) {
        state.withLock { state in
            if state.events.count < limit { state.events.append(event) } else { state.lost += 1 }
        }
    }

    /// Takes out all that waits, oldest first.
    ///
    /// What cannot be written goes back by ``putBack(_:)``.
    public func drain() -> [AuditEvent] {
        state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
    }

    /// Puts events back in front of those that came meanwhile.
    public func putBack(_ events: [AuditEvent]) {
        state.withLock { state in
            let room = max(0, limit - state.events.count)
            state.lost += max(0, events.count - room)
            state.events.insert(contentsOf: events.prefix(room), at: 0)
        }
    }

    /// How many events wait.
    public var count: Int { state.withLock { $0.events.count } }

    /// How many events found the queue full: each is a hole that an operator must hear of.
    public var lost: Int { state.withLock { $0.lost } }
}
