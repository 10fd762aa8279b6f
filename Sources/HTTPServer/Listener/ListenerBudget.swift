// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// How much one listener takes of strangers before anybody has looked at what they want.
package struct ListenerBudget: Sendable, Hashable {
    /// Fields of one head; more is a 431.
    package var headerFields = 100
    /// Bytes of all fields of one head; more is a 431.
    package var headerBytes = 32 * 1024
    /// Bytes of one body, whatever the route takes; more is a 413.
    package var bodyBytes = 16 << 20
    /// From the first byte of a head, or from the connection, until it is there.
    package var head: Duration = .seconds(10)
    /// What a body may take beyond its bytes at ``bodyRate``.
    package var bodyGrace: Duration = .seconds(10)
    /// Bytes in a second that a body comes with at least.
    package var bodyRate = 1024
    /// From a request's head until its answer begins.
    package var request: Duration = .seconds(120)
    /// How long an answer may stand still because its receiver takes nothing.
    package var stall: Duration = .seconds(30)
    /// How long a connection may lie idle between two requests.
    package var idle: Duration = .seconds(60)
    /// Requests of one connection.
    package var requests = 10_000
    /// Connections in all.
    package var connections = 10_000
    /// Connections of one address (a /64 of IPv6).
    package var connectionsPerAddress = 256

    package init() {}

    /// How often deadlines are looked at: none is later than a quarter of the shortest.
    var tick: Duration { max(.milliseconds(20), min(head, bodyGrace, request, stall, idle) / 4) }
}
