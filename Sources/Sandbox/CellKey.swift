// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Whom a cell belongs to: cells are never shared between two keys.
///
/// Both parts are opaque here. The host puts the tenant's instance into ``partition`` and the program's content hash into ``program``.
package struct CellKey: Hashable, Sendable {
    /// The owner of the data that the cell sees.
    package var partition: String
    /// The hash of the program that the cell runs.
    package var program: String

    /// The cell of that owner for that program.
    package init(partition: String, program: String) {
        self.partition = partition
        self.program = program
    }
}
