// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Values

extension RouteTable {
    private static let keys = "/v1/tenants/{tenant}/api-keys"

    /// Keys of programs.
    static let apiKeys: [Route] = [
        .listed(
            .userManage, keys, "apiKeys", "The tenant's API keys", tag: "API keys",
            success: .init(
                .ok, "Those that the caller may see, the oldest first, without their secrets; `expires_soon` from 14 days before the end.",
                .any)
        ) { permit, _, host in
            let now = host.clock.nowMilliseconds()
            return .ok(["api_keys": .array(try await host.authenticator.apiKeys(permit).map { $0.json(at: now) })])
        },
        .permitted(
            .userManage, .post, keys, "createAPIKey", "Make an API key, as somebody who is signed in", tag: "API keys",
            body: .json(
                .object(
                    "",
                    [
                        .required("name", .string(1...100), "What it is called in lists.", example: "panel"),
                        .required(
                            "permissions", .array(.string(1...200), 1...64), "What it may do: no more than whoever makes it.",
                            example: ["plugin.invoke"]),
                        .required("expires_in_days", .integer(1...366), "Every key ends.", example: 90),
                    ])),
            success: .init(.created, "The key, `key`, is shown only now.", .any)
        ) { permit, call, host in
            let permissions = call.input["permissions"]?.arrayValue?.compactMap(\.stringValue) ?? []
            let end = host.clock.nowMilliseconds() + (call.input["expires_in_days"]?.intValue ?? 0) * 86_400_000
            let issued = try await host.recordingDenial(of: permit, on: "api_key:new", at: call.origin) {
                try permit.requirePerson()
                return try await host.authenticator.issueAPIKey(
                    permit, name: call.text("name"), permissions: permissions, expiresAt: end, from: call.origin.client,
                    correlation: call.origin.correlation)
            }
            return .created(issued.record.json(at: host.clock.nowMilliseconds(), showing: issued.text))
        },
        .permitted(
            .userManage, .post, keys + "/{key}/rotate", "rotateAPIKey", "Give an API key another secret, as somebody who is signed in",
            tag: "API keys",
            body: .json(
                .object(
                    "",
                    [
                        .optional(
                            "overlap_seconds", .integer(0...Authenticator.longestOverlap / 1000),
                            "For how long the old secret is good as well; a day unless said otherwise, 0 after a leak."),
                        .optional("expires_in_days", .integer(1...366), "A new end; the old one stays unless said otherwise."),
                    ])),
            success: .init(.ok, "The key with its new secret, `key`, which is shown only now.", .any)
        ) { permit, call, host in
            let id = try call.identifier("key", as: APIKeyID.self)
            let rotated = try await host.recordingDenial(of: permit, on: "api_key:\(id)", at: call.origin) {
                try permit.requirePerson()
                return try await host.authenticator.rotateAPIKey(
                    permit, id: id, overlap: (call.input["overlap_seconds"]?.intValue ?? 86_400) * 1000,
                    expiresAt: call.input["expires_in_days"]?.intValue.map { host.clock.nowMilliseconds() + $0 * 86_400_000 },
                    from: call.origin.client, correlation: call.origin.correlation)
            }
            guard let rotated else { throw Problem.notFound }
            return .ok(rotated.record.json(at: host.clock.nowMilliseconds(), showing: rotated.text))
        },
        .permitted(
            .userManage, .delete, keys + "/{key}", "revokeAPIKey", "Withdraw an API key", tag: "API keys",
            success: .init(.noContent, "It is refused from now on.")
        ) { permit, call, host in
            let id = try call.identifier("key", as: APIKeyID.self)
            let isRevoked = try await host.authenticator.revokeAPIKey(
                permit, id: id, from: call.origin.client, correlation: call.origin.correlation)
            guard isRevoked else { throw Problem.notFound }
            return Reply(.noContent)
        },
    ]
}

extension APIKeyRecord {
    fileprivate func json(at now: Int64, showing secret: Secret? = nil) -> Value {
        func time(_ time: Int64?) -> Value { time.map(Value.int) ?? .null }
        var members: [String: Value] = [
            "id": .string(id.description), "name": .string(name), "permissions": .array(patterns.map(Value.string)),
            "issued_by": .string(issuedBy), "issuer_active": isIssuerActive.map(Value.bool) ?? .null, "created_at": .int(createdAt),
            "expires_at": .int(expiresAt), "last_used_at": time(lastUsedAt), "revoked_at": time(revokedAt),
            "expires_soon": .bool(isGood(at: now) && expiresAt - now < Self.warning), "active": .bool(isGood(at: now)),
            "old_secret_until": previousUntil.map { $0 > now ? .int($0) : .null } ?? .null,
        ]
        if let secret { members["key"] = secret.revealedText().map(Value.string) }
        return .map(members)
    }
}
