// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Storage
import Synchronization

/// A line on standard error now and then, so that long work can be told from hung work.
final class ProgressLines: Sendable {
    private let verb: String
    private let last = Mutex(ContinuousClock.now)

    init(_ verb: String) { self.verb = verb }

    func show(_ progress: BackupProgress) {
        let now = ContinuousClock.now
        let isDue = last.withLock { last in
            guard now - last > .seconds(2) else { return false }
            last = now
            return true
        }
        if isDue { Console.error("… \(progress.table): \(progress.rows) rows \(verb)") }
    }
}
