// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization

/// What the tenants that were asked for last say about where requests come from.
///
/// The state that is in force comes with every request, out of the row that names it: what was read for another state is never used.
final class TenantEdgeCache: Sendable {
    private struct State {
        var current: [TenantID: (revision: String, edge: TenantEdge)] = [:]
        var former: [TenantID: (revision: String, edge: TenantEdge)] = [:]
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: how many tenants are kept at least.
    init(capacity: Int = 4096) { self.capacity = capacity }

    /// What a tenant says in one state, or in a later one where the rows have changed since that was read.
    func edge(of tenant: TenantID, at revision: String, _ load: () async throws -> TenantEdge) async throws -> TenantEdge {
        let known = state.withLock { $0.current[tenant] ?? $0.former[tenant] }
        if let known, known.revision == revision { return known.edge }
        let edge = try await load()
        state.withLock { state in
            // Two generations: what nobody asked for while the younger one filled is forgotten.
            if state.current.count >= capacity { (state.former, state.current) = (state.current, [:]) }
            state.current[tenant] = (revision, edge)
        }
        return edge
    }
}
