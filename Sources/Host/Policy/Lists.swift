// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage

extension Host {
    /// A page of the payments that may be seen, with their refunds, the newest first.
    package func payments(
        _ permit: ListPermit, invoice: String?, after cursor: String?, limit: Int
    ) async throws -> (rows: [Payment], next: String?) {
        try permit.require(.pluginRead)
        let filters = invoice.map { ["invoice": $0] } ?? [:]
        return try await page(of: "payments", permit, filters: filters, after: cursor) { tx, place in
            let payments = PaymentRepository(tx)
            return try payments.page(permit, invoice: invoice, behind: place, limit: limit).map {
                try $0.view(refunds: try payments.refunds(of: $0.id))
            }
        }
    }

    /// A page of the notifications that may be seen, the newest first.
    package func notifications(_ permit: ListPermit, after cursor: String?, limit: Int) async throws -> (
        rows: [NotificationView], next: String?
    ) {
        try permit.require(.pluginRead)
        return try await page(of: "notifications", permit, after: cursor) { tx, place in
            try NotificationRepository(tx).page(permit, behind: place, limit: limit).map(NotificationView.init(record:))
        }
    }

    /// A page of the tenant's users that may be seen, in the order in which they were made.
    package func users(_ permit: ListPermit, after cursor: String?, limit: Int) async throws -> (rows: [UserRecord], next: String?) {
        try permit.require(.userRead)
        return try await page(of: "users", permit, after: cursor) { try UserRepository($0).page(permit, behind: $1, limit: limit) }
    }
}
