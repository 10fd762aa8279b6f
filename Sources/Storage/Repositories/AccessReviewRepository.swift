// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// A look at who holds what, and what was decided about it.
package struct AccessReview: Sendable, Hashable {
    package var id: ReviewID
    package var name: String
    package var isOpen: Bool
    package var createdAt: Int64
    package var createdBy: String
    package var closedAt: Int64?
    package var lines: [Line] = []

    /// One role of one user, as it stood when the review began.
    package struct Line: Sendable, Hashable {
        package enum Decision: String, Sendable, Hashable { case keep, revoke }

        /// From 1 on.
        package var number: Int64
        package var user: UserID
        package var role: String
        package var expiresAt: Int64?
        /// What the role gave them.
        package var permissions: [String]
        package var decision: Decision?
        package var reviewer: String?
        /// What came of it when the review was closed: `kept`, `revoked`, or why nothing was done.
        package var result: String?

        package init(number: Int64, user: UserID, role: String, expiresAt: Int64?, permissions: [String]) {
            (self.number, self.user, self.role, self.expiresAt, self.permissions) = (number, user, role, expiresAt, permissions)
        }
    }

    package init(id: ReviewID, name: String, isOpen: Bool = true, createdAt: Int64, createdBy: String, closedAt: Int64? = nil) {
        (self.id, self.name, self.isOpen, self.createdAt, self.createdBy) = (id, name, isOpen, createdAt, createdBy)
        self.closedAt = closedAt
    }
}

/// Marks the identifiers of access reviews.
package enum ReviewSubject {}
/// Names an access review.
package typealias ReviewID = Identifier<ReviewSubject>

/// The access reviews of one tenant.
package struct AccessReviewRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Stores a new review with its lines.
    package func insert(_ review: AccessReview) throws {
        try tx.execute(
            "INSERT INTO access_reviews (tenant_id, id, name, status, created_at, created_by) VALUES ($1, $2, $3, 'open', $4, $5)",
            [tx.tenant, .text(review.id.description), .text(review.name), .int(review.createdAt), .text(review.createdBy)])
        for line in review.lines {
            try tx.execute(
                """
                INSERT INTO access_review_lines (tenant_id, review_id, line, user_id, role, expires_at, permissions)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                [
                    tx.tenant, .text(review.id.description), .int(line.number), .text(line.user.description), .text(line.role),
                    .int(orNull: line.expiresAt), .text(StoredList.text(line.permissions)),
                ])
        }
    }

    /// A review with its lines.
    package func find(_ id: ReviewID) throws -> AccessReview? {
        guard
            var review = try tx.query(
                "SELECT * FROM access_reviews WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(id.description)]
            ).first.map(AccessReview.init(row:))
        else { return nil }
        review.lines = try tx.query(
            "SELECT * FROM access_review_lines WHERE tenant_id = $1 AND review_id = $2 ORDER BY line", [tx.tenant, .text(id.description)]
        ).map(AccessReview.Line.init(row:))
        return review
    }

    /// Every review without its lines, the newest first.
    package func all() throws -> [AccessReview] {
        try tx.query("SELECT * FROM access_reviews WHERE tenant_id = $1 ORDER BY created_at DESC, id DESC", [tx.tenant])
            .map(AccessReview.init(row:))
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
}

extension AccessReview {
    fileprivate init(row: Row) throws {
        self.init(
            id: try row.id("id"), name: try row["name"], isOpen: try row.text("status") == "open", createdAt: try row["created_at"],
            createdBy: try row["created_by"], closedAt: try row["closed_at"])
    }
}

extension AccessReview.Line {
    fileprivate init(row: Row) throws {
        self.init(
            number: try row["line"], user: try row.id("user_id"), role: try row["role"], expiresAt: try row["expires_at"],
            permissions: try StoredList.read(row, "permissions"))
        let decision: String? = try row["decision"]
        self.decision = try decision == nil ? nil : row.choice("decision")
        reviewer = try row["reviewer"]
        result = try row["result"]
    }
}
