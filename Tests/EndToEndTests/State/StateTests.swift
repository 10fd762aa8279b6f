// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Glibc
import Security
import Storage
import Synchronization
import Testing
import Values

/// Real processes on real data, killed, rotated and migrated under load: one at a time, since they share a host.
@Suite("State that outlives its processes", .serialized, .timeLimit(.minutes(10)))
struct StateTests {}

/// Numbers that a failed run can be repeated with.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    /// Takes `PANELHOST_TEST_SEED`, or any number; prints it.
    init(_ name: String) {
        let given = ProcessInfo.processInfo.environment["PANELHOST_TEST_SEED"].flatMap { UInt64($0) }
        state = given ?? UInt64.random(in: 1...UInt64.max)
        print("\(name): PANELHOST_TEST_SEED=\(state)")
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
