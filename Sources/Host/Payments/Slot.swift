// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization

/// Carries what a transaction found out past code that knows nothing of it.
final class Slot<Content: Sendable>: Sendable {
    private let content = Mutex<Content?>(nil)

    func put(_ new: Content) { content.withLock { $0 = new } }

    func take() throws(HostError) -> Content {
        guard let content = content.withLock({ $0 }) else { throw HostError(.unavailable, "the call left no result") }
        return content
    }
}
