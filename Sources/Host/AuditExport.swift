// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage

/// A tenant's events in the order of their places, page after page, with what they tell of persons opened.
///
/// The end is fixed when the export begins: all that the newest checkpoint covers. What lies before it never changes, so each page is
/// a transaction of its own, and between two pages nothing is held: not a connection, not a snapshot, and one page of memory.
package struct AuditExport: AsyncSequence, Sendable {
    package typealias Element = [AuditExportRow]
    package typealias Failure = any Error

    /// Events in one page; with their proofs a few kilobytes each.
    static let pageSize: Int64 = 250

    private let database: any Database
    private let encryption: EncryptionService
    private let scope: TenantScope
    private let places: Range<Int64>
    private let proofs: Bool
    private let first: [AuditProofs.ProvenRow]

    /// Fixes the end and reads the first page, so that what cannot be exported fails before anything is sent.
    ///
    /// - Parameters:
    ///   - index: the first place.
    ///   - limit: so many places at most; nil for all of them.
    ///   - proofs: whether each event carries its proof.
    package init(
        _ database: any Database, _ encryption: EncryptionService, _ scope: TenantScope, from index: Int64 = 0, limit: Int64? = nil,
        proofs: Bool
    ) async throws {
        let end = try await database.read(scope) { tx in try AuditProofs.checkpoint(of: tx.scope.tenant, on: tx)?.size ?? 0 }
        let start = Swift.min(Swift.max(index, 0), end)
        places = start..<Swift.min(end, limit.map { start.addingReportingOverflow($0) }.map { $0.overflow ? end : $0.partialValue } ?? end)
        (self.database, self.encryption, self.scope, self.proofs) = (database, encryption, scope, proofs)
        first = try await Self.page(database, scope, places, proofs: proofs)
    }

    package func makeAsyncIterator() -> Iterator { Iterator(export: self) }

    /// Reads the next page when it is asked for, and not before.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let export: AuditExport
        private var last: [AuditProofs.ProvenRow]?

        fileprivate init(export: AuditExport) { self.export = export }

        package mutating func next() async throws -> Element? {
            let page: [AuditProofs.ProvenRow]
            if let last {
                guard let place = last.last?.row.index, place + 1 < export.places.upperBound else { return nil }
                let rest = (place + 1)..<export.places.upperBound
                page = try await AuditExport.page(export.database, export.scope, rest, proofs: export.proofs)
            } else {
                page = export.first
            }
            last = page
            return page.isEmpty ? nil : try await export.encryption.exported(page)
        }
    }

    private static func page(
        _ database: any Database, _ scope: TenantScope, _ places: Range<Int64>, proofs: Bool
    ) async throws -> [AuditProofs.ProvenRow] {
        guard !places.isEmpty else { return [] }
        return try await database.read(scope) { tx in
            // Pruned events leave gaps in the places, and a page must not reach over the end for that.
            try AuditProofs.page(
                of: tx.scope.tenant, from: places.lowerBound, limit: Swift.min(Int64(places.count), pageSize), proofs: proofs, on: tx
            ).filter { places.contains($0.row.index ?? -1) }
        }
    }
}
