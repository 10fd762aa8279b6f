// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

extension TenantTransaction {
    /// Lets one transaction of the tenant at a time go on from here, until it ends.
    ///
    /// For what is decided by rows that are not there yet, such as a limit on how many may be added. SQLite has one writer anyway.
    package func lock(_ name: String) throws {
        guard dialect == .postgresql else { return }
        _ = try query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0)) IS NULL AS locked", [.text("\(scope.tenant)/\(name)")])
    }
}
