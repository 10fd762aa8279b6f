// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

/// One operation of a repository on somebody's rows; answers what came of it as text.
struct IsolationOperation: Sendable, CustomTestStringConvertible {
    let name: String
    /// Whether it takes nothing that could be another tenant's.
    var isOwn = false
    let run: @Sendable (TenantTransaction, IsolationTarget) throws -> Any

    init(_ name: String, own: Bool = false, _ run: @escaping @Sendable (TenantTransaction, IsolationTarget) throws -> Any) {
        (self.name, isOwn, self.run) = (name, own, run)
    }

    var testDescription: String { name }

    /// What a caller learns: the result, or the error with its words.
    func outcome(_ tx: TenantTransaction, _ target: IsolationTarget) -> String {
        do {
            return "\(try run(tx, target))"
        } catch {
            return words(of: error)
        }
    }

    func words(of error: any Error) -> String {
        guard let error = error as? StorageError else { return "\(error)" }
        return "\(error.code): \(error.message)"
    }
}

extension IsolationOperation {
    private static let now = TestDatabase.now

    /// The proof that everything may be listed.
    static func listing(_ tx: TenantTransaction, _ action: Action) throws -> ListPermit {
        try ListPermit(SystemAuthority().permit(action, in: tx.scope.tenant, as: "test"))
    }

    static let all: [IsolationOperation] = identity + plugins + payments + webhooks + factors + rest

    /// Operations that take rows of the caller's own only, or a proof that only sign-in can make.
    static let exempt: Set<String> = [
        "UserRepository.create", "APIKeyRepository.insert", "SessionRepository.rotate", "OneTimeTokenRepository.insert",
        "UserRepository.invite", "AccountPolicyRepository.set", "AccessReviewRepository.insert",
        "DeviceRepository.use", "APIKeyRepository.rotate",
        "PluginRepository.catalogue", "PluginRepository.installed", "PluginRepository.files", "UserRepository.normalized",
        "PaymentIdempotencyRepository.insert", "PaymentWebhookRepository.replaceEndpoint", "PluginStopRepository.quarantine",
        "UserRepository.roles", "PolicyRepository.beginChange", "PolicyRepository.hold", "PolicyUsageRepository.day",
        "TenantEdgeRepository.begin",
        "TenantEdgeRepository.isNamed",
    ]

