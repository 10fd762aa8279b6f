// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Values

/// One of everything that a tenant can have, by its ids: `acme`'s, or made up.
struct IsolationTarget: Sendable {
    /// In every text of the rows, so that a text that leaks is recognised.
    var word: String
    var tenant = TenantID.make()
    var user = UserID.make()
    var session = SessionID.make()
    var device = DeviceID.make()
    var apiKey = APIKeyID.make()
    var key = KeyID.make()
    var instance = InstanceID.make()
    var payment = PaymentID.make()
    var refund = RefundID.make()
    var attempt = CallID.make()
    var webhook = EventID.make()
    var enrollment = EnrollmentID.make()
    var challenge = ChallengeID.make()
    var notification = NotificationID.make()
    var review = ReviewID.make()
    var token = SecureRandom.bytes(32)

    var tokenRecord: OneTimeTokenRecord {
        OneTimeTokenRecord(
            tenant: tenant, hash: token, purpose: .device, user: user, detail: ["word": .string(word)], createdAt: TestDatabase.now,
            expiresAt: TestDatabase.now + 1_000_000)
    }

    var emailChange: EmailChange {
        EmailChange(
            id: word, user: user, epoch: 2, address: Sealed(text: "01:02:03", keyID: word, keyVersion: 1), createdAt: TestDatabase.now,
            expiresAt: TestDatabase.now + 1_000_000)
    }

    /// An address of its own: the first letters of its word.
    var range: NetworkPrefix {
        guard let address = IPAddress(bytes: Array(word.utf8.prefix(4))) else { preconditionFailure("a word of four letters at least") }
        return NetworkPrefix(around: address, length: 32)
    }

    /// An outcome without what differs between two targets only because it was asked for.
    func anonymous(_ text: String) -> String {
        var text = text
        for id in [
            tenant.description, user.description, session.description, device.description, apiKey.description, key.description,
            instance.description,
            payment.description,
            refund.description, attempt.description, webhook.description, enrollment.description, challenge.description,
            notification.description, range.description, word, "\(token)", review.description,
        ] { text = text.replacing(id, with: "_") }
        return text
    }

    var lease: JobLease { JobLease(name: word, tenant: tenant, holder: word, fence: 1, until: TestDatabase.now) }

    var notificationRecord: NotificationRecord {
        NotificationRecord(
            id: notification, instance: instance, plugin: plugin("stripe"), dedupeKey: word, eventType: "invoice.paid", message: "{}",
            status: .queued, dropsUnknown: false, attempts: 0, dueAt: TestDatabase.now, createdAt: TestDatabase.now)
    }

    /// The same after the first claim.
    var claimedNotification: NotificationRecord {
        var record = notificationRecord
        record.attempts = 1
        return record
    }

    var claimedWebhook: WebhookEventRecord {
        WebhookEventRecord(
            id: webhook, instance: word, eventID: word, sealed: Sealed(text: "01:02:03", keyID: word, keyVersion: 1), tries: 1, dueAt: 0,
            receivedAt: 0)
    }

    var paymentRecord: PaymentRecord {
        PaymentRecord(
            id: payment, plugin: "stripe", instance: instance.description, merchantReference: word, status: "created", amountMinor: 5,
            currency: "EUR", capture: "automatic", providerPaymentID: word, invoice: word, holdsInvoice: true, customerReference: word,
            createdAt: TestDatabase.now, updatedAt: TestDatabase.now)
    }

    func refundRecord(_ id: RefundID? = nil) -> RefundRecord {
        RefundRecord(
            id: id ?? refund, payment: payment, instance: instance.description, amountMinor: 5, currency: "EUR", status: "created",
            reason: word, providerRefundID: id == nil ? word : nil, createdAt: TestDatabase.now, updatedAt: TestDatabase.now)
    }

    func attemptRecord(_ id: CallID? = nil) -> PaymentAttemptRecord {
        PaymentAttemptRecord(
            id: id ?? attempt, payment: payment, operation: "capture_payment", providerKey: word, group: 0, isExclusive: id == nil,
            hostRun: word, leaseUntil: TestDatabase.now, startedAt: TestDatabase.now)
    }

    func enrollmentRecord(_ id: EnrollmentID? = nil) -> EnrollmentRecord {
        EnrollmentRecord(
            id: id ?? enrollment, instance: instance, plugin: plugin("stripe"), userRef: word,
            destination: Sealed(text: "01:02:03", keyID: word, keyVersion: 1), hint: word, status: .pending, createdAt: TestDatabase.now,
            expiresAt: TestDatabase.now + 1_000_000)
    }

    func challengeRecord(_ id: ChallengeID? = nil) -> ChallengeRecord {
        ChallengeRecord(
            id: id ?? challenge, enrollment: enrollment, purpose: "enroll", nonceHash: word,
            code: Sealed(text: "01:02:03", keyID: word, keyVersion: 1), status: .created, attempts: 0,
            requestKey: id == nil ? word : "other", createdAt: TestDatabase.now, expiresAt: TestDatabase.now + 1_000_000)
    }

