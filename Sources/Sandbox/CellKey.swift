// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Whom a cell belongs to: cells are never shared between two keys.
///
/// All parts are opaque here. The host puts the tenant's instance into ``partition`` and the program's content hash into ``program``.
package struct CellKey: Hashable, Sendable {
    /// Whose turn it is in the fair queue, and whom a quarantine concerns.
    package var tenant: String
    /// The owner of the data that the cell sees.
    package var partition: String
    /// The hash of the program that the cell runs.
    package var program: String

    /// The cell of that owner for that program.
    package init(tenant: String, partition: String, program: String) {
        self.tenant = tenant
        self.partition = partition
        self.program = program
    }
}
