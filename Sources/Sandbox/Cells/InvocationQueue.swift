// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Invocations in the order in which they came.
struct InvocationQueue {
    private var items: [Invocation] = []
    private var head = 0

    var count: Int { items.count - head }
    var isEmpty: Bool { items.count == head }

    mutating func append(_ invocation: Invocation) { items.append(invocation) }

    mutating func popFirst() -> Invocation? {
        guard head < items.count else { return nil }
        defer {
            head += 1
            if head > 64, head * 2 > items.count {
                items.removeSubrange(..<head)
                head = 0
            }
        }
        return items[head]
    }

    /// False when it is not there.
    mutating func remove(_ invocation: Invocation) -> Bool {
        guard let index = items[head...].firstIndex(where: { $0 === invocation }) else { return false }
        items.remove(at: index)
        return true
    }

    /// Takes out what matches; `otherwise` sees the rest.
    mutating func removeAll(where matches: (Invocation) -> Bool, otherwise: (Invocation) -> Void) -> [Invocation] {
        var removed: [Invocation] = []
        var kept: [Invocation] = []
        for invocation in items[head...] {
            if matches(invocation) {
                removed.append(invocation)
            } else {
                otherwise(invocation)
                kept.append(invocation)
            }
        }
        guard !removed.isEmpty else { return [] }
        items = kept
        head = 0
        return removed
    }
}
