// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A set of small numbers as bits, of which only the words that are not empty are kept.
///
/// Whether two of them meet costs what the smaller one costs. The first word lies in the set itself: most sets have no other, and what a check
/// costs is how often it has to look elsewhere.
struct SubjectSet: Hashable, Sendable {
    private var firstPlace: UInt32 = 0
    /// Whether there are more words than the first.
    private var isLong = false
    private var firstWord: UInt64 = 0
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
        for set in sets {
            for index in 0..<set.count { all[set.place(index), default: 0] |= set.word(index) }
        }
        if let member { all[member / 64, default: 0] |= 1 << UInt64(member % 64) }
        for place in all.keys.sorted() { append(place, all[place] ?? 0) }
    }

    private mutating func append(_ place: UInt32, _ word: UInt64) {
        if isEmpty || !isLong && firstPlace == place {
            firstPlace = place
            firstWord |= word
        } else if places.last == place {
            words[words.count - 1] |= word
        } else {
            places.append(place)
            words.append(word)
            isLong = true
        }
    }

    @inline(__always)
    var isEmpty: Bool { firstWord == 0 }

    @inline(__always)
    private var count: Int { isLong ? places.count + 1 : isEmpty ? 0 : 1 }

    @inline(__always)
    private func place(_ index: Int) -> UInt32 { index == 0 ? firstPlace : places[index - 1] }

    @inline(__always)
    private func word(_ index: Int) -> UInt64 { index == 0 ? firstWord : words[index - 1] }

    /// In ascending order.
    var members: [UInt32] {
        var members: [UInt32] = []
        forEachCommon(self) {
            members.append($0); return true
        }
        return members
    }

    func contains(_ member: UInt32) -> Bool { bits(at: member / 64) & 1 << UInt64(member % 64) != 0 }

    /// Whether there is a common member.
    @inline(__always)
    func intersects(_ other: SubjectSet) -> Bool {
        if !isLong { return other.bits(at: firstPlace) & firstWord != 0 }
        if !other.isLong { return bits(at: other.firstPlace) & other.firstWord != 0 }
        return count > other.count ? other.meets(self) : meets(other)
    }

    private func meets(_ larger: SubjectSet) -> Bool {
        for index in 0..<count where larger.bits(at: place(index)) & word(index) != 0 { return true }
        return false
    }

    /// Gives the common members to `body` until it answers false.
    func forEachCommon(_ other: SubjectSet, _ body: (UInt32) -> Bool) {
        if count > other.count { return other.forEachCommon(self, body) }
        for index in 0..<count {
            var common = other.bits(at: place(index)) & word(index)
            while common != 0 {
                if !body(place(index) * 64 + UInt32(common.trailingZeroBitCount)) { return }
                common &= common - 1
            }
        }
    }

    /// The bits at a place, found by halving.
    @inline(__always)
    private func bits(at place: UInt32) -> UInt64 {
        if place == firstPlace { return firstWord }
        guard isLong, place > firstPlace else { return 0 }
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low < places.count && places[low] == place ? words[low] : 0
    }
}