    private static let identity: [IsolationOperation] = [
        .init("UserRepository.find") { try UserRepository($0).find($1.user) as Any },
        .init("UserRepository.find") { try UserRepository($0).find(email: $1.word) as Any },
        .init("UserRepository.all") { tx, _ in try UserRepository(tx).all() },
        .init("UserRepository.setPassword") { try UserRepository($0).setPassword("x", of: $1.user, at: now) },
        .init("UserRepository.endEverything") { try UserRepository($0).endEverything(of: $1.user, at: now) },
        .init("UserRepository.setStatus") { try UserRepository($0).setStatus(.suspended, of: $1.user, at: now) },
        .init("UserRepository.grant") { try UserRepository($0).grant("BILLING_AGENT", to: $1.user, at: now) },
        .init("UserRepository.revoke") { try UserRepository($0).revoke("ADMIN", from: $1.user) },
        .init("PolicyRepository.load") { tx, _ in try PolicyRepository(tx).load().policy.value },
        .init("PolicyRepository.apply") { tx, target in
            try PolicyRepository(tx).apply(
                .assign(Policy.Assignment(target.user, "READ_ONLY")), SystemAuthority().permit(.userManage, in: tx.scope.tenant, as: "x"),
                correlation: "c", at: now
            ).value
        },
        .init("PolicyUsageRepository.add") { tx, target in
            try PolicyUsageRepository(tx).add([PolicyUse(.role, target.word): 1], on: 5)
            let name = SQLValue.text(target.word)
            let uses = try tx.query("SELECT uses FROM policy_usage WHERE tenant_id = $1 AND name = $2", [tx.tenant, name]).map(\.values)
            // What was not there before goes again: the next operation is to find the tenant's own.
            try tx.execute("DELETE FROM policy_usage WHERE tenant_id = $1 AND name = $2 AND uses = 1", [tx.tenant, name])
            return uses
        },
        .init("PolicyUsageRepository.lastDays") { tx, _ in try PolicyUsageRepository(tx).lastDays().map(\.key.name).sorted() },
        .init("PolicyUsageRepository.firstDay", own: true) { tx, _ in try PolicyUsageRepository(tx).firstDay() as Any },
        .init("PolicyUsageRepository.forget", own: true) { tx, _ in
            try PolicyUsageRepository(tx).forget(before: 10)
            return try PolicyUsageRepository(tx).firstDay() as Any
        },
        .init("PolicyUsageRepository.ages") { tx, _ in try PolicyUsageRepository(tx).ages().keys.sorted() },
        .init("PolicyUsageRepository.unused") { tx, _ in
            try PolicyUsageRepository(tx).unused(for: 1, at: now + 864_000_000).parts.map(\.use)
        },
        .init("LoginCounter.claim") { try LoginCounter($0, user: $1.user, factor: "password").claim(now: now) { _ in 0 } },
        .init("LoginCounter.reset") { tx, target in
            _ = try LoginCounter(tx, user: target.user, factor: "password").claim(now: now) { _ in 0 }
            try LoginCounter(tx, user: target.user, factor: "password").reset()
            return try LoginCounter(tx, user: target.user, factor: "password").failures()
        },
        .init("LoginCounter.release") { tx, target in
            _ = try LoginCounter(tx, user: target.user, factor: "password").claim(now: now) { _ in 0 }
            try LoginCounter(tx, user: target.user, factor: "password").release(now: now)
            return try LoginCounter(tx, user: target.user, factor: "password").failures()
        },
        .init("LoginCounter.failures") { try LoginCounter($0, user: $1.user, factor: "password").failures() },
        .init("SessionRepository.find") { try SessionRepository($0).find($1.session) as Any },
        .init("SessionRepository.end") { try SessionRepository($0).end($1.session, at: now) },
        .init("SessionRepository.open") { try SessionRepository($0).open(of: $1.user, at: now) },
        .init("SessionRepository.end") { try SessionRepository($0).end(.only($1.session), of: $1.user, at: now) },
        .init("SessionRepository.end") { try SessionRepository($0).end(.allBut(.make()), of: $1.user, at: now) },
        .init("UserRepository.page") { tx, _ in try UserRepository(tx).page(listing(tx, .userRead), behind: nil, limit: 10) },
        .init("UserRepository.update") { try UserRepository($0).update($1.user, email: "x@x", name: "X", at: now) },
        .init("UserRepository.erase") { try UserRepository($0).erase($1.user, at: now) },
        .init("UserRepository.accept") { tx, target in
            try tx.execute(
                "UPDATE users SET status = 'invited' WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(target.user.description)])
            return try UserRepository(tx).accept(target.user, name: "X", passwordHash: "x", at: now)
        },
        .init("UserRepository.dormant") { tx, _ in try UserRepository(tx).dormant(since: now) },
        .init("UserRepository.suspendDormant") { tx, target in
            // The last administrator is not suspended.
            _ = try UserRepository(tx).revoke("ADMIN", from: target.user)
            return try UserRepository(tx).suspendDormant(days: 1, at: now + 864_000_000)
        },
        .init("UserRepository.endWithShortPassword") { tx, target in
            try tx.execute(
                "DELETE FROM user_factors WHERE tenant_id = $1 AND user_id = $2", [tx.tenant, .text(target.user.description)])
            try tx.execute(
                "UPDATE users SET password_alone = 0 WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(target.user.description)])
            return try UserRepository(tx).endWithShortPassword(of: target.user, at: now)
        },
        .init("UserRepository.hasFactor") { try UserRepository($0).hasFactor($1.user) },
        .init("UserRepository.hasAdministrator", own: true) { tx, _ in try UserRepository(tx).hasAdministrator(besides: .make(), at: now) },
        .init("UserRepository.passwordOwner") { try UserRepository($0).passwordOwner($1.user) },
        .init("SignInLanes.counter") { tx, target in
            try SignInLanes(tx, user: target.user).counter(for: SignInOrigin(places: [target.word]), now: now).claim(now: now) { _ in 0 }
        },
        .init("SignInLanes.remember") { try SignInLanes($0, user: $1.user).remember(SignInOrigin(places: ["x"]), now: now) },
        .init("SignInLanes.clear") { tx, target in
            try SignInLanes(tx, user: target.user).clear(places: true)
            return try tx.query("SELECT tag FROM sign_in_places WHERE tenant_id = $1", [tx.tenant]).count
        },
        .init("AccountPolicyRepository.current") { tx, _ in try AccountPolicyRepository(tx).current() },
        .init("AccountPolicyRepository.isOwn", own: true) { tx, _ in try AccountPolicyRepository(tx).isOwn() },
        .init("AccountPolicyRepository.remove", own: true) { tx, _ in
            try AccountPolicyRepository(tx).remove()
        },
        .init("AccessReviewRepository.find") { try AccessReviewRepository($0).find($1.review) as Any },
        .init("AccessReviewRepository.page") { tx, _ in try AccessReviewRepository(tx).page(after: nil, limit: 10) },
        .init("AccessReviewRepository.lines") { try AccessReviewRepository($0).lines(of: $1.review) },
        .init("AccessReviewRepository.decide") { try AccessReviewRepository($0).decide($1.review, line: 1, .keep, by: "x", at: now) },
        .init("AccessReviewRepository.close") { try AccessReviewRepository($0).close($1.review, by: "x", at: now) },
        .init("AccessReviewRepository.setResult") { tx, target in
            try AccessReviewRepository(tx).setResult(target.review, line: 1, "x")
            return try AccessReviewRepository(tx).lines(of: target.review)
        },
        .init("OneTimeTokenRepository.find") { try OneTimeTokenRepository($0).find($1.token, .device, now: now) as Any },
        .init("OneTimeTokenRepository.use") { try OneTimeTokenRepository($0).use($1.token, .device, now: now) as Any },
        .init("OneTimeTokenRepository.attempt") { try OneTimeTokenRepository($0).attempt($1.token, .device, limit: 5, now: now) as Any },
        .init("OneTimeTokenRepository.withdraw") { try OneTimeTokenRepository($0).withdraw(of: $1.user, now: now) },
        .init("SessionRepository.end") { try SessionRepository($0).end(device: $1.device, of: $1.user, at: now) },
        .init("SessionRepository.prolong") {
            try SessionRepository($0).prolong(
                with: RefreshRecord(
                    hash: [UInt8](repeating: 0x5C, count: 32), tenant: $0.scope.tenant, session: $1.session, state: .active,
                    expiresAt: now + 1000), at: now)
        },
        .init("SessionRepository.noteUse") { try SessionRepository($0).noteUse(of: $1.session, at: now + 100_000) },
        .init("SessionRulesRepository.find", own: true) { tx, _ in try SessionRulesRepository(tx).find() },
        .init("SessionRulesRepository.standing") {
            let standing = try SessionRulesRepository($0).standing(of: $1.user, from: SignInOrigin(places: [$1.word]), at: now)
            return (standing.isFirst, standing.knowsPlace)
        },
        .init("OneTimeTokenRepository.all") { try OneTimeTokenRepository($0).all(of: $1.user, .device, now: now) },
        .init("EmailChangeRepository.find") { try EmailChangeRepository($0).find(of: $1.user, at: now) as Any },
        .init("EmailChangeRepository.begin") { try EmailChangeRepository($0).begin($1.emailChange) },
        .init("EmailChangeRepository.end") { tx, target in
            try EmailChangeRepository(tx).end(of: target.user)
            return try tx.query("SELECT id FROM email_changes WHERE tenant_id = $1", [tx.tenant]).count
        },
        .init("SessionRulesRepository.set", own: true) { tx, _ in try SessionRulesRepository(tx).set(.standard) },
        .init("DeviceRepository.find") { try DeviceRepository($0).find($1.device) as Any },
        .init("DeviceRepository.all") { try DeviceRepository($0).all(of: $1.user) },
        .init("DeviceRepository.rename") { try DeviceRepository($0).rename($1.device, of: $1.user, to: "x") },
        .init("DeviceRepository.revoke") { try DeviceRepository($0).revoke($1.device, of: $1.user, at: now) as Any },
        .init("DeviceRepository.endTrust") { try DeviceRepository($0).endTrust(of: $1.user) },
        .init("ActingRepository.role", own: true) { tx, _ in try ActingRepository(tx).role() as Any },
        .init("ActingRepository.setRole", own: true) { tx, _ in try ActingRepository(tx).setRole("READ_ONLY") },
        .init("ActingRepository.latest", own: true) { tx, _ in try ActingRepository(tx).latest(limit: 9) },
        .init("MembershipRepository.invite", own: true) {
            _ = try MembershipRepository($0).invite(.make(), email: "nobody@\($1.word).example", at: now)
        },
        .init("MembershipRepository.link") { tx, target in
            try tx.execute(
                "UPDATE users SET password_hash = '!' WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(target.user.description)])
            return try MembershipRepository(tx).link(
                target.user, email: target.word, to: HomeLink(tenant: .make(), user: .make()), at: now)
        },
        .init("MembershipRepository.unlink") { tx, target in
            let home = HomeLink(tenant: target.tenant, user: target.user)
            try tx.execute(
                "UPDATE users SET home_tenant = $3, home_user = $2 WHERE tenant_id = $1 AND id = $2",
                [tx.tenant, .text(target.user.description), .text(home.tenant.description)])
            return try MembershipRepository(tx).unlink(target.user, of: home, at: now)
        },
        .init("APIKeyRepository.noteUse") { try APIKeyRepository($0).noteUse(of: $1.apiKey, at: now) },
        .init("APIKeyRepository.revoke") { try APIKeyRepository($0).revoke($1.apiKey, at: now) },
        .init("TenantEdgeRepository.load") { tx, _ in try TenantEdgeRepository(tx).load() },
        .init("TenantEdgeRepository.ranges") { tx, _ in try TenantEdgeRepository(tx).ranges() },
        .init("TenantEdgeRepository.origins") { tx, _ in try TenantEdgeRepository(tx).origins() },
        .init("TenantEdgeRepository.set", own: true) { try TenantEdgeRepository($0).set($1.range, .deny, by: "x", at: now).isEmpty },
        .init("TenantEdgeRepository.remove") { try TenantEdgeRepository($0).remove($1.range) != nil },
        .init("TenantEdgeRepository.add") { try TenantEdgeRepository($0).add("https://\($1.word)", by: "x", at: now) },
        .init("TenantEdgeRepository.remove") { try TenantEdgeRepository($0).remove(origin: "https://\($1.word)") },
        .init("APIKeyRepository.all") { tx, _ in try APIKeyRepository(tx).all().map(\.name) },
    ]

    private static let plugins: [IsolationOperation] = [
        .init("PluginRepository.find") { tx, _ in try PluginRepository(tx).find(plugin("stripe")) as Any },
        .init("PluginRepository.all") { tx, _ in try PluginRepository(tx).all() },
        .init("PluginRepository.setStatus") { tx, target in
            try PluginRepository(tx).setStatus(.disabled, of: plugin("stripe"), by: "x", at: now)
        },
        .init("PluginRepository.instance") { try PluginRepository($0).instance($1.instance) as Any },
        .init("PluginRepository.findInstance") { try PluginRepository($0).findInstance(of: plugin("stripe"), label: $1.word) as Any },
        .init("PluginRepository.instances") { tx, _ in try PluginRepository(tx).instances(of: plugin("stripe")) },
        .init("PluginRepository.instances") { tx, _ in try PluginRepository(tx).instances() },
        .init("PluginRepository.decide", own: true) { tx, _ in
            try PluginRepository(tx).decide(
                plugin("stripe"), version: "1.1.0", hash: "hash-1.1.0", status: .enabled, approved: [], by: "x", at: now
            ).status
        },
        .init("PluginConfigRepository.fields") { try PluginConfigRepository($0).fields(of: $1.instance) },
        .init("PluginConfigRepository.set") {
            try PluginConfigRepository($0).set(
                PluginConfigField(field: "new", content: .plain("x"), updatedAt: now, updatedBy: "x"), of: $1.instance)
        },
        .init("PluginConfigRepository.set") {
            try PluginConfigRepository($0).set(
                PluginConfigField(field: $1.word, content: .plain("x"), updatedAt: now, updatedBy: "x"), of: $1.instance)
        },
        .init("PluginConfigRepository.remove") { try PluginConfigRepository($0).remove($1.word, of: $1.instance) },
        .init("PluginStorageRepository.get") { try PluginStorageRepository($0, plugin: plugin("stripe")).get($1.word) as Any },
        .init("PluginStorageRepository.list") { tx, _ in try PluginStorageRepository(tx, plugin: plugin("stripe")).list() },
        .init("PluginStorageRepository.usage", own: true) { tx, _ in try PluginStorageRepository(tx, plugin: plugin("stripe")).usage() },
        .init("PluginStorageRepository.delete") { try PluginStorageRepository($0, plugin: plugin("stripe")).delete($1.word) },
        .init("PluginStorageRepository.set") { tx, target in
            let storage = PluginStorageRepository(tx, plugin: plugin("stripe"))
            let before = try storage.usage()
            try storage.set(target.word, to: "x", quota: 1_000, at: now)
            return try storage.usage() - before
        },
        .init("PluginStopRepository.find") { try PluginStopRepository($0).find($1.word) as Any },
        .init("PluginStopRepository.release") { try PluginStopRepository($0).release($1.word) as Any },
    ]

    private static let payments: [IsolationOperation] = [
        .init("PaymentRepository.insert") { try PaymentRepository($0).insert($1.refundRecord(.make())) },
        .init("PaymentRepository.holder") { try PaymentRepository($0).holder(ofInvoice: $1.word) as Any },
        .init("PaymentRepository.releaseInvoice") { tx, target in
            try PaymentRepository(tx).releaseInvoice(of: target.payment)
            return try PaymentRepository(tx).find(target.payment) as Any
        },
        .init("PaymentRepository.find") { try PaymentRepository($0).find($1.payment) as Any },
        .init("PaymentRepository.find") {
            try PaymentRepository($0).find(instance: $1.instance.description, providerPaymentID: $1.word, merchantReference: nil) as Any
        },
        .init("PaymentRepository.find") {
            try PaymentRepository($0).find(instance: $1.instance.description, providerPaymentID: nil, merchantReference: $1.word) as Any
        },
        .init("PaymentRepository.lock") { try PaymentRepository($0).lock($1.payment) as Any },
        .init("PaymentRepository.page") {
            try PaymentRepository($0).page(listing($0, .pluginRead), invoice: $1.word, behind: nil, limit: 10)
        },
        .init("PaymentRepository.page") { tx, _ in
            try PaymentRepository(tx).page(listing(tx, .pluginRead), invoice: nil, behind: nil, limit: 10)
        },
        .init("PaymentRepository.update") { tx, target in
            var record = target.paymentRecord
            record.status = "succeeded"
            return try PaymentRepository(tx).update(record)
        },
        .init("PaymentRepository.isProviderPaymentTaken") {
            try PaymentRepository($0).isProviderPaymentTaken($1.word, instance: $1.instance.description, byOtherThan: .make())
        },
        .init("PaymentRepository.refund") { try PaymentRepository($0).refund($1.refund) as Any },
        .init("PaymentRepository.refund") {
            try PaymentRepository($0).refund(instance: $1.instance.description, providerRefundID: $1.word) as Any
        },
        .init("PaymentRepository.refunds") { try PaymentRepository($0).refunds(of: $1.payment) },
        .init("PaymentRepository.update") { tx, target in
            var record = target.refundRecord()
            record.status = "succeeded"
            return try PaymentRepository(tx).update(record)
        },
        .init("PaymentAttemptRepository.open") { try PaymentAttemptRepository($0).open($1.attemptRecord(.make())) },
        .init("PaymentAttemptRepository.end") {
            try PaymentAttemptRepository($0).end($1.attempt, state: "closed", outcome: "x", nowMs: now)
        },
        .init("PaymentAttemptRepository.find") { try PaymentAttemptRepository($0).find($1.attempt) as Any },
        .init("PaymentAttemptRepository.attempts") { try PaymentAttemptRepository($0).attempts(of: $1.payment) },
        .init("PaymentAttemptRepository.resolve") { tx, target in
            _ = try PaymentAttemptRepository(tx).end(target.attempt, state: "closed", outcome: "unknown", nowMs: now)
            try PaymentAttemptRepository(tx).resolve(target.payment)
            return try PaymentAttemptRepository(tx).find(target.attempt) as Any
        },
        .init("PaymentAttemptRepository.answered") { tx, target in
            _ = try PaymentAttemptRepository(tx).end(target.attempt, state: "closed", outcome: "rejected", nowMs: now)
            return try PaymentAttemptRepository(tx).answered("capture_payment", of: target.payment)
        },
        .init("PaymentIdempotencyRepository.find") {
            try PaymentIdempotencyRepository($0).find(operation: $1.word, keyHash: $1.word) as Any
        },
        .init("PaymentIdempotencyRepository.answer") { try PaymentIdempotencyRepository($0).answer(attempt: $1.attempt, with: "{}") },
        .init("PaymentIdempotencyRepository.orphan") { tx, target in
            try PaymentIdempotencyRepository(tx).orphan(attempt: target.attempt)
            return try PaymentIdempotencyRepository(tx).find(operation: target.word, keyHash: target.word) as Any
        },
    ]

    private static let webhooks: [IsolationOperation] = [
        .init("PaymentWebhookRepository.hasEndpoint") { try PaymentWebhookRepository($0).hasEndpoint(instance: $1.word) },
        .init("PaymentWebhookRepository.insert") {
            try PaymentWebhookRepository($0).insert(
                WebhookEventRecord(
                    id: .make(), instance: $1.word, eventID: $1.word, sealed: Sealed(text: "01:02:03", keyID: "k", keyVersion: 1),
                    dueAt: nil,
                    receivedAt: 0))
        },
        .init("PaymentWebhookRepository.find") { try PaymentWebhookRepository($0).find($1.webhook) as Any },
        .init("PaymentWebhookRepository.claim") {
            try PaymentWebhookRepository($0).claim($1.webhook, by: "x", nowMs: now, until: now) as Any
        },
        .init("PaymentWebhookRepository.settle") { tx, target in
            _ = try settle(target, tx)
            return try PaymentWebhookRepository(tx).find(target.webhook) as Any
        },
        .init("PaymentWebhookRepository.revive") { tx, target in
            let sealed = Sealed(text: "01:02:03", keyID: "k", keyVersion: 1)
            _ = try settle(target, tx)
            return try PaymentWebhookRepository(tx).revive(target.webhook, sealed: sealed, nowMs: now)
        },
    ]

    /// Claims a message and parks it.
    private static func settle(_ target: IsolationTarget, _ tx: TenantTransaction) throws -> Bool {
        let webhooks = PaymentWebhookRepository(tx)
        _ = try webhooks.claim(target.webhook, by: "x", nowMs: now, until: now)
        return try webhooks.settle(target.claimedWebhook, by: "x", state: "parked", reason: "x", dueAt: nil, nowMs: now)
    }

    private static var deliveredFactor: FactorName { .plugin(plugin("stripe")) }

    private static let factors: [IsolationOperation] = [
        .init("FactorRepository.insert") { try FactorRepository($0).insert($1.enrollmentRecord(.make())) },
        .init("FactorRepository.insert") { try FactorRepository($0).insert($1.challengeRecord(.make())) },
        .init("FactorRepository.enrollment") { try FactorRepository($0).enrollment($1.enrollment) as Any },
        .init("FactorRepository.revoke") { tx, target in
            try FactorRepository(tx).revoke(target.enrollment, at: now)
            return try FactorRepository(tx).enrollment(target.enrollment)?.status as Any
        },
        .init("FactorRepository.challenge") {
            try FactorRepository($0).challenge(of: $1.enrollment, nonceHash: $1.word, purpose: "enroll") as Any
        },
        .init("UserFactorRepository.all") { try UserFactorRepository($0).all(of: $1.user) },
        .init("UserFactorRepository.find") { try UserFactorRepository($0).find(.totp, of: $1.user) as Any },
        .init("UserFactorRepository.begin") { try UserFactorRepository($0).begin($1.userFactor()) },
        .init("UserFactorRepository.activate") { try UserFactorRepository($0).activate($1.userFactor(), counter: 1, at: now) },
        .init("UserFactorRepository.use") { try UserFactorRepository($0).use(9, of: deliveredFactor, by: $1.user, at: now) },
        .init("UserFactorRepository.touch") { try UserFactorRepository($0).touch(deliveredFactor, of: $1.user, at: now) },
        .init("UserFactorRepository.remove") { try UserFactorRepository($0).remove(.totp, of: $1.user) as Any },
        .init("UserFactorRepository.replaceBackupCodes") { tx, target in
            let before = try UserFactorRepository(tx).backupCodes(of: target.user)
            try UserFactorRepository(tx).replaceBackupCodes([], of: target.user, at: now)
            return try UserFactorRepository(tx).backupCodes(of: target.user) - before
        },
        .init("UserFactorRepository.useBackupCode") { try UserFactorRepository($0).useBackupCode($1.token, of: $1.user, at: now) },
        .init("UserFactorRepository.backupCodes") { try UserFactorRepository($0).backupCodes(of: $1.user) },
        .init("UserFactorRepository.policy") { tx, _ in try UserFactorRepository(tx).policy()?.requiredRoles as Any },
        .init("UserFactorRepository.setPolicy", own: true) { tx, _ in
            try UserFactorRepository(tx).setPolicy(.standard, by: "x", at: now)
        },
        .init("FactorRepository.activate") { try FactorRepository($0).activate($1.enrollment, at: now) },
        .init("FactorRepository.challenge") { try FactorRepository($0).challenge($1.challenge) as Any },
        .init("FactorRepository.challenge") { try FactorRepository($0).challenge(of: $1.enrollment, requestKey: $1.word) as Any },
        .init("FactorRepository.challenge") { try FactorRepository($0).challenge(requestKey: $1.word) as Any },
        .init("FactorRepository.move") { try FactorRepository($0).move($1.challenge, from: [.created], to: .canceled) },
        .init("FactorRepository.takeAttempt") { tx, target in
            _ = try FactorRepository(tx).move(target.challenge, from: [.created], to: .sent)
            return try FactorRepository(tx).takeAttempt(target.challenge, limit: 3, at: now) as Any
        },
        .init("FactorRepository.sends") { try FactorRepository($0).sends(to: $1.word, since: 0) },
        .init("FactorRepository.recordSend") { tx, target in
            try FactorRepository(tx).recordSend(subject: target.word, id: .make(), at: now)
            return try FactorRepository(tx).sends(to: target.word, since: 0).count
        },
    ]

    private static let rest: [IsolationOperation] = [
        .init("NotificationRepository.insert") { tx, target in
            var record = target.notificationRecord
            record.id = .make()
            return try NotificationRepository(tx).insert(record)
        },
        .init("NotificationRepository.notification") { try NotificationRepository($0).notification($1.notification) as Any },
        .init("NotificationRepository.page") { tx, _ in
            try NotificationRepository(tx).page(listing(tx, .pluginRead), behind: nil, limit: 10)
        },
        .init("APIKeyRepository.find") { try APIKeyRepository($0).find($1.apiKey) as Any },
        .init("NotificationRepository.notification") {
            try NotificationRepository($0).notification(of: $1.instance, dedupeKey: $1.word) as Any
        },
        .init("NotificationRepository.claim") { tx, _ in
            try NotificationRepository(tx).claim(owner: "x", at: now, leaseUntil: now, limit: 10)
        },
        .init("NotificationRepository.start") { tx, target in
            _ = try NotificationRepository(tx).claim(owner: "x", at: now, leaseUntil: now + 10, limit: 10)
            return try NotificationRepository(tx).start(target.claimedNotification, owner: "x", at: now, leaseUntil: now + 10)
        },
        .init("NotificationRepository.giveUpAbandoned") { tx, target in
            _ = try NotificationRepository(tx).claim(owner: "x", at: now, leaseUntil: now + 10, limit: 10)
            _ = try NotificationRepository(tx).start(target.claimedNotification, owner: "x", at: now, leaseUntil: now + 10)
            _ = try NotificationRepository(tx).giveUpAbandoned(at: now + 20)
            return try NotificationRepository(tx).notification(target.notification) as Any
        },
        .init("NotificationRepository.settle") { tx, target in
            _ = try NotificationRepository(tx).claim(owner: "x", at: now, leaseUntil: now + 10, limit: 10)
            _ = try NotificationRepository(tx).start(target.claimedNotification, owner: "x", at: now, leaseUntil: now + 10)
            var record = target.claimedNotification
            record.status = .accepted
            return try NotificationRepository(tx).settle(record, owner: "x", at: now)
        },
        .init("AuditRepository.search") { tx, _ in try AuditRepository(tx).search(AuditQuery()) },
        .init("AuditRepository.search") { try AuditRepository($0).search(AuditQuery(actor: $1.word)) },
        .init("JobLeases.acquire") { tx, target in
            try JobLeases(tx).acquire(target.word, holder: "x", milliseconds: 1, at: now).map { $0.fence } as Any
        },
        .init("JobLeases.renew") { try JobLeases($0).renew($1.lease, milliseconds: 5, at: now).map { $0.fence } as Any },
        .init("JobLeases.release") { tx, target in
            try JobLeases(tx).release(target.lease)
            return try JobLeases(tx).acquire(target.word, holder: "x", milliseconds: 1, at: now).map { $0.fence } as Any
        },
        .init("JobLeases.require") { try JobLeases($0).require($1.lease) },
        .init("JobLeases.holds") { try JobLeases($0).holds($1.lease) },
    ]

}
