// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization

/// Notes that something was used, beside the request that uses it and at most once a minute.
///
/// What was noted last comes with every reading of the row, so that all hosts together write once; a note that fails is made again
/// with the next use. Nothing waits for a note.
package final class UseNotes: Sendable {
    /// Notes under way at once; of more, those beyond wait for the next use.
    private static let most = 64

    package init() {}

    private let pending = Mutex<[String: Task<Void, Never>]>([:])

    /// Has a note written, unless the last one is recent or the same is being written.
    package func note(_ id: String, last: Int64?, now: Int64, write: @escaping @Sendable () async throws -> Void) {
        if let last, now - last < SessionRules.noting { return }
        pending.withLock { pending in
            guard pending[id] == nil, pending.count < Self.most else { return }
            pending[id] = Task {
                try? await write()
                self.pending.withLock { $0[id] = nil }
            }
        }
    }

    /// Waits for what is under way.
    package func settle() async {
        for task in pending.withLock({ Array($0.values) }) { await task.value }
    }
}
