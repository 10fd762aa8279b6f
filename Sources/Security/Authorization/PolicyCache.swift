// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization

/// The compiled policies of the tenants that were asked for last.
///
/// The state that is in force comes with every request, out of the row that names it: a policy of another state is never used.
final class PolicyCache: Sendable {
    private struct Entry {
        var snapshot: PolicySnapshot
        var usedAt: UInt64
        /// What it costs to keep, in rules and assignments.
        var weight: Int
    }

    private struct State {
        var entries: [TenantID: Entry] = [:]
        var loading: [TenantID: [String: Task<PolicySnapshot, any Error>]] = [:]
        var clock: UInt64 = 0
        var weight = 0
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: how many rules and assignments are kept, of all tenants together.
    init(capacity: Int = 1_000_000) { self.capacity = capacity }

    typealias Load = @Sendable () async throws -> (policy: Policy, revision: String)

    /// The policy of a tenant in one state, or in a later one where the rows have changed since that was read.
    func snapshot(of tenant: TenantID, at revision: String, _ load: @escaping Load) async throws -> PolicySnapshot {
        if let snapshot = cached(tenant, revision) { return snapshot }
        // Those who ask while it is read and compiled share the work, but only those who saw the same state.
        let task = state.withLock { state in
            if let task = state.loading[tenant]?[revision] { return task }
            let task = Task {
                let (policy, revision) = try await load()
                return PolicySnapshot(policy, revision: revision)
            }
            state.loading[tenant, default: [:]][revision] = task
            return task
        }
        let result = await task.result
        state.withLock { state in
            if state.loading[tenant]?[revision] == task {
                state.loading[tenant]?[revision] = nil
                if state.loading[tenant]?.isEmpty == true { state.loading[tenant] = nil }
                if case .success(let snapshot) = result { keep(snapshot, of: tenant, in: &state) }
            }
        }
        return try result.get()
    }

    private func cached(_ tenant: TenantID, _ revision: String) -> PolicySnapshot? {
        state.withLock { state in
            guard state.entries[tenant]?.snapshot.revision == revision else { return nil }
            state.clock += 1
            state.entries[tenant]?.usedAt = state.clock
            return state.entries[tenant]?.snapshot
        }
    }

    private func keep(_ snapshot: PolicySnapshot, of tenant: TenantID, in state: inout State) {
        state.clock += 1
        state.weight -= state.entries[tenant]?.weight ?? 0
        let weight = 1000 + snapshot.policy.rules.count + snapshot.policy.assignments.count
        state.entries[tenant] = Entry(snapshot: snapshot, usedAt: state.clock, weight: weight)
        state.weight += weight
        while state.weight > capacity, state.entries.count > 1, let oldest = state.entries.min(by: { $0.value.usedAt < $1.value.usedAt }) {
            state.entries[oldest.key] = nil
            state.weight -= oldest.value.weight
        }
    }
}