    /// Writes the rows into a tenant's transaction.
    func furnish(_ tx: TenantTransaction) throws {
        let (now, text) = (SQLValue.int(TestDatabase.now), SQLValue.text(word))
        try tx.execute(
            """
            INSERT INTO users (tenant_id, id, email, name, password_hash, password_changed_at, status, epoch, active_since, created_at,
                updated_at)
            VALUES ($1, $2, $3, $3, $3, $4, 'active', 1, $4, $4, $4)
            """, [tx.tenant, .text(user.description), text, now])
        try UserRepository(tx).grant("ADMIN", to: user, at: TestDatabase.now)
        try PolicyUsageRepository(tx).add([PolicyUse(.role, word): 1], on: 5)
        _ = try LoginCounter(tx, user: user, factor: "password").claim(now: TestDatabase.now) { _ in 0 }
        try tx.execute(
            """
            INSERT INTO devices (tenant_id, id, user_id, name, created_at, last_seen_at, trusted_until) VALUES ($1, $2, $3, $4, $5, $5, $5)
            """, [tx.tenant, .text(device.description), .text(user.description), text, now])
        try tx.execute(
            """
            INSERT INTO sessions (tenant_id, id, user_id, methods, created_at, expires_at, device_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                tx.tenant, .text(session.description), .text(user.description), .text("[\"\(word)\"]"), now,
                .int(TestDatabase.now + 1_000_000), .text(device.description),
            ])
        try tx.execute(
            """
            INSERT INTO api_keys (tenant_id, id, name, hash, patterns, issued_by, created_at, expires_at)
            VALUES ($1, $2, $3, '00', '[]', $3, $4, $5)
            """, [tx.tenant, .text(apiKey.description), text, now, .int(TestDatabase.now + 1_000_000)])
        try OneTimeTokenRepository(tx).insert(tokenRecord)
        try EmailChangeRepository(tx).begin(emailChange)
        _ = try TenantEdgeRepository(tx).set(range, .deny, by: word, at: TestDatabase.now)
        _ = try TenantEdgeRepository(tx).add("https://\(word)", by: word, at: TestDatabase.now)
        try SignInLanes(tx, user: user).remember(SignInOrigin(places: [word]), now: TestDatabase.now)
        var policy = AccountPolicy()
        policy.accountURL = "https://\(word).example/account"
        try AccountPolicyRepository(tx).set(policy, by: word, at: TestDatabase.now)
        try AccessReviewRepository(tx).insert(
            AccessReview(id: review, name: word, createdAt: TestDatabase.now, createdBy: word),
            [AccessReview.Line(number: 1, user: user, name: "ADMIN", expiresAt: nil, permissions: [word])])
        let plugins = PluginRepository(tx)
        _ = try plugins.decide(
            plugin("stripe"), version: "1.0.0", hash: "hash-1.0.0", status: .enabled, approved: .string(word), by: word,
            at: TestDatabase.now)
        try tx.execute(
            "INSERT INTO plugin_instances (tenant_id, id, plugin_id, label, created_at) VALUES ($1, $2, 'stripe', $3, $4)",
            [tx.tenant, .text(instance.description), text, now])
        try PluginConfigRepository(tx).set(
            PluginConfigField(field: word, content: .plain(.string(word)), updatedAt: TestDatabase.now, updatedBy: word), of: instance)
        try PluginStorageRepository(tx, plugin: plugin("stripe")).set(word, to: .string(word), quota: 1_000, at: TestDatabase.now)
        _ = try PluginStopRepository(tx).quarantine(word, reason: word, by: word, at: TestDatabase.now)
        try PaymentRepository(tx).insert(paymentRecord)
        try PaymentRepository(tx).insert(refundRecord())
        _ = try PaymentAttemptRepository(tx).open(attemptRecord())
        _ = try PaymentIdempotencyRepository(tx).insert(
            IdempotencyRecord(
                operation: word, keyHash: word, bodyHash: word, resource: word, attempt: attempt.description, leaseUntil: 0, createdAt: 0,
                expiresAt: .max))
        try PaymentWebhookRepository(tx).replaceEndpoint(id: .make(), instance: word, tokenHash: word, nowMs: 0)
        _ = try PaymentWebhookRepository(tx).insert(
            WebhookEventRecord(
                id: webhook, instance: word, eventID: word, sealed: Sealed(text: "01:02:03", keyID: word, keyVersion: 1), dueAt: 0,
                receivedAt: 0))
        try FactorRepository(tx).insert(enrollmentRecord())
        try FactorRepository(tx).insert(challengeRecord())
        try furnishFactors(tx)
        try FactorRepository(tx).recordSend(subject: word, id: challenge, at: TestDatabase.now)
        _ = try NotificationRepository(tx).insert(notificationRecord)
        _ = try JobLeases(tx).acquire(word, holder: word, milliseconds: 1_000_000, at: TestDatabase.now)
    }
}

extension IsolationTarget {
    func userFactor(_ status: UserFactorRecord.Status = .pending, _ factor: FactorName = .totp) -> UserFactorRecord {
        UserFactorRecord(
            user: user, factor: factor, status: status, basis: .secret(Sealed(text: "01:02:03", keyID: word, keyVersion: 1)), hint: word,
            createdAt: TestDatabase.now, expiresAt: TestDatabase.now + 1_000_000)
    }

    /// A factor that was begun, one that is active, a code on paper and a policy.
    func furnishFactors(_ tx: TenantTransaction) throws {
        let factors = UserFactorRepository(tx)
        let active = userFactor(.pending, .plugin(plugin("stripe")))
        _ = try factors.begin(active)
        _ = try factors.activate(active, counter: 1, at: TestDatabase.now)
        _ = try factors.begin(userFactor())
        try factors.replaceBackupCodes([token], of: user, at: TestDatabase.now)
        var policy = FactorPolicy.standard
        policy.requiredRoles = [word]
        try factors.setPolicy(policy, by: word, at: TestDatabase.now)
    }
}
