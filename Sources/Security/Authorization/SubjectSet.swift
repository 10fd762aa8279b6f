// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A set of small numbers as bits, of which only the words that are not empty are kept.
///
/// Whether two of them meet costs what the smaller one costs.
struct SubjectSet: Hashable, Sendable {
    private var places: [UInt32] = []
    private var words: [UInt64] = []

    init() {}

    init(_ members: [UInt32]) {
        for member in members.sorted() { append(member / 64, 1 << UInt64(member % 64)) }
    }

    /// Everything in any of the sets, and one more.
    init(union sets: [SubjectSet], and member: UInt32?) {
        if sets.count == 1, member == nil { self = sets[0]; return }
        var all: [UInt32: UInt64] = [:]
        for set in sets { for (place, word) in zip(set.places, set.words) { all[place, default: 0] |= word } }
        if let member { all[member / 64, default: 0] |= 1 << UInt64(member % 64) }
        for place in all.keys.sorted() { append(place, all[place] ?? 0) }
    }

    private mutating func append(_ place: UInt32, _ word: UInt64) {
        if places.last == place { words[words.count - 1] |= word } else { places.append(place); words.append(word) }
    }

    var isEmpty: Bool { places.isEmpty }

    /// In ascending order.
    var members: [UInt32] {
        var members: [UInt32] = []
        forEachCommon(self) {
            members.append($0); return true
        }
        return members
    }

    func contains(_ member: UInt32) -> Bool { word(member / 64) & 1 << UInt64(member % 64) != 0 }

    /// Whether there is a common member.
    @inline(__always)
    func intersects(_ other: SubjectSet) -> Bool {
        if places.count > other.places.count { return other.meets(self) }
        return meets(other)
    }

    private func meets(_ larger: SubjectSet) -> Bool {
        for index in places.indices where larger.word(places[index]) & words[index] != 0 { return true }
        return false
    }

    /// Gives the common members to `body` until it answers false.
    func forEachCommon(_ other: SubjectSet, _ body: (UInt32) -> Bool) {
        if places.count > other.places.count { return other.forEachCommon(self, body) }
        for index in places.indices {
            var common = other.word(places[index]) & words[index]
            while common != 0 {
                if !body(places[index] * 64 + UInt32(common.trailingZeroBitCount)) { return }
                common &= common - 1
            }
        }
    }

    /// The bits at a place, found by halving.
    @inline(__always)
    private func word(_ place: UInt32) -> UInt64 {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low < places.count && places[low] == place ? words[low] : 0
    }
}
