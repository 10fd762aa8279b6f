// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import CArgon2

/// Looks for what argon2id may cost on this machine.
package enum PasswordCalibration {
    /// One cost and how long a hash took with it, the fastest of a few.
    package struct Measurement: Sendable {
        package let cost: PasswordCost
        package let time: Duration
    }

    /// Raises the memory, and then the passes, until a hash takes as long as it should; never under the floor.
    ///
    /// Memory first: it is what an attacker's hardware has least of. Blocks the calling thread.
    ///
    /// - Parameters:
    ///   - target: how long a hash may take.
    ///   - memoryLimit: KiB that one hash may take at most.
    /// - Returns: what was measured, in order; the last one within the target, or the floor where nothing is, is the cost to use.
    package static func run(
        target: Duration, memoryLimit: UInt32, measuring measure: (PasswordCost) -> Duration = fastest, report: (Measurement) -> Void
    ) -> PasswordCost {
        func measured(_ cost: PasswordCost) -> Duration {
            let time = measure(cost)
            report(Measurement(cost: cost, time: time))
            return time
        }
        var best = PasswordCost.floor
        func fits(_ memory: UInt32, _ passes: UInt32) -> Bool {
            guard let cost = PasswordCost(memory: memory, passes: passes, lanes: 1), memory <= memoryLimit, measured(cost) <= target else {
                return false
            }
            best = cost
            return true
        }
        guard measured(best) < target else { return best }
        while fits(best.memory * 2, best.passes) {}
        // Halfway between what fitted and what did not.
        _ = fits(best.memory / 2 * 3, best.passes)
        while fits(best.memory, best.passes + 1) {}
        return best
    }

    /// The fastest of three hashes: what else runs can only make them slower.
    package static func fastest(_ cost: PasswordCost) -> Duration {
        let clock = ContinuousClock()
        let (password, salt) = (SecureRandom.bytes(32), SecureRandom.bytes(16))
        var output = [UInt8](repeating: 0, count: 32)
        let times = (0..<3).map { _ in
            clock.measure {
                _ = argon2id_hash_raw(
                    cost.passes, cost.memory, cost.lanes, password, password.count, salt, salt.count, &output, output.count)
            }
        }
        return times.min() ?? .zero
    }
}
