// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// A second factor that a user has set up through a plugin.
package struct EnrollmentRecord: Sendable, Hashable {
    package enum Status: String, Sendable { case pending, active, suspended, revoked }

    package var id: EnrollmentID
    package var instance: InstanceID
    package var plugin: PluginID
    package var userRef: String
    /// Where codes go, sealed.
    package var destination: Sealed
    /// What may be shown of the destination.
    package var hint: String
    package var status: Status
    package var createdAt: Int64
    /// Until when a pending enrolment may be completed.
    package var expiresAt: Int64?

    package init(
        id: EnrollmentID, instance: InstanceID, plugin: PluginID, userRef: String, destination: Sealed, hint: String, status: Status,
        createdAt: Int64, expiresAt: Int64?
    ) {
        self.id = id
        self.instance = instance
        self.plugin = plugin
        self.userRef = userRef
        self.destination = destination
        self.hint = hint
        self.status = status
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// One code that was sent and waits to be typed in.
package struct ChallengeRecord: Sendable, Hashable {
    package enum Status: String, Sendable { case created, sent, failed, accepted, expired, canceled, locked }

    package var id: ChallengeID
    package var enrollment: EnrollmentID
    package var purpose: String
    /// SHA-256 of the nonce of the session that asked.
    package var nonceHash: String
    package var code: Sealed
    package var status: Status
    /// Wrong answers so far.
    package var attempts: Int
    /// The caller's idempotency key: the same key finds the same challenge.
    package var requestKey: String
    package var createdAt: Int64
    package var expiresAt: Int64

    package init(
        id: ChallengeID, enrollment: EnrollmentID, purpose: String, nonceHash: String, code: Sealed, status: Status, attempts: Int,
        requestKey: String, createdAt: Int64, expiresAt: Int64
    ) {
        self.id = id
        self.enrollment = enrollment
        self.purpose = purpose
        self.nonceHash = nonceHash
        self.code = code
        self.status = status
        self.attempts = attempts
        self.requestKey = requestKey
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// Second factors of one tenant.
package struct FactorRepository {
    private let transaction: TenantTransaction

    package init(_ transaction: TenantTransaction) {
        self.transaction = transaction
    }

    // MARK: Enrolments

    package func insert(_ enrollment: EnrollmentRecord) throws {
        try transaction.execute(
            """
            INSERT INTO factor_enrollments
                (tenant_id, id, instance_id, plugin_id, user_ref, destination, key_id, key_version, hint, status, created_at, updated_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """,
            [
                transaction.tenant, .text(enrollment.id.description), .text(enrollment.instance.description),
                .text(enrollment.plugin.description), .text(enrollment.userRef), .text(enrollment.destination.text),
                .text(enrollment.destination.keyID), .int(Int64(enrollment.destination.keyVersion)), .text(enrollment.hint),
                .text(enrollment.status.rawValue), .int(enrollment.createdAt), .int(enrollment.createdAt),
                .int(orNull: enrollment.expiresAt),
            ])
    }

    package func enrollment(_ id: EnrollmentID) throws -> EnrollmentRecord? {
        try transaction.query(
            "SELECT * FROM factor_enrollments WHERE tenant_id = $1 AND id = $2", [transaction.tenant, .text(id.description)]
        ).first.map(EnrollmentRecord.init(row:))
    }

    /// The enrolment becomes active, if it is still pending.
    package func activate(_ id: EnrollmentID, at now: Int64) throws -> Bool {
        try transaction.execute(
            """
            UPDATE factor_enrollments SET status = 'active', expires_at = NULL, updated_at = $3
            WHERE tenant_id = $1 AND id = $2 AND status = 'pending' AND expires_at > $3
            """,
            [transaction.tenant, .text(id.description), .int(now)]) == 1
    }

    /// Nothing is sent to the enrolment any more, and no answer of it is right.
    package func revoke(_ id: EnrollmentID, at now: Int64) throws {
        try transaction.execute(
            "UPDATE factor_enrollments SET status = 'revoked', expires_at = NULL, updated_at = $3 WHERE tenant_id = $1 AND id = $2",
            [transaction.tenant, .text(id.description), .int(now)])
    }

    // MARK: Challenges

    package func insert(_ challenge: ChallengeRecord) throws {
        try transaction.execute(
            """
            INSERT INTO factor_challenges
                (tenant_id, id, enrollment_id, purpose, nonce_hash, code, key_id, key_version, status, attempts, request_key, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """,
            [
                transaction.tenant, .text(challenge.id.description), .text(challenge.enrollment.description), .text(challenge.purpose),
                .text(challenge.nonceHash), .text(challenge.code.text), .text(challenge.code.keyID), .int(Int64(challenge.code.keyVersion)),
                .text(challenge.status.rawValue), .int(Int64(challenge.attempts)), .text(challenge.requestKey), .int(challenge.createdAt),
                .int(challenge.expiresAt),
            ])
    }

    package func challenge(_ id: ChallengeID) throws -> ChallengeRecord? {
        try transaction.query(
            "SELECT * FROM factor_challenges WHERE tenant_id = $1 AND id = $2", [transaction.tenant, .text(id.description)]
        ).first.map(ChallengeRecord.init(row:))
    }

    package func challenge(of enrollment: EnrollmentID, requestKey: String) throws -> ChallengeRecord? {
        try transaction.query(
            "SELECT * FROM factor_challenges WHERE tenant_id = $1 AND enrollment_id = $2 AND request_key = $3",
            [transaction.tenant, .text(enrollment.description), .text(requestKey)]
        ).first.map(ChallengeRecord.init(row:))
    }

    /// The challenge that an enrolment's first request made.
    package func challenge(requestKey: String) throws -> ChallengeRecord? {
        try transaction.query(
            "SELECT * FROM factor_challenges WHERE tenant_id = $1 AND request_key = $2 AND purpose = 'enroll'",
            [transaction.tenant, .text(requestKey)]
        ).first.map(ChallengeRecord.init(row:))
    }

    /// The challenge that was sent last to an enrolment for this nonce and purpose.
    package func challenge(of enrollment: EnrollmentID, nonceHash: String, purpose: String) throws -> ChallengeRecord? {
        try transaction.query(
            """
            SELECT * FROM factor_challenges WHERE tenant_id = $1 AND enrollment_id = $2 AND nonce_hash = $3 AND purpose = $4
            ORDER BY created_at DESC, id DESC LIMIT 1
            """, [transaction.tenant, .text(enrollment.description), .text(nonceHash), .text(purpose)]
        ).first.map(ChallengeRecord.init(row:))
    }

    /// Moves a challenge on, if it is still in `from`. One statement: of two answers at once, one wins.
    package func move(_ id: ChallengeID, from: [ChallengeRecord.Status], to: ChallengeRecord.Status) throws -> Bool {
        let states = from.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try transaction.execute(
            "UPDATE factor_challenges SET status = $3 WHERE tenant_id = $1 AND id = $2 AND status IN (\(states))",
            [transaction.tenant, .text(id.description), .text(to.rawValue)]) == 1
    }

    /// Takes one attempt, before the answer is looked at; nil when none is left or the challenge is over.
    ///
    /// One statement, so that any number of guesses at once never get more than `limit` looks.
    package func takeAttempt(_ id: ChallengeID, limit: Int, at now: Int64) throws -> Int? {
        try transaction.query(
            """
            UPDATE factor_challenges SET attempts = attempts + 1
            WHERE tenant_id = $1 AND id = $2 AND status IN ('created', 'sent') AND attempts < $3 AND expires_at > $4
            RETURNING attempts
            """,
            [transaction.tenant, .text(id.description), .int(Int64(limit)), .int(now)]
        ).first.map { try Int($0.int("attempts")) }
    }

    // MARK: Limits

    package func recordSend(subject: String, id: ChallengeID, at now: Int64) throws {
        try transaction.execute(
            "INSERT INTO factor_sends (tenant_id, subject, id, sent_at) VALUES ($1, $2, $3, $4)",
            [transaction.tenant, .text(subject), .text(id.description), .int(now)])
    }

    /// When the newest sends to `subject` since `since` happened, newest first.
    package func sends(to subject: String, since: Int64) throws -> [Int64] {
        try transaction.query(
            "SELECT sent_at FROM factor_sends WHERE tenant_id = $1 AND subject = $2 AND sent_at > $3 ORDER BY sent_at DESC LIMIT 10000",
            [transaction.tenant, .text(subject), .int(since)]
        ).map { try $0.int("sent_at") }
    }
}

extension EnrollmentRecord {
    fileprivate init(row: Row) throws {
        guard let id = EnrollmentID(try row.text("id")), let instance = InstanceID(try row.text("instance_id")),
            let plugin = PluginID(try row.text("plugin_id")), let status = Status(rawValue: try row.text("status"))
        else { throw StorageError(.unexpectedValue, "an enrolment row that this program cannot have written") }
        self.init(
            id: id, instance: instance, plugin: plugin, userRef: try row.text("user_ref"),
            destination: Sealed(text: try row.text("destination"), keyID: try row.text("key_id"), keyVersion: try row["key_version"]),
            hint: try row.text("hint"), status: status, createdAt: try row.int("created_at"), expiresAt: try row["expires_at"])
    }
}

extension ChallengeRecord {
    fileprivate init(row: Row) throws {
        guard let id = ChallengeID(try row.text("id")), let enrollment = EnrollmentID(try row.text("enrollment_id")),
            let status = Status(rawValue: try row.text("status"))
        else { throw StorageError(.unexpectedValue, "a challenge row that this program cannot have written") }
        self.init(
            id: id, enrollment: enrollment, purpose: try row.text("purpose"), nonceHash: try row.text("nonce_hash"),
            code: Sealed(text: try row.text("code"), keyID: try row.text("key_id"), keyVersion: try row["key_version"]), status: status,
            attempts: try row["attempts"], requestKey: try row.text("request_key"), createdAt: try row.int("created_at"),
            expiresAt: try row.int("expires_at"))
    }
}
