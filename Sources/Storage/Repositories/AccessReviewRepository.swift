// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

/// The access reviews of one tenant.
package struct AccessReviewRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Stores a new review with its lines.
    package func insert(_ review: AccessReview, _ lines: [AccessReview.Line]) throws {
        try tx.execute(
            "INSERT INTO access_reviews (tenant_id, id, name, status, created_at, created_by) VALUES ($1, $2, $3, 'open', $4, $5)",
            [tx.tenant, .text(review.id.description), .text(review.name), .int(review.createdAt), .text(review.createdBy)])
        for line in lines {
            try tx.execute(
                """
                INSERT INTO access_review_lines
                    (tenant_id, review_id, line, kind, user_id, name, api_key, issued_by, last_used_at, unused, expires_at, permissions)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                """,
                [
                    tx.tenant, .text(review.id.description), .int(line.number), .text(line.kind.rawValue),
                    .text(orNull: line.user?.description), .text(line.name), .text(orNull: line.key?.description),
                    .text(orNull: line.issuedBy), .int(orNull: line.lastUsedAt), .int(line.isUnused ? 1 : 0),
                    .int(orNull: line.expiresAt), .text(StoredList.text(line.permissions)),
                ])
        }
    }

    /// A review without its lines.
    package func find(_ id: ReviewID) throws -> AccessReview? {
        try tx.query("\(Self.select) WHERE r.tenant_id = $1 AND r.id = $2", [tx.tenant, .text(id.description)])
            .first.map(AccessReview.init(row:))
    }

    /// One page of the reviews, the newest first.
    package func page(after id: ReviewID?, limit: Int) throws -> [AccessReview] {
        try tx.query(
            "\(Self.select) WHERE r.tenant_id = $1 AND ($2 = '' OR r.id < $2) ORDER BY r.id DESC LIMIT $3",
            [tx.tenant, .text(id?.description ?? ""), .int(Int64(limit))]
        ).map(AccessReview.init(row:))
    }

    /// The lines of a review after a number, in their order.
    package func lines(of id: ReviewID, after number: Int64 = 0, limit: Int = .max) throws -> [AccessReview.Line] {
        try tx.query(
            """
            SELECT l.*, u.email, u.home_user FROM access_review_lines l
                LEFT JOIN users u ON u.tenant_id = l.tenant_id AND u.id = l.user_id
            WHERE l.tenant_id = $1 AND l.review_id = $2 AND l.line > $3 ORDER BY l.line LIMIT $4
            """, [tx.tenant, .text(id.description), .int(number), .int(Int64(limit))]
        ).map(AccessReview.Line.init(row:))
    }

    /// Writes what a reviewer decided about a line of an open review; false when there is no such line, or the review is closed.
    package func decide(_ id: ReviewID, line: Int64, _ decision: AccessReview.Line.Decision, by reviewer: String, at now: Int64) throws
        -> Bool
    {
        // Holds the review open until this is committed.
        let isOpen = try tx.execute(
            "UPDATE access_reviews SET status = 'open' WHERE tenant_id = $1 AND id = $2 AND status = 'open'",
            [tx.tenant, .text(id.description)])
        guard isOpen == 1 else { return false }
        return try tx.execute(
            """
            UPDATE access_review_lines SET decision = $4, reviewer = $5, decided_at = $6
            WHERE tenant_id = $1 AND review_id = $2 AND line = $3
            """,
            [tx.tenant, .text(id.description), .int(line), .text(decision.rawValue), .text(reviewer), .int(now)]) == 1
    }

    /// Closes a review; false when it is closed already, so that of two at once one carries it out.
    package func close(_ id: ReviewID, by actor: String, at now: Int64) throws -> Bool {
        try tx.execute(
            "UPDATE access_reviews SET status = 'closed', closed_at = $3, closed_by = $4 WHERE tenant_id = $1 AND id = $2 AND status = 'open'",
            [tx.tenant, .text(id.description), .int(now), .text(actor)]) == 1
    }

    /// Writes what came of a line.
    package func setResult(_ id: ReviewID, line: Int64, _ result: String) throws {
        try tx.execute(
            "UPDATE access_review_lines SET result = $4 WHERE tenant_id = $1 AND review_id = $2 AND line = $3",
            [tx.tenant, .text(id.description), .int(line), .text(result)])
    }

    private static let select = """
        SELECT r.*,
            (SELECT count(*) FROM access_review_lines l WHERE l.tenant_id = r.tenant_id AND l.review_id = r.id) AS line_count,
            (SELECT count(*) FROM access_review_lines l WHERE l.tenant_id = r.tenant_id AND l.review_id = r.id AND l.decision IS NULL)
                AS undecided_count
        FROM access_reviews r
        """
}

extension AccessReview {
    fileprivate init(row: Row) throws {
        self.init(
            id: try row.id("id"), name: try row["name"], isOpen: try row.text("status") == "open", createdAt: try row["created_at"],
            createdBy: try row["created_by"], closedAt: try row["closed_at"])
        (lineCount, undecidedCount) = (try row["line_count"], try row["undecided_count"])
    }
}

extension AccessReview.Line {
    fileprivate init(row: Row) throws {
        self.init(
            number: try row["line"], try row.choice("kind"), user: try row.optionalID("user_id"), name: try row["name"],
            key: try row.optionalID("api_key"), issuedBy: try row["issued_by"], lastUsedAt: try row["last_used_at"],
            isUnused: try row.int("unused") == 1, expiresAt: try row["expires_at"], permissions: try StoredList.read(row, "permissions"))
        let (decision, home): (String?, String?) = (try row["decision"], try row["home_user"])
        self.decision = try decision == nil ? nil : row.choice("decision")
        (reviewer, result, email, isGuest) = (try row["reviewer"], try row["result"], try row["email"], home != nil)
    }
}
