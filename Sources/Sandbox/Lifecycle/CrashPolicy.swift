// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What follows when a cell's process dies.
package struct CrashPolicy: Sendable, Hashable {
    /// How long no new cell is started after the second death in a row; each further one doubles it, an invocation that returns clears it.
    package var backOff: Duration
    /// The most that it is doubled to.
    package var longestBackOff: Duration
    /// Deaths within ``window`` after which a tenant's program is not started any more.
    package var crashes: Int
    /// How long a death counts.
    package var window: Duration
    /// How long a program that did not load is refused without another try; each further failure doubles it.
    package var loadBackOff: Duration

    /// A policy; the defaults are those of `panelhost run`.
    package init(
        backOff: Duration = .milliseconds(100), longestBackOff: Duration = .seconds(30), crashes: Int = 3,
        window: Duration = .seconds(3600),
        loadBackOff: Duration = .seconds(5)
    ) {
        self.backOff = backOff
        self.longestBackOff = longestBackOff
        self.crashes = crashes
        self.window = window
        self.loadBackOff = loadBackOff
    }

    /// Starts again at once and for ever, for tests and for whoever kills cells on purpose.
    package static let forgiving = CrashPolicy(backOff: .zero, crashes: .max, loadBackOff: .zero)
}
