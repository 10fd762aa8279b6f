// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Values

/// The life of tenants, for administrators of the platform.
///
/// The path names a tenant as `{slug}`: it is the thing that is acted on, never the tenant that the caller acts in.
extension RouteTable {
    private static let one = "/v1/tenants/{slug}"
    private static let reason = Schema.Field.required(
        "reason", .string(1...200), "Why, in one line; it stands in the operators' trail and in the tenant's.")
    private static let confirm = Schema.Field.required("confirm", .string(1...63), "The tenant's slug once more.")

    private static let tenant = Schema.type(
        "Tenant", "A tenant as the operators of the installation see it.",
        [
            .required("id", .string(max: 36)), .required("slug", .string(max: 63)), .required("name", .string(max: 200)),
            .required("status", .enumeration(TenantRecord.Status.allCases.map(\.rawValue))),
            .required("created_at", .integer(0...Int64.max)),
            .required("changed_at", .integer(0...Int64.max), "When its status changed last."),
            .optional("purge_after", .integer(0...Int64.max), "When a deleted tenant may be purged."),
            .optional("purge_completed_at", .integer(0...Int64.max), "When the last rows of a purged tenant were gone."),
            .optional(
                "budget", .string(max: 32),
                "How many requests its users and keys may make together; left out where the installation's holds."),
            .optional("operator_role", .string(max: 64), "What operators act with in this tenant; left out where they may not."),
        ])

