// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Values

/// Reviews of who holds what.
extension RouteTable {
    private static let path = "/v1/tenants/{tenant}/access-reviews"

    private static let members: [Schema.Field] = [
        .required("id", .string(36...36, format: .uuid)), .required("name", .string(max: 200)),
        .required("status", .enumeration(["open", "closed"])), .required("created_at", .milliseconds),
        .required("created_by", .string(max: 200)), .optional("closed_at", .milliseconds),
        .required("lines", .integer(0...Int64.max), "How many it has."),
        .required("undecided", .integer(0...Int64.max), "About how many of them nobody has decided."),
    ]

    private static let view = Schema.type("AccessReview", "A review of who holds what.", members)

    private static let line = Schema.type(
        "AccessReviewLine", "One thing that somebody held when the review began.",
        [
            .required("line", .integer(1...Int64.max)),
            .required("kind", .enumeration(["role", "rule", "api_key"])),
            .required("name", .string(max: 200), "The role, the rule's id, or what the key is called."),
            .optional("user", .string(36...36, format: .uuid), "Who has it; of a key, who issued it."),
            .optional("email", .string(max: 254), "Their address now."),
            .optional("guest", .boolean, "Their account belongs to another tenant."),
            .optional("api_key", .string(36...36, format: .uuid)), .optional("issued_by", .string(max: 200)),
            .optional("last_used_at", .milliseconds, "Of a key."),
            .optional("unused", .boolean, "Of a key: nobody had used it for as long as makes an account dormant."),
            .optional("expires_at", .milliseconds),
            .required("permissions", .array(.string(max: 20_000)), "What it gave, and denied."),
            .optional("decision", .enumeration(["keep", "revoke"])), .optional("reviewer", .string(max: 200)),
            .optional("result", .string(max: 64), "What came of it at the end: `kept`, `revoked`, or why nothing was done."),
        ])

