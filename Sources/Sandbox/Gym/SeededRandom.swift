// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Random numbers that can be had again (SplitMix64). Nothing secret is made of them.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The numbers of that seed.
    package init(_ seed: UInt64) { state = seed }

    /// The numbers of one of many things that a seed stands for.
    package init(_ seed: UInt64, _ number: Int) {
        var random = SeededRandom(seed ^ UInt64(truncatingIfNeeded: number) &* 0xD134_2543_DE82_EF95)
        state = random.next()
    }

    /// The next number.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
