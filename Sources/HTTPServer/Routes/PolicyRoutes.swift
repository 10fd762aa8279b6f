// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Values

extension RouteTable {
    static let policyBase = "/v1/tenants/{tenant}/authz"

    /// Who asks to do what, on what.
    private static let question: [Schema.Field] = [
        .required("user", .string(36...36), "The user's id."),
        .required("action", .string(1...200), "The action, such as plugin.invoke.payment.", example: "plugin.read"),
        .optional("resource", .string(1...200), "The resource's kind and id, such as payment:1; no resource unless given."),
        .optional("owner", .string(36...36), "Whose the resource is: a user's id."),
        .optional("attributes", .string(1...2000), "Facts about the resource, as name=value, with commas between."),
    ]

    private static let change = Schema.Field.required(
        "change", .string(2...4096),
        "One change as JSON: `create_role`, `inherit`, `delete_role`, `set_rule`, `remove_rule`, `assign`, `unassign`, `set_separation` or `remove_separation`.",
        example: #"{"assign":{"user":"0192f0c1-7a3e-7b44-9d5e-3f2a1b0c9d8e","role":"MANAGER"}}"#)

    static let policyReading: [Route] =
        ["roles", "rules", "assignments", "separations"].map { part in
            .permitted(
                .roleRead, .get, "\(policyBase)/\(part)", "list\(part.prefix(1).uppercased())\(part.dropFirst())",
                "The \(part) of the tenant's policy", tag: "Authorization",
                success: .init(.ok, "All of them, with the policy's revision, which is the ETag as well.", .any)
            ) { permit, _, host in
                let (policy, revision) = try await host.policy.show(permit)
                return .policy([part: policy.value[part] ?? .array([])], revision)
            }
        } + [
            .permitted(
                .roleRead, .get, "\(policyBase)/policy", "showPolicy", "The tenant's whole policy", tag: "Authorization",
                success: .init(.ok, "As `panelhost authz show` prints it, with its revision, which is the ETag as well.", .any)
            ) { permit, _, host in
                let (policy, revision) = try await host.policy.show(permit)
                return .policy(policy.value.mapValue ?? [:], revision)
            },
            .permitted(
                .roleRead, .get, "\(policyBase)/explain", "explainAccess", "Whether somebody may do something, and why",
                tag: "Authorization", query: .object("", question),
                success: .init(
                    .ok, "The answer with the rule that decides, then every other rule about the action and why it does not.", .any)
            ) { permit, call, host in
                let question = try PolicyQuestion(call.query)
                return .ok(try await host.policy.explain(question.user, question.action, on: question.resource, permit).value)
            },
            .permitted(
                .roleRead, .get, "\(policyBase)/simulate", "simulateChange", "What would be decided after a change", tag: "Authorization",
                query: .object("", question + [change]),
                success: .init(
                    .ok,
                    "`now` and `then` as explained; `refused` says why the caller could not make the change, if so. Nothing is changed.",
                    .any)
            ) { permit, call, host in
                let question = try PolicyQuestion(call.query)
                let preview = try await host.policy.preview(try call.change(), permit)
                let ask = { (policy: Policy) in
                    policy.explain(question.user, question.action, on: question.resource, at: preview.now).value
                }
                return .ok(
                    .compact([
                        "now": ask(preview.before), "then": ask(preview.after), "refused": preview.refusal.map { .string($0.description) },
                        "violations": .array(preview.after.violations(at: preview.now).map { .string($0.description) }),
                    ]))
            },
            .permitted(
                .roleRead, .get, "\(policyBase)/unused", "unusedPolicy", "What nobody needed of the policy", tag: "Authorization",
                query: .object("", [.optional("days", .integer(1...365), "In how many days, not counting today; 90 unless given.")]),
                success: .init(
                    .ok,
                    "Rules, roles and assignments that are older and that no decision came by; `counted_long_enough` is false where use was not counted for all of the time.",
                    .any)
            ) { permit, call, host in
                .ok(try await host.policy.unused(for: call.query["days"]?.intValue ?? 90, permit).value)
            },
            .permitted(
                .roleRead, .get, "\(policyBase)/diff", "compareChange", "Exactly who would gain and lose what by a change",
                tag: "Authorization",
                query: .object("", [change, .optional("user", .string(36...36), "Only this user: an id.")]),
                success: .init(
                    .ok, "Each right that is gained or lost, and each separation that comes or goes; `refused` as in a simulation.", .any)
            ) { permit, call, host in
                let user = try call.query["user"].map { try PolicyQuestion.user($0, "user") }
                let found = try await host.policy.difference(try call.change(), among: user, permit)
                return .ok(
                    .compact([
                        "rights": .array(found.rights.map(\.value)), "separations": .array(found.separations.map(\.value)),
                        "refused": found.refusal.map { .string($0.description) },
                    ]))
            },
        ]
}

/// A question about the policy, read from a query that fits its schema.
private struct PolicyQuestion {
    let user: UserID
    let action: Action
    let resource: Resource?

    init(_ query: Value) throws {
        user = try Self.user(query["user"] ?? .null, "user")
        let pattern = try ActionPattern(query["action"]?.stringValue ?? "")
        guard pattern.isLiteral else { throw Problem.invalidField("action", "has no *: ask about one at a time") }
        action = Action(rawValue: pattern.description)
        let (owner, attributes) = (query["owner"], query["attributes"]?.stringValue)
        guard let id = query["resource"]?.stringValue else {
            if owner != nil || attributes != nil { throw Problem.invalidField("resource", "is needed where owner or attributes are given") }
            resource = nil
            return
        }
        var facts: [String: String] = [:]
        for pair in attributes?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
            guard let mark = pair.firstIndex(of: "="), facts[String(pair[..<mark])] == nil else {
                throw Problem.invalidField("attributes", "is written as name=value, with commas between, each name once")
            }
            facts[String(pair[..<mark])] = String(pair[pair.index(after: mark)...])
        }
        resource = Resource(id: id, owner: try owner.map { try Self.user($0, "owner") }, attributes: facts)
    }

    static func user(_ value: Value, _ field: String) throws(Problem) -> UserID {
        guard let user = value.stringValue.flatMap({ UserID($0) }) else { throw .invalidField(field, "must be a user's id") }
        return user
    }
}

extension RouteCall {
    /// The change in the query.
    fileprivate func change() throws -> PolicyChange {
        let value: Value
        do {
            value = try JSON.parse(
                Array((query["change"]?.stringValue ?? "").utf8), limits: ValueLimits(maxBytes: 4096, maxDepth: 5, maxNodes: 500))
        } catch {
            throw Problem.invalidField("change", "is not JSON: \(error)")
        }
        do throws(PolicyProblem) { return try PolicyChange(parsing: value) } catch {
            throw Problem.invalidField("change", error.description)
        }
    }
}

extension Reply {
    /// A part of the policy, with the revision that a change may be bound to.
    static func policy(_ members: [String: Value], _ revision: String, _ status: HTTPResponse.Status = .ok) -> Reply {
        Reply(
            status, .json(.map(members.merging(["revision": .string(revision)]) { $1 })), headers: [.eTag: "\"\(revision)\""])
    }
}