    static let tenants: [Route] = [
        .permitted(
            .tenantManage, .get, "/v1/tenants", "listTenants", "The tenants of the installation", tag: "Tenants",
            success: .init(.ok, "All of them, by slug.", .object("", [.required("tenants", .array(tenant))]))
        ) { permit, call, host in
            let who = try await host.tenantOperator(permit, call.origin)
            return .ok(["tenants": .array(try await host.tenants.list(who).map(\.json))])
        },
        .permitted(
            .tenantManage, .post, "/v1/tenants", "createTenant", "Create a tenant", tag: "Tenants",
            body: .json(
                .object(
                    "",
                    [
                        .required("slug", .string(2...63), "Lower-case letters, digits and dashes; good for ever.", example: "acme"),
                        .optional("name", .string(1...200), "For people; the slug unless said otherwise."), reason,
                    ])),
            success: .init(.created, "With the built-in roles and an audit trail of its own.", tenant)
        ) { permit, call, host in
            let who = try await host.tenantOperator(permit, call.origin)
            guard let slug = TenantSlug(call.text("slug")) else {
                throw Problem.invalidField("slug", "must have 2 to 63 lower-case letters, digits and single dashes between them")
            }
            let order = try TenantOrder(slug, reason: call.text("reason"))
            let name = call.input["name"]?.stringValue ?? slug.description
            return .created(try await host.tenants.create(order, name: name, who, call.origin).json)
        },
        .permitted(
            .tenantManage, .get, one, "getTenant", "One tenant", tag: "Tenants",
            success: .init(.ok, "With the payments and refunds whose outcome is not known.", .any)
        ) { permit, call, host in
            let who = try await host.tenantOperator(permit, call.origin)
            let view = try await host.tenants.show(call.slug(), who)
            var members = view.tenant.json.mapValue ?? [:]
            members["open_payments"] = .int(view.money.payments)
            members["open_refunds"] = .int(view.money.refunds)
            return .ok(.map(members))
        },
        .permitted(
            .tenantManage, .patch, one, "renameTenant", "Give a tenant another name", tag: "Tenants",
            body: .json(.object("", [.required("name", .string(1...200), "For people; the slug never changes."), reason])),
            success: .init(.ok, "Renamed.", tenant)
        ) { permit, call, host in
            let who = try await host.tenantOperator(permit, call.origin)
            return .ok(try await host.tenants.rename(call.order(), to: call.text("name"), who, call.origin).json)
        },
        .permitted(
            .tenantManage, .put, one + "/budget", "setTenantBudget", "Say how many requests a tenant may make", tag: "Tenants",
            body: .json(
                .object(
                    "",
                    [
                        .optional(
                            "limit", .string(3...32),
                            "Requests, seconds, and perhaps how many at once; left out for what the installation says.",
                            example: "6000/60:600"),
                        reason,
                    ])),
            success: .init(.ok, "In force from the next request on; each host counts by itself.", tenant)
        ) { permit, call, host in
            let who = try await host.tenantOperator(permit, call.origin)
            let text = call.input["limit"]?.stringValue
            let limit = text.flatMap { RateLimit($0) }
            guard text == nil || limit != nil else {
                throw Problem.invalidField("limit", "must be requests/seconds, and perhaps ':' and how many at once, such as 6000/60:600")
            }
            return .ok(try await host.tenants.setBudget(call.order(), to: limit, who, call.origin).json)
        },
        .permitted(
            .tenantManage, .post, one + "/suspend", "suspendTenant", "Take a tenant out of service", tag: "Tenants",
            body: .json(.object("", [reason])),
            success: .init(.ok, "Refused from the next request on, on every host; what runs for it is ended within a second.", tenant)
        ) { permit, call, host in
            let who = try await host.tenantOperator(permit, call.origin)
            return .ok(try await host.tenants.suspend(call.order(), who, call.origin).json)
        },
        .permitted(
            .tenantManage, .post, one + "/resume", "resumeTenant", "Bring a tenant back into service", tag: "Tenants",
            body: .json(.object("", [reason])),
            success: .init(.ok, "In service again; a tenant that was deleted and not purged, too.", tenant)
        ) { permit, call, host in
            let who = try await host.tenantOperator(permit, call.origin)
            return .ok(try await host.tenants.resume(call.order(), who, call.origin).json)
        },
        .permitted(
            .tenantManage, .post, one + "/delete", "deleteTenant", "Delete a tenant", tag: "Tenants",
            body: .json(
                .object(
                    "",
                    [
                        reason, confirm,
                        .optional("grace_days", .integer(0...3650), "For how long it can be taken back; 30 unless said otherwise."),
                    ])),
            success: .init(.ok, "Out of service; it can be purged when the grace period is over.", tenant)
        ) { permit, call, host in
            let who = try await host.tenantOperator(permit, call.origin)
            let days = call.input["grace_days"]?.intValue ?? TenantAdministration.graceDays
            return .ok(try await host.tenants.delete(call.order(), graceDays: days, who, call.origin).json)
        },
        .permitted(
            .tenantManage, .post, one + "/purge", "purgeTenant", "Destroy a deleted tenant's keys and rows", tag: "Tenants",
            body: .json(
                .object(
                    "",
                    [
                        reason, confirm,
                        .optional("abandon_payments", .boolean, "Although the outcome of some payments is not known."),
                    ])),
            success: .init(.ok, "Only the ledger and the audit trail's skeleton are left.", .any)
        ) { permit, call, host in
            let who = try await host.tenantOperator(permit, call.origin)
            let purge = try await host.tenants.purge(
                call.order(), abandoningMoney: call.input["abandon_payments"]?.boolValue ?? false, who, call.origin)
            var members = purge.tenant.json.mapValue ?? [:]
            members["keys_destroyed"] = Value(purge.keys)
            members["rows_removed"] = Value(purge.rows)
            members["trail_size"] = .int(purge.trailSize)
            return .ok(.map(members))
        },
    ]
}

extension Host {
    /// The right to decide about tenants; that somebody of another tenant tried stands in that tenant's trail.
    fileprivate func tenantOperator(_ permit: Permit, _ origin: CallOrigin) async throws -> TenantOperator {
        try await recordingDenial(of: permit, at: origin) { try TenantOperator(permit) }
    }
}

extension RouteCall {
    fileprivate func slug() throws(Problem) -> TenantSlug {
        guard let text = parameters["slug"], let slug = TenantSlug(text) else { throw .notFound }
        return slug
    }

    fileprivate func order() throws -> TenantOrder {
        try TenantOrder(slug(), reason: text("reason"), confirmation: input["confirm"]?.stringValue)
    }
}

extension TenantRecord {
    var json: Value {
        var members: [String: Value] = [
            "id": .string(id.description), "slug": .string(slug.description), "name": .string(name), "status": .string(status.rawValue),
            "created_at": .int(createdAt), "changed_at": .int(changedAt),
        ]
        if let purgeAfter { members["purge_after"] = .int(purgeAfter) }
        if let sweptAt { members["purge_completed_at"] = .int(sweptAt) }
        if let budget { members["budget"] = .string(budget.description) }
        if let operatorRole { members["operator_role"] = .string(operatorRole) }
        return .map(members)
    }
}
