// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Objects in the order in which they came.
struct Fifo<Element: AnyObject> {
    private var items: [Element] = []
    private var head = 0

    var count: Int { items.count - head }
    var isEmpty: Bool { items.count == head }

    mutating func append(_ item: Element) { items.append(item) }

    mutating func popFirst() -> Element? {
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
    mutating func remove(_ item: Element) -> Bool {
        guard let index = items[head...].firstIndex(where: { $0 === item }) else { return false }
        items.remove(at: index)
        return true
    }

    /// Takes out what matches; `otherwise` sees the rest.
    mutating func removeAll(where matches: (Element) -> Bool, otherwise: (Element) -> Void = { _ in }) -> [Element] {
        var removed: [Element] = []
        var kept: [Element] = []
        for item in items[head...] {
            if matches(item) {
                removed.append(item)
            } else {
                otherwise(item)
                kept.append(item)
            }
        }
        guard !removed.isEmpty else { return [] }
        items = kept
        head = 0
        return removed
    }
}

extension Fifo: Sendable where Element: Sendable {}
