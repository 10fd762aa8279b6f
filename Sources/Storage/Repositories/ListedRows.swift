// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// A row that rules can be about, of a list that is read in the order of its ids.
package protocol ListedRow: Sendable {
    /// What rules can tell apart.
    static var kind: ResourceKind { get }
    /// The row as rules see it.
    var resource: Resource { get }
    /// Where it stands: the list is in the order of these.
    var place: String { get }
}

extension PaymentRecord: ListedRow {
    package static let kind = ResourceKind("payment", hasOwner: true, attributes: ["plugin", "currency", "status"])

    package var resource: Resource {
        Resource(
            id: "payment:\(id)", owner: createdBy.flatMap(Principal.user(named:)),
            attributes: ["plugin": plugin, "currency": currency, "status": status])
    }

    package var place: String { id.description }
}

extension NotificationRecord: ListedRow {
    package static let kind = ResourceKind("notification", attributes: ["plugin", "event_type", "status"])

    package var resource: Resource {
        Resource(
            id: "notification:\(id)",
            attributes: ["plugin": plugin.description, "event_type": eventType, "status": status.rawValue])
    }

    package var place: String { id.description }
}

/// A user's row whose roles are read only once it is known that it is seen.
struct ListedUser: ListedRow {
    static let kind = ResourceKind("user", hasOwner: true)

    let id: UserID
    let row: Row

    init(_ row: Row) throws { (id, self.row) = (try row.id("id"), row) }

    var resource: Resource { Resource(id: "user:\(id)", owner: id) }

    var place: String { id.description }
}

/// The part of a list that a caller sees.
package struct ListedPage<Row: Sendable>: Sendable {
    package var rows: [Row]
    /// Behind which row the next page begins, nil at the end; it may be a row that the caller may not see.
    package var last: String?
    /// What was decided about, as far as that is worth counting.
    package var decided: [Resource]

    /// The same page with its rows as something else.
    package func map<T: Sendable>(_ body: (Row) throws -> T) rethrows -> ListedPage<T> {
        ListedPage<T>(rows: try rows.map(body), last: last, decided: decided)
    }
}

/// Which rows of a list are wanted, as a condition.
package enum ListPart: Sendable, Hashable {
    case all
    case owned(UserID)
    case these([String])

    /// The condition, to stand behind others, with its values.
    ///
    /// - Parameters:
    ///   - index: the first number of a parameter that is free.
    ///   - owner: the column that says whose a row is, and what stands there.
    func condition(from index: Int, owner: (UserID) -> (column: String, value: String)?) -> (sql: String, values: [SQLValue]) {
        switch self {
        case .all: return ("", [])
        case .owned(let user):
            guard let owner = owner(user) else { return (" AND 1 = 0", []) }
            return (" AND \(owner.column) = $\(index)", [.text(owner.value)])
        case .these(let ids):
            return (" AND id IN (\(ids.indices.map { "$\(index + $0)" }.joined(separator: ", ")))", ids.map(SQLValue.text))
        }
    }
}

extension ListPermit {
    /// Rows that are looked at for one page; what is left is for the next one.
    package static let mostLookedAt = 2000
    private static let batch = 200
    private static let mostHiddenCounted = 50

    /// One page of the rows of a transaction, which must be of the tenant that the permit is for.
    func page<Row: ListedRow>(
        in tx: TenantTransaction, behind place: String?, limit: Int, isDescending: Bool,
        fetch: (ListPart, _ behind: String?, _ count: Int) throws -> [Row]
    ) throws -> ListedPage<Row> {
        guard tx.scope == scope else { throw Denial.foreignTenant }
        return try page(behind: place, limit: limit, isDescending: isDescending, fetch: fetch)
    }

    /// One page of what may be seen: each row is asked about.
    ///
    /// Where the rules name what may be seen, only that is read; else rows are read and left out until the page is full, or until so many
    /// were looked at that the caller had better come again.
    ///
    /// - Parameters:
    ///   - place: behind which row the page begins.
    ///   - isDescending: the order that `fetch` reads in.
    ///   - fetch: reads at most so many rows of a part, behind a place.
    package func page<Row: ListedRow>(
        behind place: String?, limit: Int, isDescending: Bool, fetch: (ListPart, _ behind: String?, _ count: Int) throws -> [Row]
    ) throws -> ListedPage<Row> {
        let parts: [ListPart]
        switch reach(among: Row.kind) {
        case .nothing: return ListedPage(rows: [], last: nil, decided: [])
        case .anywhere: parts = [.all]
        case .only(let owner, let ids): parts = (owner.map { [.owned($0)] } ?? []) + (ids.isEmpty ? [] : [.these(ids)])
        }
        var (page, place, seen, hidden) = (ListedPage<Row>(rows: [], last: nil, decided: []), place, 0, 0)
        while seen < Self.mostLookedAt {
            // Of everything that may be seen a page's worth is enough.
            let count = min(max(limit - page.rows.count, seen == 0 ? 1 : Self.batch), Self.mostLookedAt - seen)
            let (rows, isEnd) = try Self.merged(parts, behind: place, count, isDescending, fetch)
            for row in rows {
                (place, seen) = (row.place, seen + 1)
                if permit(for: row.resource) != nil {
                    page.rows.append(row)
                    page.decided.append(row.resource)
                    if page.rows.count == limit {
                        page.last = place
                        return page
                    }
                } else {
                    hidden += 1
                    if hidden <= Self.mostHiddenCounted { page.decided.append(row.resource) }
                }
            }
            if isEnd { return page }
        }
        page.last = place
        return page
    }

    /// The next rows of several parts in their common order, each once; and whether there are no more.
    private static func merged<Row: ListedRow>(
        _ parts: [ListPart], behind place: String?, _ count: Int, _ isDescending: Bool,
        _ fetch: (ListPart, String?, Int) throws -> [Row]
    ) throws -> (rows: [Row], isEnd: Bool) {
        var (rows, isEnd, known) = ([Row](), true, Set<String>())
        for part in parts {
            let found = try fetch(part, place, count)
            if found.count >= count { isEnd = false }
            rows += found.filter { known.insert($0.place).inserted }
        }
        if parts.count > 1 { rows.sort { isDescending ? $0.place > $1.place : $0.place < $1.place } }
        if rows.count > count { isEnd = false }
        return (Array(rows.prefix(count)), isEnd)
    }
}
