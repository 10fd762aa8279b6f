// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import NIOHTTP1
import PluginAPI
import Security
import Testing
import Values

/// Query strings, paths, methods and headers.
@Suite("Requests")
struct RequestTests {
    @Test("a query that the route does not describe is refused by name on every route")
    func unknownQuery() async throws {
        try await Panel.with { panel in
            for route in RouteTable.panel.routes {
                try await panel.unchanged(route.name) {
                    for query in ["zz_unknown=1", "zz_unknown", "zz_unknown=%00", "access_token=\(panel.key)"] {
                        let answer = try await panel.send(route, path: route.examplePath + "?" + query)
                        guard !Self.isKeptAsItCame(route) else {
                            expectProblem(answer, 404, "not_found", "\(route.name)?\(query)")
                            continue
                        }
                        let name = String(query.prefix { $0 != "=" })
                        expectProblem(answer, 400, "invalid_request", field: route.query == nil ? "query" : name, "\(route.name)?\(query)")
                    }
                }
            }
        }
    }

    @Test("a query parameter is refused twice, with a broken escape, as no UTF-8, with a NUL, and of the wrong type")
    func wrongQuery() async throws {
        try await Panel.with { panel in
            for route in RouteTable.panel.routes {
                for field in route.query?.fields ?? [] {
                    let (name, path) = (field.name, route.examplePath)
                    try await panel.unchanged("\(route.name) \(name)") {
                        for (query, wrong) in [
                            ("\(name)=1&\(name)=1", name), ("\(name)=a%00b", name), ("\(name)=", name), ("\(name)", name),
                            ("\(name)=1&%\(String(name.utf8.first ?? 0, radix: 16))\(name.dropFirst())=1", name),
                            ("\(name)=\(String(repeating: "x", count: 5000))", name),
                        ] {
                            expectProblem(
                                try await panel.send(route, path: path + "?" + query), 400, "invalid_request", field: wrong,
                                "\(path)?\(query)")
                        }
                        // A client would mend these.
                        for query in ["\(name)=%zz", "\(name)=%4", "\(name)=%", "\(name)=%ff", "\(name)=%ed%a0%80", "%=1"] {
                            let answer = try await RawConnection.exchange(
                                port: panel.port,
                                "\(route.method) \(path)?\(query) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(panel.key)\r\nConnection: close\r\n\r\n"
                            )
                            #expect(answer.hasPrefix("HTTP/1.1 400"), "\(path)?\(query): \(answer.prefix(200))")
                            #expect(answer.contains(#""field":"query""#), "\(path)?\(query): \(answer)")
                        }
                        guard case .integer(let range) = field.schema.shape else { return }
                        for text in ["x", "1.5", "0x10", "1e3", "%201", "99999999999999999999", "\(range.lowerBound - 1)"] {
                            expectProblem(
                                try await panel.send(route, path: "\(path)?\(name)=\(text)"), 400, "invalid_request", field: name,
                                "\(path)?\(text)")
                        }
                    }
                }
            }
        }
    }

    @Test("a path parameter of another form is a 404 on every route, and nothing is written")
    func pathParameters() async throws {
        try await Panel.with { panel in
            let garbage = [
                "x", "%00", "..%2f..%2fetc%2fpasswd", "%2e%2e", "'%20OR%201=1--", "{payment}", "%ff%fe",
                "0192f0c1-7a3e-7b44-9d5e-3f2a1b0c9d8",
                "0192F0C1-7A3E-7B44-9D5E-3F2A1B0C9D8E", "0192f0c1-7a3e-7b44-9d5e-3f2a1b0c9d8e%00", "-1", String(repeating: "a", count: 257),
                String(repeating: "a", count: 4000),
            ]
            let operators = try await panel.key(for: panel.platform, Panel.everything)
            for route in RouteTable.panel.routes where !route.isOpen {
                let bearer = route.audience == .operators ? operators : panel.key
                // What is about oneself is refused to a program before anything is looked up.
                for parameter in route.parameters where parameter != "tenant" && route.isForPrograms {
                    try await panel.unchanged("\(route.name) \(parameter)") {
                        for text in garbage where !Self.isOfItsForm(text, parameter) {
                            let answer = try await panel.send(route, path: route.path([parameter: text]), bearer: bearer)
                            expectProblem(answer, 404, "not_found", "\(route.name) \(parameter)=\(text.prefix(40))")
                        }
                    }
                }
            }
        }
    }

    /// What has the form of such a thing is looked up, after the body was read.
    private static func isOfItsForm(_ text: String, _ parameter: String) -> Bool {
        switch parameter {
        case "plugin", "program": PluginID(text) != nil
        case "slug": TenantSlug(text) != nil
        case "role", "rule", "separation", "user": text.utf8.count < 100 && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
        default: false
        }
    }

