// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// One event of a trail as somebody who may read it sees it: the row, and what it tells of persons, opened.
@dynamicMemberLookup
package struct AuditEntry: Sendable, Hashable {
    package let row: AuditRow
    package let personal: AuditPersonal

    package init(row: AuditRow, personal: AuditPersonal) { (self.row, self.personal) = (row, personal) }

    /// A column of the row.
    package subscript<Column>(dynamicMember column: KeyPath<AuditRow, Column>) -> Column { row[keyPath: column] }

    /// Where the request came from, as far as it still opens.
    package var address: String? { personal.address }
}
