// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Every kind of event that this host writes into audit trails.
///
/// A new event gets its line here; a test reads the sources for names that have none.
public enum AuditCatalogue {
    /// All of them, by name.
    public static let types: [AuditEventType] = [access, plugins, payments, states, messages, installation].flatMap(\.self)
        .sorted { $0.name < $1.name }

    /// The type of an event, by its action and by the `event` in its detail; nil for one that is not known.
    ///
    /// The detail only chooses among names that refine this very action: part of it may come from outside.
    public static func type(action: String, event: String? = nil) -> AuditEventType? {
        if let event, let type = byName[event], type.refines == action { return type }
        return byName[action].flatMap { $0.refines == nil ? $0 : nil }
    }

    private static let byName = Dictionary(types.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    private static func type(
        _ name: String, _ activity: OCSFActivity, _ summary: String, _ severity: AuditEventType.Severity = .informational,
        _ owasp: String? = nil, refines: String? = nil
    ) -> AuditEventType {
        AuditEventType(name: name, summary: summary, activity: activity, severity: severity, owasp: owasp, refines: refines)
    }

    private static let access: [AuditEventType] = [
        type("session.sign_in", .logon, "Somebody signed in, or tried to.", .informational, "authn_login_success"),
        type("session.sign_out", .logoff, "A session was ended by its owner.", .informational, "authn_token_revoked"),
        type("session.refresh", .renewal, "A session went on with a new token.", .informational, "session_renewed"),
        type("session.refresh_reused", .renewal, "A used refresh token came again; its session was ended.", .high, "authn_token_reuse"),
        type(
            "session.confirm", .logon, "Somebody who is signed in was asked for their password again, and did not have it.", .medium,
            "authn_login_fail"),
        type(
            "session.refresh_other_device", .renewal, "A refresh token came from another device than its own, and was refused.", .high,
            "authn_token_reuse"),
        type("session.new_device", .logon, "Somebody signed in with a device that was not known before.", .low, "authn_login_success"),
        type("session.device_asked", .logon, "A password was right, and the new device was to be confirmed by its owner."),
        type(
            "session.new_device_notice", .other, "Somebody could not be told of a sign-in from a new device.", .medium),
        type("device.rename", .update, "Somebody named one of their devices."),
        type(
            "device.revoke", .logoff, "Somebody withdrew one of their devices; its sessions were ended.", .low, "authn_token_revoked"),
        type("session.switch", .logon, "Somebody went on in another tenant of theirs.", .informational, "authn_login_success"),
        type("membership.accept", .accountUpdate, "Somebody accepted an invitation into another tenant.", .medium, "user_created"),
        type("membership.end", .accountUpdate, "Somebody left a tenant that is not their home.", .medium, "user_updated"),
        type(
            "session.manage", .logoff, "Somebody else's sessions were ended, or it was changed how long sessions last.", .medium,
            "authn_token_revoked"),
        type("session.own", .logoff, "Somebody looked at their sessions, or ended one.", .informational, "authn_token_revoked"),
        type("user.manage", .accountUpdate, "A user, a role or an API key was created, changed or withdrawn.", .medium, "user_updated"),
        type("role.read", .read, "Roles, rules and who has what were looked at."),
        type(
            "role.manage", .update, "A role, a rule or a separation of duties was created, changed or removed.", .medium,
            "privilege_permissions_changed"),
        type("user.factor.reset", .factorDisable, "Somebody's second factors were taken away by an administrator.", .high, "authz_admin"),
        type("user.factor.policy", .update, "What a tenant wants of second factors was changed.", .high, "authz_admin"),
        type("factor.own", .accountUpdate, "Somebody changed their own second factors or backup codes.", .medium, "user_updated"),
        type("session.factor_asked", .logon, "A password was right, and a second factor was asked for."),
        type("session.step_up", .secondFactor, "A second factor was shown in a session, or was to be.", .low, "authn_login_success"),
        type("user.read", .read, "Accounts were looked at.", .informational, "sensitive_read"),
        type("user.password.change", .passwordChange, "Somebody changed their password.", .medium, "authn_password_change"),
        type(
            "user.password.reset_request", .passwordReset, "A reset of a password was asked for, perhaps for nobody's account.", .low,
            "authn_password_change"),
        type("user.password.reset", .passwordReset, "A password was reset by a one-time token.", .medium, "authn_password_change"),
        type(
            "user.email_change_requested", .accountUpdate, "Somebody wants another address for their own account.", .low, "user_updated"),
        type("user.email_changed", .accountUpdate, "Somebody's own account has another address.", .medium, "user_updated"),
        type("user.invitation.accept", .accountCreate, "Somebody accepted an invitation and chose a password.", .low, "user_created"),
        type("user.dormant", .accountDisable, "An account that nobody had used for long was suspended.", .medium, "user_updated"),
        type("user.bootstrap", .accountCreate, "The first operator's account was made, or its token.", .high, "user_created"),
        type("user.policy", .update, "What a tenant's accounts go by was looked at or changed.", .high, "authz_admin"),
        type("access_review.read", .read, "Reviews of who holds what were looked at.", .informational, "sensitive_read"),
        type("access_review.manage", .update, "Somebody was to begin or close a review of who holds what.", .low, "authz_admin"),
        type("access_review.create", .create, "A review of who holds what was begun.", .low, "authz_admin"),
        type("access_review.attest", .update, "A reviewer decided whether somebody keeps what they hold.", .low, "authz_admin"),
        type(
            "access_review.close", .update, "A review was closed and what it revoked was taken away.", .medium,
            "privilege_permissions_changed"),
        type("two_factor.challenge_sent", .secondFactor, "A code was sent to a second factor.", refines: "plugin.invoke.two_factor"),
        type(
            "two_factor.succeeded", .secondFactor, "A second factor was proved.", .informational, "authn_login_success",
            refines: "plugin.invoke.two_factor"),
        type(
            "two_factor.failed", .secondFactor, "A second factor was not proved.", .low, "authn_login_fail",
            refines: "plugin.invoke.two_factor"),
        type(
            "two_factor.locked", .secondFactor, "A second factor was locked after too many wrong codes.", .medium, "authn_login_lock",
            refines: "plugin.invoke.two_factor"),
        type(
            "two_factor.normalize_destination", .secondFactor, "An address for a second factor was brought into its one form.",
            refines: "plugin.invoke.two_factor"),
        type("audit.read", .read, "The audit trail was searched.", .informational, "sensitive_read"),
        type("audit.prune", .delete, "Old events were taken out by retention; their hashes stay.", .high, "sensitive_delete"),
    ]

    private static let plugins: [AuditEventType] = [
        type("plugin.read", .read, "Plugins and their settings were looked at."),
        type("plugin.install", .create, "A plugin was brought into the installation.", .medium, "authz_admin"),
        type("plugin.uninstall", .delete, "A plugin was taken out of the installation.", .medium, "authz_admin"),
        type("plugin.kill", .update, "A plugin's program was stopped for every tenant, or allowed again.", .high, "authz_admin"),
        type("plugin.enable", .update, "A plugin was switched on or off for a tenant.", .low, "authz_admin"),
        type("plugin.configure", .update, "A plugin's settings or secrets were written or tested.", .low, "sensitive_update"),
        type(
            "plugin.approve_capabilities", .update, "An administrator agreed to what a plugin asks for.", .medium,
            "privilege_permissions_changed"),
        type("plugin.invoke", .other, "An operation of a plugin was called."),
        type("plugin.invoke.payment", .other, "An operation of a payment gateway was called."),
        type("plugin.invoke.two_factor", .other, "An operation of a second factor was called."),
        type("plugin.invoke.notifier", .other, "An operation of a notifier was called."),
        type("plugin.invoke.webhook", .other, "A provider's webhook was handed to its plugin."),
        type("plugin.logs.read", .read, "What plugins logged was read.", .informational, "sensitive_read"),
        type("plugin.events.replay", .other, "A plugin was fed past events again.", .low, "authz_admin"),
        type("plugin.payment.resolve_unknown", .update, "Somebody decided what became of a payment.", .high, "authz_admin"),
        type("plugin.manage", .other, "Something was done that only managers of plugins may do.", .medium, "authz_admin"),
        type("plugin.config.decrypt_failed", .read, "A stored secret could not be opened.", .high, "crypt_decrypt_fail"),
        type("plugin.crashed", .other, "A plugin's process died.", .medium, "sys_crash"),
        type(
            "plugin.quarantined", .update, "A plugin was stopped for a tenant after its process died again and again.", .high, "sys_crash"),
        type("plugin.released", .update, "A plugin was let out of quarantine.", .medium, "authz_admin"),
    ]

    private static let payments: [AuditEventType] = [
        type("payment.create", .create, "A payment was asked for.", .informational, "sensitive_create"),
        type("payment.read", .read, "A payment was looked for.", .informational, "sensitive_read"),
        type("payment.sync", .read, "A payment's state was asked for at its provider."),
        type("payment.capture_payment", .update, "An authorized payment was to be captured.", .informational, "sensitive_update"),
        type("payment.cancel_payment", .update, "A payment was to be canceled.", .informational, "sensitive_update"),
        type("payment.refund_payment", .create, "A payment was to be refunded.", .informational, "sensitive_create"),
        type("payment.refused", .other, "The host refused an operation on a payment.", .low, "authz_fail"),
        type("payment.attempt_lost", .update, "A host ended in the middle of a payment; its outcome is to be asked for.", .medium),
        type("payment.invoice_released", .update, "An invoice was released from a payment that had ended."),
        type("payment.review_required", .update, "A person must decide about a payment.", .high, "sequence_fail"),
        type("payment.transition_refused", .update, "News of a payment contradicted what is known of it.", .medium, "sequence_fail"),
        type("refund.created", .create, "A refund was asked for.", .low, "sensitive_create"),
        type("refund.review_required", .update, "A person must decide about a refund.", .high, "sequence_fail"),
        type("payment.unknown", .update, "What became of a payment is not known.", .medium),
        type("refund.unknown", .update, "What became of a refund is not known.", .medium),
    ]

    /// The states that payments and refunds come into.
    private static let states: [AuditEventType] = {
        let payment = [
            "created", "requires_action", "processing", "authorized", "partially_captured", "succeeded", "declined", "canceled", "expired",
        ]
        let refund = ["pending", "succeeded", "failed", "canceled"]
        return payment.map { type("payment.\($0)", $0 == "created" ? .create : .update, "A payment became \(words($0)).") }
            + refund.map { type("refund.\($0)", .update, "A refund became \(words($0)).") }
    }()

    private static let messages: [AuditEventType] = [
        type("webhook.endpoint_created", .create, "An address for a provider's webhooks was made.", .low, "authz_admin"),
        type("webhook.received", .create, "A provider's webhook was taken."),
        type("webhook.rejected", .create, "A webhook was refused: its signature or form was wrong.", .medium, "input_validation_fail"),
        type("webhook.applied", .update, "A webhook changed a payment."),
        type("webhook.ignored", .update, "A webhook changed nothing."),
        type("webhook.failed", .update, "A webhook could not be worked on.", .low),
        type("notification.queued", .create, "A message was queued.", refines: "plugin.invoke.notifier"),
        type("notification.send", .other, "A message was handed to a notifier.", refines: "plugin.invoke.notifier"),
    ]

    private static let installation: [AuditEventType] = [
        type(
            "network.manage", .update, "A tenant's addresses or origins were changed.", .medium, "authz_admin"),
        type("network.refuse", .other, "A request came from an address that the tenant does not allow.", .medium, "authz_fail"),
        type("auth.calibrate", .update, "What the hash of a password costs was changed.", .medium, "authz_admin"),
        type("tenant.manage", .update, "A tenant was created, changed, suspended, deleted or purged.", .medium, "authz_admin"),
        type("tenant.act_as", .other, "An operator wanted to act in a tenant.", .medium, "authz_admin"),
        type(
            "tenant.act_as.started", .logon, "An operator began to act in a tenant; its id is the reason that every act of it names.",
            .high,
            "authz_admin", refines: "tenant.act_as"),
        type("tenant.act_as.act", .other, "An operator did something in a tenant.", .medium, "authz_admin", refines: "tenant.act_as"),
        type("tenant.act_as.renewed", .renewal, "An operator's act in a tenant goes on with a new token.", refines: "tenant.act_as"),
        type("tenant.act_as.ended", .logoff, "An operator's act in a tenant was over.", .medium, "authz_admin", refines: "tenant.act_as"),
        type("audit.sink.add", .create, "A place was added that the audit trails are shipped to.", .medium, "authz_admin"),
        type("audit.sink.remove", .delete, "A place was removed that the audit trails were shipped to.", .high, "authz_admin"),
        type("audit.sink.pause", .update, "Shipping the audit trails to a place was halted, or went on.", .high, "authz_admin"),
        type("key.create", .create, "A key was made.", .low),
        type("key.retire", .update, "A key that was replaced opens nothing any more.", .medium),
        type("key.rotate_root", .update, "Another root key is written with.", .medium),
        type("key.drop_root", .delete, "A root key is needed no longer.", .medium),
        type("key.rewrap", .update, "Keys were wrapped anew under the root key in force.", .low),
        type("key.reencrypt", .update, "Stored secrets were sealed anew under the keys in force.", .low),
        type("subject.erase", .delete, "A person's key was destroyed, and with it what was sealed under it.", .medium, "sensitive_delete"),
    ]

    private static func words(_ name: String) -> String { String(name.map { $0 == "_" ? " " : $0 }) }
}
