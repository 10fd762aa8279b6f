// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// How the driver uses its database, apart from where that is.
package struct PostgreSQLOptions: Sendable {
    /// The most connections that transactions may hold at once.
    package var connections = 8
    /// How many transactions may wait for one of them, and for how long.
    package var waiting = 1_000
    package var patience = Duration.seconds(5)
    /// How long a statement may run, may wait for a lock, and a transaction may idle; the server ends what takes longer.
    package var statementTimeout = Duration.seconds(30)
    /// For a statement that shares its connection with others.
    package var fetchTimeout = Duration.seconds(5)
    package var lockTimeout = Duration.seconds(10)
    package var idleTimeout = Duration.seconds(30)
    /// Allows what only a test machine may do: a plain connection to another machine.
    package var isDevelopment = false
    /// The schema that the tables are in.
    package var schema = "panelhost"

    package init() {}
}

extension Duration {
    /// Whole milliseconds, for the server and for `poll`.
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
