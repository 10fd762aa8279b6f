// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Tokens by the moment at which they are due.
struct DeadlineHeap {
    private var items: [(due: Moment, token: UInt64)] = []

    var earliest: Moment { items.first?.due ?? .never }

    mutating func insert(_ token: UInt64, due: Moment) {
        items.append((due, token))
        var child = items.count - 1
        while child > 0, items[child].due < items[(child - 1) / 2].due {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func popDue(_ now: Moment) -> UInt64? {
        guard let first = items.first, first.due <= now else { return nil }
        items.swapAt(0, items.count - 1)
        items.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && items[child].due < items[least].due { least = child }
            guard least != parent else { return first.token }
            items.swapAt(parent, least)
            parent = least
        }
    }
}
