// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Action patterns with when they end, by segment: what covers another one, or overlaps it, is found without a look at each.
struct PatternEnds {
    private struct Node {
        /// When the last pattern ends that stops here.
        var end = Int64.min
        /// The same of all that stop here or further down.
        var latest = Int64.min
        var children: [String: Int] = [:]
    }

    private var nodes = [Node()]

    mutating func insert(_ pattern: ActionPattern, until end: Int64) {
        var place = 0
        nodes[place].latest = max(nodes[place].latest, end)
        for segment in pattern.segments {
            if let next = nodes[place].children[segment] {
                place = next
            } else {
                nodes.append(Node())
                nodes[place].children[segment] = nodes.count - 1
                place = nodes.count - 1
            }
            nodes[place].latest = max(nodes[place].latest, end)
        }
        nodes[place].end = max(nodes[place].end, end)
    }

    /// When the last one ends that covers a pattern; `.min` where none does.
    func end(covering pattern: ActionPattern) -> Int64 {
        var latest = Int64.min
        walk(pattern.segments[...], from: 0, isCovering: true, &latest)
        return latest
    }

    /// When the last one ends that overlaps a pattern; `.min` where none does.
    func end(overlapping pattern: ActionPattern) -> Int64 {
        var latest = Int64.min
        walk(pattern.segments[...], from: 0, isCovering: false, &latest)
        return latest
    }

    private func walk(_ rest: ArraySlice<String>, from place: Int, isCovering: Bool, _ latest: inout Int64) {
        let node = nodes[place]
        guard node.latest > latest else { return }
        latest = max(latest, node.end)
        guard let segment = rest.first else {
            // What goes on where the pattern stops lies below it.
            if !isCovering { latest = max(latest, node.latest) }
            return
        }
        if segment == "*", !isCovering {
            for next in node.children.values { walk(rest.dropFirst(), from: next, isCovering: isCovering, &latest) }
        } else {
            for name in Set([segment, "*"]) {
                if let next = node.children[name] { walk(rest.dropFirst(), from: next, isCovering: isCovering, &latest) }
            }
        }
    }
}
