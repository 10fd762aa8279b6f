// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import NIOHTTP1
import Security
import Testing
import Values

/// Heads that say one thing to one reader and another thing to the next: none of them is read in two ways, or believed.
@Suite("Spoofed heads", .timeLimit(.minutes(3)))
struct HeaderSpoofingTests {
    private static let second = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let post = "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

    /// What could be framed in two ways.
    static let smuggled: [String: String] = [
        "both lengths": post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second,
        "two lengths": post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" + second,
        "one length twice": post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" + second,
        "a list of lengths": post + "Content-Length: 5, 5\r\n\r\nhello" + second,
        "a length with a sign": post + "Content-Length: +5\r\n\r\nhello" + second,
        "a length below nothing": post + "Content-Length: -5\r\n\r\nhello" + second,
        "a length beyond everything": post + "Content-Length: 99999999999999999999999\r\n\r\nhello" + second,
        "an unknown coding": post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + second,
        "chunked and then another coding": post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + second,
        "two codings": post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + second,
        "a blank before the colon": post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + second,
        "chunks in HTTP/1.0": "POST /v1/auth/login HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second,
        "a folded line": "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\r\n Transfer-Encoding: chunked\r\n\r\n" + second,
        "lines without CR": "GET /healthz HTTP/1.1\nHost: x\n\n" + second,
        "CR alone": "GET /healthz HTTP/1.1\r\nHost: x\rTransfer-Encoding: chunked\r\n\r\n" + second,
        "NUL": "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\u{0}b\r\n\r\n" + second,
        "a chunk's length as C writes it": post + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n" + second,
        "a chunk beyond everything": post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n{}\r\n0\r\n\r\n" + second,
        "no host": "GET /healthz HTTP/1.1\r\n\r\n" + second,
        "two hosts": "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + second,
        "a target with a host": "GET http://evil.example/healthz HTTP/1.1\r\nHost: x\r\n\r\n" + second,
        "a tunnel": "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n" + second,
        "HTTP/0.9": "GET /healthz\r\n\r\n" + second,
        "HTTP/2.0": "GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n" + second,
        "HTTP/2's preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + second,
    ]

    @Test("what could be framed in two ways is a 400, and nothing behind it is read")
    func smuggling() async throws {
        try await Panel.with { panel in
            for (name, text) in Self.smuggled.sorted(by: { $0.key < $1.key }) {
                let client = try RawClient(port: panel.port)
                client.send(text)
                let answer = await client.receive()
                #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(name): \(answer)")
                #expect(!answer.dropFirst(8).contains(#/HTTP/1\.1 \d/#), "\(name): one answer, and the end: \(answer)")
            }
        }
    }

    @Test("what is whole before a broken request is done and answered, and then it ends")
    func behindGoodOnes() async throws {
        try await Panel.with { panel in
            let client = try RawClient(port: panel.port)
            client.send(Self.second + Self.second + "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n" + Self.second)
            let answer = await client.receive()
            let answers = answer.matches(of: #/HTTP/1\.1 (\d+) /#).map { String($0.output.1) }
            #expect(answers == ["200", "200", "400"], "\(answer)")
        }
    }

    @Test("a path is taken as it stands: nothing about it is undone, overridden or read elsewhere")
    func paths() async throws {
        try await Panel.with { panel in
            for (head, status) in [
                ("GET /v1/../healthz HTTP/1.1", 404), ("GET //healthz HTTP/1.1", 404), ("GET /%68ealthz HTTP/1.1", 404),
                ("GET /healthz;x HTTP/1.1", 404), ("GET /healthz/ HTTP/1.1", 404), ("GET /HEALTHZ HTTP/1.1", 404),
                ("OPTIONS * HTTP/1.1", 404), ("TRACE /healthz HTTP/1.1", 405),
                ("GET /v1/plugins HTTP/1.1\r\nX-Original-URL: /healthz\r\nX-Rewrite-URL: /healthz", 401),
                ("DELETE /healthz HTTP/1.1\r\nX-HTTP-Method-Override: GET\r\nX-HTTP-Method: GET", 405),
                ("GET /healthz HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk", 200),
            ] {
                let client = try RawClient(port: panel.port)
                client.send(head + "\r\nHost: x\r\n\r\n")
                let answer = await client.receive(until: "\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(head): \(answer)")
            }
        }
    }

    @Test("nobody is who a header says he is, and two credentials are none")
    func identities() async throws {
        try await Panel.with { panel in
            let claims = [
                "x-user", "x-remote-user", "remote-user", "x-forwarded-user", "x-forwarded-email", "x-auth-request-user", "x-tenant",
                "x-tenant-id", "x-authenticated-user", "x-webauth-user", "x-ssl-client-s-dn", "x-forwarded-client-cert", "x-wp-user-id",
            ]
            let answer = try await panel.send(.get, "/v1/plugins", headers: claims.map { ($0, "admin") })
            expectProblem(answer, 401, "unauthorized", "identity headers")
            for header in ["Bearer \(panel.key)", "bearer x", "Basic YWRtaW46YWRtaW4="] {
                let twice = try await panel.send(.get, "/v1/plugins", bearer: panel.key, headers: [("authorization", header)])
                expectProblem(twice, 401, "unauthorized", "two of them: \(header.prefix(6))")
            }
            for wrong in ["", " ", "Bearer", "Bearer ", "Bearer  \(panel.key)", "Bearer \(panel.key) ", "Token \(panel.key)", panel.key] {
                let answer = try await panel.send(.get, "/v1/plugins", headers: [("authorization", wrong)])
                #expect(answer.status == 401 || wrong.hasSuffix(" ") && answer.status == 200, "\(wrong.prefix(7))")
            }
            let globex = try await panel.send(.get, "/v1/tenants/globex/audit", bearer: panel.key, headers: [("x-tenant", "globex")])
            expectProblem(globex, 404, "not_found", "another tenant")
        }
    }

    @Test("what a stranger writes about hosts and addresses is in no answer, and not in the trail")
    func hosts() async throws {
        try await Panel.with { panel in
            let answer = try await panel.send(
                .post, "/v1/auth/login", .json(["tenant": "acme", "email": .string(Panel.email), "password": "wrong-password-here"]),
                headers: [
                    ("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https"), ("x-forwarded-for", "198.51.100.9"),
                    ("x-forwarded-port", "443"), ("forwarded", "for=198.51.100.9;host=evil.example"), ("x-real-ip", "198.51.100.9"),
                ])
            #expect(answer.status == 401 && !answer.text.contains("evil.example"))
            for field in answer.headers { #expect(!field.value.contains("evil.example"), "\(field.name)") }
            #expect(answer.headers["strict-transport-security"].isEmpty, "nobody has come over TLS")
            #expect(try await panel.trail(panel.acme, action: "session.sign_in").first?.address == "127.0.0.1")
        }
    }
}