    static let accessReviews: [Route] = [
        .permitted(
            .accessReviewRead, .get, path, "accessReviews", "The reviews, the newest first", tag: "Access reviews",
            query: .object(
                "",
                [
                    .optional("limit", .integer(1...200), "At most so many; 50 unless said otherwise."),
                    .optional("after", .string(36...36, format: .uuid), "The page after this review."),
                ]),
            success: .init(
                .ok, "`next` goes on, where there may be more.",
                .object("", [.required("reviews", .array(view)), .optional("next", .string(36...36, format: .uuid))]))
        ) { permit, call, host in
            let limit = Int(call.query["limit"]?.intValue ?? 50)
            let after = call.query["after"]?.stringValue.flatMap { ReviewID($0) }
            let reviews = try await host.accessReviews.page(permit, after: after, limit: limit)
            var page: [String: Value] = ["reviews": .array(reviews.map(\.json))]
            if reviews.count == limit, let last = reviews.last { page["next"] = .string(last.id.description) }
            return .ok(.map(page))
        },
        .permitted(
            .accessReviewManage, .post, path, "createAccessReview", "Begin a review with who holds what at this moment",
            tag: "Access reviews",
            body: .json(.object("", [.required("name", .string(1...200), "What it is called.", example: "2026-Q4")])),
            success: .init(.created, "Open, until somebody closes it.", view)
        ) { permit, call, host in
            .created(try await host.accessReviews.create(permit, name: call.text("name"), origin: call.origin).json)
        },
        .permitted(
            .accessReviewRead, .get, path + "/{review}", "accessReview", "One review and its lines", tag: "Access reviews",
            query: .object(
                "",
                [
                    .optional("limit", .integer(1...500), "At most so many lines; 100 unless said otherwise."),
                    .optional("after", .integer(0...Int64.max), "The lines after this one."),
                ]),
            success: .init(
                .ok, "`next` goes on, where there may be more.",
                .object(
                    "", [.required("review", view), .required("lines", .array(line)), .optional("next", .integer(1...Int64.max))]))
        ) { permit, call, host in
            let limit = Int(call.query["limit"]?.intValue ?? 100)
            let (review, lines) = try await host.accessReviews.review(
                permit, call.identifier("review"), after: call.query["after"]?.intValue ?? 0, limit: limit)
            var page: [String: Value] = ["review": review.json, "lines": .array(lines.map(\.json))]
            if lines.count == limit, let last = lines.last { page["next"] = .int(last.number) }
            return .ok(.map(page))
        },
        .permitted(
            .accessReviewAttest, .post, path + "/{review}/decisions", "decideAccessReview", "Decide about lines, as a reviewer",
            tag: "Access reviews",
            body: .json(
                .object(
                    "",
                    [
                        .required(
                            "decisions",
                            .array(
                                .object(
                                    "",
                                    [
                                        .required("line", .integer(1...Int64.max), example: 1),
                                        .required("decision", .enumeration(["keep", "revoke"]), example: "keep"),
                                    ]), 1...500), "All of them are taken, or none. None may be the reviewer's own.")
                    ])),
            success: .init(.ok, "As it stands now.", view)
        ) { permit, call, host in
            let id: ReviewID = try call.identifier("review")
            let decisions: [(Int64, AccessReview.Line.Decision)] = (call.input["decisions"]?.arrayValue ?? []).map {
                ($0["line"]?.intValue ?? 0, $0["decision"]?.stringValue == "keep" ? .keep : .revoke)
            }
            return try await host.recordingDenial(of: permit, at: call.origin) {
                .ok(try await host.accessReviews.attest(permit, id, decisions, origin: call.origin).json)
            }
        },
        .permitted(
            .accessReviewManage, .post, path + "/{review}/close", "closeAccessReview", "Close a review and take away what it revokes",
            tag: "Access reviews",
            body: .json(
                .object(
                    "", [.required("revoke_undecided", .boolean, "Whether what nobody decided about is lost; else it has to be decided.")])),
            success: .init(
                .ok,
                "Carried out as a whole, within what the caller holds: `user.manage` for roles and keys, `role.manage` for rules. Otherwise it stays open.",
                .object("", [.required("review", view), .required("results", .any, "How many lines came to which end.")]))
        ) { permit, call, host in
            let id: ReviewID = try call.identifier("review")
            return try await host.recordingDenial(of: permit, at: call.origin) {
                let (review, results) = try await host.accessReviews.close(
                    permit, with: AccessReviews.Rights(of: permit.principal), id,
                    revokesUndecided: call.input["revoke_undecided"]?.boolValue ?? false, origin: call.origin)
                return .ok(["review": review.json, "results": .map(results.mapValues(Value.int))])
            }
        },
    ]
}

extension AccessReview {
    fileprivate var json: Value {
        var members: [String: Value] = [
            "id": .string(id.description), "name": .string(name), "status": .string(isOpen ? "open" : "closed"),
            "created_at": .int(createdAt), "created_by": .string(createdBy), "lines": .int(lineCount), "undecided": .int(undecidedCount),
        ]
        if let closedAt { members["closed_at"] = .int(closedAt) }
        return .map(members)
    }
}

extension AccessReview.Line {
    fileprivate var json: Value {
        var members: [String: Value] = [
            "line": .int(number), "kind": .string(kind.rawValue), "name": .string(name),
            "permissions": .array(permissions.map(Value.string)),
        ]
        members["user"] = user.map { .string($0.description) }
        members["email"] = email.map(Value.string)
        members["api_key"] = key.map { .string($0.description) }
        members["issued_by"] = issuedBy.map(Value.string)
        members["last_used_at"] = lastUsedAt.map(Value.int)
        members["expires_at"] = expiresAt.map(Value.int)
        members["decision"] = decision.map { .string($0.rawValue) }
        members["reviewer"] = reviewer.map(Value.string)
        members["result"] = result.map(Value.string)
        if isGuest { members["guest"] = true }
        if kind == .apiKey { members["unused"] = .bool(isUnused) }
        return .map(members)
    }
}
