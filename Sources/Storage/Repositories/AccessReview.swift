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
    /// How many lines it has, and about how many of them nobody has decided.
    package var lineCount: Int64 = 0
    package var undecidedCount: Int64 = 0

    package init(id: ReviewID, name: String, isOpen: Bool = true, createdAt: Int64, createdBy: String, closedAt: Int64? = nil) {
        (self.id, self.name, self.isOpen, self.createdAt, self.createdBy) = (id, name, isOpen, createdAt, createdBy)
        self.closedAt = closedAt
    }
}

extension AccessReview {
    /// One thing that somebody held when the review began.
    package struct Line: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable {
            /// A role of a user, guests among them.
            case role
            /// A rule that a user has for themself.
            case rule
            /// A program's key.
            case apiKey = "api_key"
        }
        package enum Decision: String, Sendable, Hashable { case keep, revoke }

        /// From 1 on.
        package var number: Int64
        package var kind: Kind
        /// Who has it, or who issued the key: nobody decides about their own.
        package var user: UserID?
        /// The role, the rule's id, or what the key is called.
        package var name: String
        package var key: APIKeyID?
        /// Who issued the key, as an audit actor.
        package var issuedBy: String?
        package var lastUsedAt: Int64?
        /// Of a key: nobody had used it for as long as makes an account dormant.
        package var isUnused = false
        package var expiresAt: Int64?
        /// What it gave them.
        package var permissions: [String]
        package var decision: Decision?
        package var reviewer: String?
        /// What came of it when the review was closed: `kept`, `revoked`, or why nothing was done.
        package var result: String?
        /// The user's address as it is when the line is looked at; it is not stored with it.
        package var email: String?
        /// Whether the user is a guest, whose account belongs to another tenant.
        package var isGuest = false

        package init(
            number: Int64, _ kind: Kind = .role, user: UserID?, name: String, key: APIKeyID? = nil, issuedBy: String? = nil,
            lastUsedAt: Int64? = nil, isUnused: Bool = false, expiresAt: Int64?, permissions: [String]
        ) {
            (self.number, self.kind, self.user, self.name, self.key) = (number, kind, user, name, key)
            (self.issuedBy, self.lastUsedAt, self.isUnused) = (issuedBy, lastUsedAt, isUnused)
            (self.expiresAt, self.permissions) = (expiresAt, permissions)
        }

        /// What holds it, as the audit trail names it.
        package var holder: String { key.map { "api_key:\($0)" } ?? "user:\(user?.description ?? "")" }
    }
}

/// Marks the identifiers of access reviews.
package enum ReviewSubject {}
/// Names an access review.
package typealias ReviewID = Identifier<ReviewSubject>
