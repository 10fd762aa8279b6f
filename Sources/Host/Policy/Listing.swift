// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

extension Host {
    /// The decision about a list: whether there may be anything in it for the caller, or a denial that stands in their audit trail.
    package func admitListing(
        _ principal: Principal, to action: Action, in tenant: String?, at origin: CallOrigin, isRepeated: Bool = false
    ) async throws -> ListPermit {
        let tenant = tenant ?? principal.slug.description
        let permit: ListPermit
        do {
            // Of a list that is seen in part each thing that is decided about is noted when it is.
            let isWhole = principal.permissions.covers(action)
            do {
                permit = try authorizer.authorizeListing(principal, to: action, in: tenant)
                if isWhole { usage.note(principal, action, on: nil) }
            } catch {
                if authorizer.isAtHome(principal, in: tenant) { usage.note(principal, action, on: nil) }
                throw error
            }
        } catch let denial as Denial {
            try await audit.recordDenial(denial, of: principal, action: action, resource: "tenant:\(tenant.prefix(63))", origin)
            throw denial
        }
        if principal.isActing, !isRepeated { try await audit.recordAct(of: permit.principal, permit.action, permit.scope, origin) }
        return permit
    }

    /// One page of a list, of which everybody sees their part; and the cursor of the next one, where there may be one.
    ///
    /// A cursor shows nothing, and is good for its tenant, its list with these filters, and whom it was made for.
    ///
    /// - Parameter body: reads the page behind a place.
    package func page<Row: Sendable>(
        of list: String, _ permit: ListPermit, filters: [String: String] = [:], after cursor: String?,
        _ body: @escaping @Sendable (TenantTransaction, _ behind: String?) throws -> ListedPage<Row>
    ) async throws -> (rows: [Row], next: String?) {
        let query = JSON.serialize([
            "list": .string(list), "filters": .map(filters.mapValues(Value.string)), "for": .string(permit.principal.actor),
        ])
        var place: String?
        if let cursor {
            do {
                place = try cursors.open(cursor, tenant: permit.scope.tenant, query: query).id
            } catch {
                throw HostError(.invalidRequest, error.description, fields: [.init(field: "cursor", message: error.description)])
            }
        }
        let page = try await database.read(permit.scope) { [place] in try body($0, place) }
        if !permit.principal.permissions.covers(permit.action) {
            for resource in page.decided { usage.note(permit.principal, permit.action, on: resource) }
        }
        return (page.rows, try page.last.map { try cursors.seal(CursorPosition(0, id: $0), tenant: permit.scope.tenant, query: query) })
    }
}
