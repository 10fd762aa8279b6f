// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The events that the panel emits and a plugin can ask to hear of.
public enum PanelEvent {
    /// All names.
    public static let names: Set<String> = {
        let groups: KeyValuePairs<String, String> = [
            "tenant": "created updated suspended",
            "user": "created updated deleted locked",
            "auth": "login_succeeded login_failed logout password_changed session_revoked",
            "two_factor": "enrolled removed challenge_sent succeeded failed locked recovery_used reset_by_admin",
            "client": "created updated suspended closed deleted",
            "payment_method": "added updated expiring removed",
            "order": "created accepted cancelled fraud_flagged",
            "invoice":
                "created finalized updated sent payment_due overdue paid partially_paid cancelled refunded written_off before_finalize",
            "payment":
                "created requires_action processing authorized succeeded failed canceled expired unknown review_required retry_scheduled before_create",
            "refund": "created succeeded failed",
            "dispute": "opened updated won lost",
            "subscription":
                "created activated trial_ending renewal_started renewed renewal_failed past_due suspended unsuspended upgraded downgraded cancel_scheduled cancelled terminated",
            "service": "provisioned provision_failed suspended unsuspended terminated",
            "domain": "registered transferred renewed expiring expired",
            "ssl": "issued expiring",
            "ticket": "opened replied assigned resolved reopened sla_breached",
            "plugin": "installed enabled disabled configured upgraded uninstalled quarantined capability_changed error",
            "webhook": "received rejected",
            "notification": "accepted delivered failed before_send",
            "audit": "exported",
            "system": "startup shutdown backup_completed",
        ]
        var names: Set<String> = []
        for (subject, events) in groups {
            for event in events.split(separator: " ") { names.insert("\(subject).\(event)") }
        }
        return names
    }()

    /// All names by their subject, for the reference.
    static var bySubject: String {
        Dictionary(grouping: names.sorted()) { $0.split(separator: ".")[0] }.sorted { $0.key < $1.key }.map { subject, events in
            "- **\(subject).** " + events.map { "`\($0.dropFirst(subject.count + 1))`" }.joined(separator: ", ")
        }.joined(separator: "\n")
    }

    /// Names of the panel's older interface, and what they are called here.
    public static let aliases: [String: String] = [
        "payment.completed": "payment.succeeded", "payment.refunded": "refund.succeeded", "user.loggedIn": "auth.login_succeeded",
        "user.loggedOut": "auth.logout", "payment.retry_needed": "payment.retry_scheduled",
        "invoice.beforeGenerate": "invoice.before_finalize",
    ]
}
