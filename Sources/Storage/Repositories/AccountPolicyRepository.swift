// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// What a tenant decides about its accounts.
package struct AccountPolicy: Sendable, Hashable {
    /// The rules for passwords.
    package var profile = PasswordProfile.nist
    /// Days without a sign-in after which an account is suspended; 0 for never.
    package var dormantDays: Int64 = 90
    /// The notifier that account mail goes out through; nil for one whose channel is e-mail.
    package var messenger: PluginID?
    /// Which instance of it.
    package var messengerLabel: String?
    /// The page of the panel that takes a token, which is added as its fragment.
    package var accountURL: String?

    package init() {}
}

/// What one tenant has decided about its accounts.
package struct AccountPolicyRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// The policy in force.
    package func current() throws -> AccountPolicy {
        guard let row = try tx.query("SELECT * FROM account_policies WHERE tenant_id = $1", [tx.tenant]).first else {
            return AccountPolicy()
        }
        var policy = AccountPolicy()
        policy.profile = try row.choice("password_profile")
        policy.dormantDays = try row["dormant_days"]
        let messenger: String? = try row["messenger"]
        policy.messenger = try messenger == nil ? nil : row.plugin("messenger")
        policy.messengerLabel = try row["messenger_label"]
        policy.accountURL = try row["account_url"]
        return policy
    }

    /// Whether the tenant has decided anything itself.
    package func isOwn() throws -> Bool {
        try !tx.query("SELECT tenant_id FROM account_policies WHERE tenant_id = $1", [tx.tenant]).isEmpty
    }

    /// Goes back to what holds where a tenant has said nothing; answers whether it had said anything.
    @discardableResult
    package func remove() throws -> Bool { try tx.execute("DELETE FROM account_policies WHERE tenant_id = $1", [tx.tenant]) == 1 }

    /// Decides anew.
    package func set(_ policy: AccountPolicy, by actor: String, at now: Int64) throws {
        try tx.execute(
            """
            INSERT INTO account_policies
                (tenant_id, password_profile, dormant_days, messenger, messenger_label, account_url, updated_at, updated_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (tenant_id) DO UPDATE SET password_profile = excluded.password_profile, dormant_days = excluded.dormant_days,
                messenger = excluded.messenger, messenger_label = excluded.messenger_label, account_url = excluded.account_url,
                updated_at = excluded.updated_at, updated_by = excluded.updated_by
            """,
            [
                tx.tenant, .text(policy.profile.rawValue), .int(policy.dormantDays), .text(orNull: policy.messenger?.description),
                .text(orNull: policy.messengerLabel), .text(orNull: policy.accountURL), .int(now), .text(actor),
            ])
    }
}
