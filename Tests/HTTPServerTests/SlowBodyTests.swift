// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import NIOHTTP1
import Security
import Storage
import Testing
import Values

/// Requests whose caller is let in, and whose body comes much later.
@Suite("Bodies that are long in coming", .timeLimit(.minutes(5)))
struct SlowBodyTests {
    private static let origin = "https://panel.example"

    /// Every body is late here.
    private func served(_ body: (Panel) async throws -> Void) async throws {
        var edge = EdgeRules(origins: try BrowserOrigins([Self.origin], allowsLoopback: false))
        edge.bodyPatience = .zero
        try await Panel.with(edge: edge, body)
    }

    /// Sends the head and the first byte of a body, does something once the caller has been recognised, and sends the rest; answers the status.
    private func late(
        _ panel: Panel, _ path: String, _ credential: String, _ body: Value, seen: String, _ meanwhile: @Sendable () async throws -> Void
    ) async throws -> Int {
        let text = String(decoding: JSON.serialize(body), as: UTF8.self)
        let head = """
            POST \(path) HTTP/1.1\r\nHost: panel.example\r\n\(credential)\r\nContent-Type: application/json\r\n\
            Content-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n
            """
        let answer = try await RawConnection.exchange(port: panel.port, head + text.prefix(1)) {
            // A recognised caller is noted beside the request.
            while try await panel.rows(seen).isEmpty { await Task.yield() }
            try await meanwhile()
            return String(text.dropFirst())
        }
        return try #require(answer.split(separator: " ").dropFirst().first.flatMap { Int($0) }, "\(answer)")
    }

    /// Somebody's session whose next use is noted: by which header it is shown, and what finds it once it was.
    private func session(_ panel: Panel, email: String = Panel.email, inCookies: Bool = false) async throws -> Session {
        let own = [("origin", Self.origin), ("panelhost-browser-session", "1")]
        let answer = try await panel.send(
            .post, "/v1/auth/login", .json(["tenant": "acme", "email": .string(email), "password": .string(Panel.password)]),
            headers: inCookies ? own : [])
        let id = try #require(answer.json["session_id"]?.stringValue, "\(answer.text)")
        let cookies = answer.headers["set-cookie"].compactMap { $0.split(separator: ";").first }.joined(separator: "; ")
        let header =
            inCookies
            ? "Cookie: \(cookies)\r\nOrigin: \(Self.origin)\r\nPanelhost-Browser-Session: 1"
            : "Authorization: Bearer \(answer.json["access_token"]?.stringValue ?? "")"
        try await panel.execute("UPDATE sessions SET last_seen_at = last_seen_at - 120000 WHERE id = '\(id)'")
        return Session(id: id, header: header)
    }

    private struct Session {
        let id: String
        let header: String
        var seen: String { "SELECT id FROM sessions WHERE id = '\(id)' AND last_seen_at >= created_at" }
    }

    private static let keys = "/v1/tenants/acme/api-keys"
    private static let key: Value = ["name": "late", "permissions": ["plugin.read"], "expires_in_days": 30]

    @Test("a session that ends before the body is there does nothing, with a permission or without, by header and by cookie")
    func endedSession() async throws {
        try await served { panel in
            let user = try #require(try await panel.user())
            for (path, body) in [(Self.keys, Self.key), ("/v1/auth/factors/totp", [:])] {
                for inCookies in [false, true] {
                    let session = try await session(panel, inCookies: inCookies)
                    let status = try await late(panel, path, session.header, body, seen: session.seen) {
                        let ended = try await panel.send(
                            .delete, "/v1/tenants/acme/users/\(user)/sessions/\(session.id)", bearer: panel.key)
                        #expect(ended.status == 204)
                    }
                    #expect(status == 401, "\(path), in cookies: \(inCookies)")
                }
            }
            #expect(try await panel.rows("SELECT id FROM api_keys WHERE name = 'late'").isEmpty)
            #expect(try await panel.rows("SELECT user_id FROM user_factors").isEmpty)
            let session = try await session(panel)
            #expect(try await late(panel, Self.keys, session.header, Self.key, seen: session.seen) {} == 201, "who stays signed in")
        }
    }

    @Test("a suspended user, a role that was taken away and a withdrawn key do nothing with a body that comes afterwards")
    func lostRights() async throws {
        try await served { panel in
            let ann = try await Person(panel, roles: ["ADMIN"])
            let email = try #require(try await panel.rows("SELECT email FROM users WHERE id = '\(ann.id)'").first).text("email")
            let demoted = try await session(panel, email: email)
            let role = try await late(panel, Self.keys, demoted.header, Self.key, seen: demoted.seen) {
                try await panel.execute("DELETE FROM user_roles WHERE user_id = '\(ann.id)'")
                try await panel.execute("UPDATE policies SET revision = '\(CallID.make())'")
            }
            #expect(role == 403)
            let bob = try await Person(panel, roles: ["ADMIN"])
            let other = try #require(try await panel.rows("SELECT email FROM users WHERE id = '\(bob.id)'").first).text("email")
            let suspended = try await session(panel, email: other)
            let status = try await late(panel, Self.keys, suspended.header, Self.key, seen: suspended.seen) {
                let done = try await panel.send(.post, "/v1/tenants/acme/users/\(bob.id)/suspend", bearer: panel.admin(), .json([:]))
                #expect(done.status == 200, "\(done.text)")
            }
            #expect(status == 401)
            #expect(try await panel.rows("SELECT id FROM api_keys WHERE name = 'late'").isEmpty)

            let key = try await panel.key(for: panel.acme, Panel.everything)
            let id = try #require(try await panel.rows("SELECT id FROM api_keys ORDER BY id DESC LIMIT 1").first).text("id")
            let withdrawn = try await late(
                panel, "/v1/tenants/acme/origins", "Authorization: Bearer \(key)", ["origin": "https://late.example"],
                seen: "SELECT id FROM api_keys WHERE id = '\(id)' AND last_used_at IS NOT NULL"
            ) {
                let done = try await panel.send(.delete, "\(Self.keys)/\(id)", bearer: panel.key)
                #expect(done.status == 204)
            }
            #expect(withdrawn == 401)
        }
    }
}

extension Panel {
    fileprivate func rows(_ sql: String) async throws -> [Row] {
        try await database.platformRead(authority.platform("tests")) { try $0.query(sql, []) }
    }

    fileprivate func execute(_ sql: String) async throws {
        try await database.platform(authority.platform("tests")) { _ = try $0.execute(sql, []) }
    }
}
