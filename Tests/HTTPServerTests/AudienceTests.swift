// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Security
import Testing
import Values

/// The operators' listener beside the tenants'.
@Suite("Listeners of their own")
struct AudienceTests {
    @Test("whatever is for operators alone says so by what it needs")
    func complete() async throws {
        try await Panel.with { panel in
            for route in RouteTable.panel.routes where route.audience != .operators {
                guard case .permission = route.access else { continue }
                let answer = try await panel.send(route)
                #expect(
                    !answer.text.contains("for operators of this installation"),
                    "\(route.operation) is for operators: list its action in Action.ofOperators")
            }
        }
        let operators = Set(RouteTable.panel.routes.filter { $0.audience == .operators }.map(\.operation))
        #expect(operators.isSuperset(of: ["installPlugin", "killPlugin", "revivePlugin"]))
    }

    @Test("with a listener of the operators' own, the other one has none of their routes and lets none of their accounts act")
    func apart() async throws {
        var (tenants, operators) = (EdgeRules(), EdgeRules())
        (tenants.audience, operators.audience) = (.tenants, .operators)
        try await Panel.with(edge: tenants) { panel in
            let key = try await panel.key(for: panel.platform, Panel.everything)
            for bearer in [key, panel.key] {
                let answer = try await panel.send(.post, "/v1/plugins/probe/kill", bearer: bearer, .json([:]))
                expectProblem(answer, 404, "not_found", "kill")
            }
            expectProblem(try await panel.send(.get, "/v1/tenants/platform/audit", bearer: key), 404, "not_found", "an operator's account")
            #expect(try await panel.send(.get, "/v1/tenants/acme/audit", bearer: panel.key).status == 200)
            try await Panel.serving({
                HTTPService(host: panel.host, on: Listener("admin", $0), edge: operators, logger: $1, onListening: $2)
            }) { port in
                func curl(_ key: String, _ path: String, _ options: String = "") async -> String {
                    await Shell.run(
                        "curl -sS -m 20 -i --noproxy '*' -H 'Authorization: Bearer \(key)' \(options) http://127.0.0.1:\(port)\(path)"
                    ).output
                }
                let body = "-H 'Content-Type: application/json' -d '{}'"
                #expect(await curl(key, "/v1/plugins/probe/kill", body).hasPrefix("HTTP/1.1 200"))
                #expect(await curl(panel.key, "/v1/plugins/probe/revive", "-X POST").hasPrefix("HTTP/1.1 403"))
                #expect(await curl(key, "/v1/tenants/acme/payments").hasPrefix("HTTP/1.1 404"), "a tenant's")
                #expect(await curl(key, "/healthz").hasPrefix("HTTP/1.1 200"))
                #expect(await curl(key, "/metrics").hasPrefix("HTTP/1.1 404"), "on a listener of its own")
            }
        }
    }
}
