// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// The policy of one tenant: roles, rules, who has what, and what is kept apart.
package struct PolicyRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// A text that no state of a policy had before, on any host and after any restore.
    static func newRevision() -> String { EventID.make().description }

    /// Begins a change of the policy: others who change it wait until this transaction ends, and every host sees another state then.
    ///
    /// - Parameter revision: the one state that may be changed; throws `PolicyRefusal.outdated` when it is not in force.
    /// - Returns: the state that comes of it.
    @discardableResult
    package func beginChange(from revision: String? = nil) throws -> String {
        let new = Self.newRevision()
        let changed = try tx.execute(
            "UPDATE policies SET revision = $2 WHERE tenant_id = $1 AND ($3 = '' OR revision = $3)",
            [tx.tenant, .text(new), .text(revision ?? "")])
        guard changed == 1 else {
            if revision != nil { throw PolicyRefusal.outdated }
            throw StorageError(.notFound, "there is no such tenant")
        }
        return new
    }

    /// Lets nobody change the policy until this transaction ends, for a decision about it that changes something else: it stays the same state,
    /// which no host compiles anew.
    package func hold() throws {
        guard try tx.execute("UPDATE policies SET revision = revision WHERE tenant_id = $1", [tx.tenant]) == 1 else {
            throw StorageError(.notFound, "there is no such tenant")
        }
    }

    /// The whole policy as it stands, with the state that it is.
    package func load() throws -> (policy: Policy, revision: String) {
        guard let state = try tx.query("SELECT revision FROM policies WHERE tenant_id = $1", [tx.tenant]).first else {
            throw StorageError(.notFound, "there is no such tenant")
        }
        do {
            let policy = try Policy(roles: roles(), rules: rules(), assignments: assignments(), separations: separations())
            return (policy, try state["revision"])
        } catch let problem as PolicyProblem {
            throw StorageError(.unexpectedValue, "the tenant's policy cannot be read: \(problem)")
        }
    }

    /// Makes one change, when whoever asks holds what it gives, and records it.
    ///
    /// What they hold is read anew in this transaction. Throws `Denial` and `PolicyRefusal`.
    package func apply(_ change: PolicyChange, _ permit: Permit, correlation: String, address: String? = nil, at now: Int64) throws
        -> Policy
    {
        try apply(change, to: nil, permit, correlation: correlation, address: address, at: now).policy
    }

    /// The same to one state of the policy only, with the state that comes of it.
    package func apply(
        _ change: PolicyChange, to revision: String?, _ permit: Permit, correlation: String, address: String? = nil, at now: Int64
    ) throws -> (policy: Policy, revision: String) {
        guard permit.action == change.permission else { throw Denial.missingPermission(change.permission) }
        let revision = try beginChange(from: revision)
        if case .deleteRole(let name) = change { try refuseIfNamed(name) }
        let before = try load().policy
        let after = try before.applying(change, within: permit.principal.ceiling(in: before, at: now), at: now)
        do {
            try write(change, by: permit.principal.actor, at: now)
        } catch let error as StorageError where error.code == .brokenReference {
            throw PolicyRefusal.notFound("such user")
        }
        try tx.append(
            AuditEvent(
                of: permit, resource: change.resource, outcome: .success, detail: change.detail(before: before), correlation: correlation,
                address: address))
        return (after, revision)
    }

    /// A role that is named elsewhere stays: another one of its name would inherit what was decided about it.
    private func refuseIfNamed(_ role: String) throws {
        if try ActingRepository(tx).role() == role {
            throw PolicyRefusal.conflict(
                "operators of the installation act with the role \(role): choose another one first, or forbid it")
        }
        if try UserFactorRepository(tx).policy()?.requiredRoles.contains(role) == true {
            throw PolicyRefusal.conflict("who has the role \(role) must have a second factor: take it out of that policy first")
        }
    }

    private func roles() throws -> [Policy.Role] {
        var parents: [String: [String]] = [:]
        for row in try tx.query("SELECT role, parent FROM role_parents WHERE tenant_id = $1", [tx.tenant]) {
            parents[try row["role"], default: []].append(try row["parent"])
        }
        return try tx.query("SELECT name, built_in FROM roles WHERE tenant_id = $1", [tx.tenant]).map { row in
            let name: String = try row["name"]
            return Policy.Role(name, parents: parents[name] ?? [], isBuiltIn: try row.int("built_in") == 1)
        }
    }

    private func rules() throws -> [Policy.Rule] {
        // Most rules of a large policy say the same of others.
        var actions: [String: ActionPattern] = [:]
        var selectors: [String: ResourceSelector] = [:]
        return try tx.query(
            "SELECT id, effect, role, user_id, action, selector, expires_at FROM policy_rules WHERE tenant_id = $1 ORDER BY id", [tx.tenant]
        ).map { row in
            let (action, selector) = (try row.text("action"), try row.text("selector"))
            let pattern = try actions[action] ?? ActionPattern(action)
            let resources = try selectors[selector] ?? ResourceSelector(selector)
            (actions[action], selectors[selector]) = (pattern, resources)
            let role: String? = try row["role"]
            return Policy.Rule(
                id: try row["id"], try row.choice("effect"), try role.map { .role($0) } ?? .user(row.id("user_id")), pattern, on: resources,
                expiresAt: try row["expires_at"])
        }
    }

    private func assignments() throws -> [Policy.Assignment] {
        try tx.query("SELECT user_id, role, expires_at FROM user_roles WHERE tenant_id = $1", [tx.tenant]).map { row in
            Policy.Assignment(try row.id("user_id"), try row["role"], expiresAt: try row["expires_at"])
        }
    }

    private func separations() throws -> [Policy.Separation] {
        try tx.query("SELECT name, kind, members FROM policy_separations WHERE tenant_id = $1", [tx.tenant]).map { row in
            Policy.Separation(try row["name"], try row.choice("kind"), try StoredList.read(row, "members"))
        }
    }

    private func write(_ change: PolicyChange, by actor: String, at now: Int64) throws {
        switch change {
        case .createRole(let name, let parents):
            try tx.execute(
                "INSERT INTO roles (tenant_id, name, built_in, created_at) VALUES ($1, $2, 0, $3)", [tx.tenant, .text(name), .int(now)])
            try insert(parents, of: name)
        case .setParents(let name, let parents):
            try tx.execute("DELETE FROM role_parents WHERE tenant_id = $1 AND role = $2", [tx.tenant, .text(name)])
            try insert(parents, of: name)
        case .deleteRole(let name):
            for (table, column) in [("policy_rules", "role"), ("role_parents", "role"), ("roles", "name")] {
                try tx.execute("DELETE FROM \(table) WHERE tenant_id = $1 AND \(column) = $2", [tx.tenant, .text(name)])
            }
        case .setRule(let rule): try insert(rule, by: actor, at: now)
        case .removeRule(let id): try tx.execute("DELETE FROM policy_rules WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(id)])
        case .assign(let assignment):
            try tx.execute(
                """
                INSERT INTO user_roles (tenant_id, user_id, role, granted_at, granted_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (tenant_id, user_id, role) DO UPDATE SET
                    granted_at = excluded.granted_at, granted_by = excluded.granted_by, expires_at = excluded.expires_at
                """,
                [
                    tx.tenant, .text(assignment.user.description), .text(assignment.role), .int(now), .text(actor),
                    .int(orNull: assignment.expiresAt),
                ])
        case .unassign(let user, let role):
            try tx.execute(
                "DELETE FROM user_roles WHERE tenant_id = $1 AND user_id = $2 AND role = $3",
                [tx.tenant, .text(user.description), .text(role)])
        case .setSeparation(let separation):
            try tx.execute(
                """
                INSERT INTO policy_separations (tenant_id, name, kind, members, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (tenant_id, name) DO UPDATE SET kind = excluded.kind, members = excluded.members
                """,
                [
                    tx.tenant, .text(separation.name), .text(separation.kind.rawValue), .text(StoredList.text(separation.members)),
                    .int(now), .text(actor),
                ])
        case .removeSeparation(let name):
            try tx.execute("DELETE FROM policy_separations WHERE tenant_id = $1 AND name = $2", [tx.tenant, .text(name)])
        }
    }

    private func insert(_ parents: [String], of role: String) throws {
        for parent in Set(parents).sorted() {
            try tx.execute(
                "INSERT INTO role_parents (tenant_id, role, parent) VALUES ($1, $2, $3)", [tx.tenant, .text(role), .text(parent)])
        }
    }

    private func insert(_ rule: Policy.Rule, by actor: String, at now: Int64) throws {
        var (role, user) = (String?.none, UserID?.none)
        switch rule.subject {
        case .role(let name): role = name
        case .user(let id): user = id
        }
        try tx.execute(
            """
            INSERT INTO policy_rules (tenant_id, id, effect, role, user_id, action, selector, expires_at, created_at, created_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (tenant_id, id) DO UPDATE SET
                effect = excluded.effect, role = excluded.role, user_id = excluded.user_id, action = excluded.action,
                selector = excluded.selector, expires_at = excluded.expires_at
            """,
            [
                tx.tenant, .text(rule.id), .text(rule.effect.rawValue), .text(orNull: role), .text(orNull: user?.description),
                .text(rule.action.description), .text(rule.selector.description), .int(orNull: rule.expiresAt), .int(now), .text(actor),
            ])
    }
}
