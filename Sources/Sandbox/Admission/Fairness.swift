// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// How tenants share the sandbox.
package struct Fairness: Sendable {
    /// Invocations in the sandbox at the same time, host calls included; further ones wait for their tenant's turn.
    package var places: Int
    /// The part of the places, and of the cells, that one tenant may hold, so that no other is ever without.
    package var share: Double
    /// Invocations of one tenant that may wait for a place before further ones are refused.
    package var waiting: Int
    /// How much of the places a tenant gets, compared with the others, while there are fewer than wanted.
    package var weight: @Sendable (_ tenant: String) -> Int

    /// A rule; the defaults are those of `panelhost run`.
    package init(
        places: Int = 4096, share: Double = 0.5, waiting: Int = 1024, weight: @escaping @Sendable (_ tenant: String) -> Int = { _ in 1 }
    ) {
        self.places = places
        self.share = share
        self.waiting = waiting
        self.weight = weight
    }

    /// One tenant's part of something.
    func part(of whole: Int) -> Int { max(1, min(whole, Int(Double(whole) * min(max(share, 0), 1)))) }
}