    @Test("dot segments lead nowhere")
    func dotSegments() async throws {
        try await Panel.with { panel in
            for path in [
                "/v1/../healthz", "/v1/tenants/acme/../globex/audit", "/v1/tenants/./acme/audit",
                "/v1/tenants/globex/../acme/plugins/probe",
                "/..", "/v1/%2e%2e/healthz", "/healthz/..", "/v1%2Fplugins", "/V1/plugins", "/v1/plugins%20",
            ] {
                let answer = try await RawConnection.exchange(
                    port: panel.port, "GET \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(panel.key)\r\nConnection: close\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 404"), "\(path): \(answer.prefix(200))")
                #expect(answer.contains("application/problem+json"), "\(path)")
            }
        }
    }

    @Test("every other method of a path that is served is a 405 that lists the right ones")
    func methods() async throws {
        try await Panel.with { panel in
            let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .delete, .patch, .options, .trace]
            for path in Set(RouteTable.panel.routes.map(\.path)) {
                let routes = RouteTable.panel.routes.filter { $0.path == path }
                guard let example = routes.first?.examplePath else { continue }
                for method in methods where !routes.contains(where: { $0.method == method }) {
                    let answer = try await panel.send(method, example, bearer: panel.key)
                    if method == .head {
                        #expect(answer.status == 405 && answer.body.isEmpty, "\(path)")
                        expectSafeHeaders(answer, "HEAD \(path)")
                    } else {
                        expectProblem(answer, 405, "method_not_allowed", "\(method) \(path)")
                    }
                    let allowed = answer.headers["allow"].joined(separator: ", ").split(separator: ", ").map(String.init)
                    #expect(Set(allowed) == Set(routes.map(\.method.rawValue)), "\(method) \(path)")
                }
            }
        }
    }

    @Test("a path that is not served is a 404 for every method, signed in or not")
    func unknownPaths() async throws {
        try await Panel.with { panel in
            for path in [
                "/", "/v1", "/v1/nothing", "/v2/plugins", "/v1/tenants/acme/nothing", "/v1/tenants/acme/payments/x/y/z", "/favicon.ico",
            ] {
                for method in [HTTPRequest.Method.get, .post, .delete, .options, .trace] {
                    for bearer in [nil, panel.key] {
                        expectProblem(try await panel.send(method, path, bearer: bearer), 404, "not_found", "\(method) \(path)")
                    }
                }
            }
        }
    }

    @Test("Idempotency-Key is required where the table says so, once, printable and not too long")
    func idempotencyKeys() async throws {
        try await Panel.with { panel in
            for route in RouteTable.panel.routes {
                try await panel.unchanged(route.name) {
                    var faults: [(String, [(String, String)])] = [
                        ("too long", [("idempotency-key", String(repeating: "k", count: 256))]), ("a space", [("idempotency-key", "a b")]),
                        ("twice", [("idempotency-key", "a"), ("idempotency-key", "a")]), ("not ASCII", [("idempotency-key", "schlüssel")]),
                        ("empty", [("idempotency-key", "")]),
                    ]
                    if route.needsIdempotencyKey { faults.append(("missing", [])) }
                    for (fault, headers) in faults {
                        let answer = try await panel.send(route, headers: headers)
                        guard !Self.isKeptAsItCame(route) else {
                            expectProblem(answer, 404, "not_found", "\(route.name): \(fault)")
                            continue
                        }
                        expectProblem(answer, 400, "invalid_request", field: "idempotency-key", "\(route.name): \(fault)")
                    }
                }
            }
        }
    }

    @Test("what is no HTTP gets a 400 or a closed connection, and the next request is served")
    func brokenHTTP() async throws {
        try await Panel.with { panel in
            let authorization = "Authorization: Bearer \(panel.key)\r\n"
            for text in [
                "\r\n\r\n\r\n", "NONSENSE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                "POST /v1/plugins HTTP/1.1\r\nHost: x\r\n\(authorization)Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                "GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: x\r\n\(String(repeating: "X-A: \(String(repeating: "b", count: 1000))\r\n", count: 200))\r\n",
                "GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            ] {
                let answer = try await RawConnection.exchange(port: panel.port, patience: 1, text)
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(text.prefix(60)): \(answer.prefix(200))")
                for word in Answer.inside { #expect(!answer.contains(word), "\(text.prefix(60)): \(answer.prefix(400))") }
                #expect(try await panel.send(.get, "/healthz").status == 200)
            }
        }
    }

    @Test("every answer names its correlation id, which is never the caller's, and may be neither stored nor sniffed")
    func headers() async throws {
        try await Panel.with { panel in
            var seen: Set<String> = []
            for route in RouteTable.panel.routes {
                let answer = try await panel.send(
                    route, headers: [("panelhost-correlation-id", "mine"), ("x-request-id", "mine")] + route.exampleHeaders)
                // Public keys are the one answer that others keep.
                expectSafeHeaders(answer, route.name, caching: route.operation == "tokenKeys" ? "public, max-age=300" : "no-store")
                #expect(answer.status < 500, "\(route.name): \(answer.text)")
                #expect(answer.headers["server"].isEmpty, "\(route.name)")
                seen.formUnion(answer.headers["panelhost-correlation-id"])
            }
            #expect(seen.count == RouteTable.panel.routes.count)
        }
    }

    /// What a provider's call carries beside its token and its body is nobody's business: no report of a payment is lost over it.
    private static func isKeptAsItCame(_ route: Route) -> Bool { if case .opaque = route.body { true } else { false } }
}

extension Route {
    /// Whether an API key may have something to do with it: what a person has for themself, such as second factors, it has not.
    fileprivate var isForPrograms: Bool { access != .signedIn || path.hasPrefix("/v1/auth/devices") || path.hasPrefix("/v1/auth/sessions") }
}
