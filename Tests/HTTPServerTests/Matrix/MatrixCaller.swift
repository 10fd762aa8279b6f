// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import Host
import Security
import Storage
import Testing
import Values

/// Somebody who calls, and what they hold by the definition of their role, or by their key.
struct MatrixCaller: Sendable {
    let name: String
    let home: TenantRecord
    /// What they send; nil for nothing at all.
    let bearer: String?
    /// Patterns.
    let holds: [String]
    var user: UserID?
    var session: SessionID?

    /// One user for each built-in role that a tenant has, signed in.
    static func roles(of tenant: TenantRecord, _ panel: Panel, word: String = "matrix") async throws -> [MatrixCaller] {
        let hash = try await PasswordHasher(ring: panel.ring).hash(Secret(Panel.password))
        var callers: [MatrixCaller] = []
        for role in BuiltInRole.allCases where role.isAvailable(in: tenant.slug) {
            let email = "\(word)-\(role.rawValue.lowercased())@\(tenant.slug).example"
            let user = try await panel.database.transaction(panel.authority.permit(.userManage, in: tenant.id, as: "test").scope) { tx in
                try UserRepository(tx).create(
                    email: email, name: email, passwordHash: hash, roles: [role.rawValue], at: WallClock.system.now()
                ).id
            }
            let answer = try await panel.signIn(tenant: tenant.slug.description, email: email)
            callers.append(
                MatrixCaller(
                    name: role.rawValue, home: tenant, bearer: try #require(answer.json["access_token"]?.stringValue, "\(answer.text)"),
                    holds: role.permissions, user: user, session: answer.json["session_id"]?.stringValue.flatMap { SessionID($0) }))
        }
        return callers
    }

    /// A program whose key has one scope.
    static func key(of tenant: TenantRecord, _ scope: Action, _ panel: Panel) async throws -> MatrixCaller {
        MatrixCaller(
            name: "key(\(scope))", home: tenant, bearer: try await panel.key(for: tenant, [scope.rawValue]), holds: [scope.rawValue])
    }

    /// Whether a route lets them in, in their own tenant: by what the route says and what they hold, and nothing else.
    func isAllowed(_ route: Route) -> Bool {
        switch route.access {
        case .open: true
        case .signedIn: bearer != nil
        case .permission(let action): PermissionSet(patterns: holds).covers(action)
        }
    }
}
