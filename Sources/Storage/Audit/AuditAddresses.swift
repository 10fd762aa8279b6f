// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

/// Finds events by the address that they hold sealed: under a keyed name of it, which is no part of any tree and can be removed.
package enum AuditAddresses {
    /// Notes the addresses of one tenant's events, unless the keys that seal them were destroyed: another host's memory may not know yet.
    static func add(_ events: [StoredEvent], to connection: any SQLConnection) throws {
        let found = events.compactMap { event in event.address.map { (event.row, $0) } }
        guard connection.dialect == .postgresql, found.count > 1 else {
            for (row, address) in found {
                try connection.enqueue(
                    """
                    INSERT INTO audit_addresses (tenant_id, tag, event_id, key_id)
                    SELECT tenant_id, $2, $3, id FROM keys WHERE tenant_id = $1 AND id = $4 AND erased_at IS NULL
                    """, [.text(row.tenant), .text(address.tag), .text(row.id), .text(address.keyID)])
            }
            return
        }
        let rows = found.map { row, address in
            Value.map(["tag": .string(address.tag), "event_id": .string(row.id), "key_id": .string(address.keyID)])
        }
        try connection.enqueue(
            """
            INSERT INTO audit_addresses (tenant_id, tag, event_id, key_id)
            SELECT k.tenant_id, row.tag, row.event_id, row.key_id
            FROM json_to_recordset($2::json) AS row (tag text, event_id text, key_id text)
            JOIN keys AS k ON k.tenant_id = $1 AND k.id = row.key_id AND k.erased_at IS NULL
            """, [.text(found[0].0.tenant), .text(JSON.text(.array(rows)))])
    }

    /// Removes the names of everybody who was erased; answers how many there were.
    ///
    /// A transaction that was under way during the erasure can leave one behind: it is right to do this again later.
    package static func removeErased(_ tx: TenantTransaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM audit_addresses WHERE tenant_id = $1
                AND key_id IN (SELECT id FROM keys WHERE tenant_id = $1 AND kind = 'subject' AND erased_at IS NOT NULL)
            """, [tx.tenant])
    }

    /// Removes the names of events that retention has taken out.
    static func removePruned(_ tenant: TenantID, before index: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            DELETE FROM audit_addresses WHERE tenant_id = $1
                AND event_id IN (SELECT event_id FROM audit_leaves WHERE tenant_id = $1 AND leaf_index < $2)
            """, [.text("\(tenant)"), .int(index)])
    }
}
