// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Values

extension RouteTable {
    static let system: [Route] = [
        .open(
            .get, "/healthz", "health", "Is the process alive", tag: "System", reason: "asked by supervisors; says nothing",
            success: .init(.ok, "It is.", .object("", [.required("status", .enumeration(["ok"]))]))
        ) { _, _ in .ok(["status": "ok"]) },
        .open(
            .get, "/readyz", "readiness", "Can calls be served", tag: "System", reason: "asked by load balancers; names parts, no details",
            success: .init(.ok, "All parts work.", .any)
        ) { _, host in
            let parts = await host.health.parts()
            let ready = parts.allSatisfy { $0.problem == nil || !$0.isEssential }
            let status = parts.allSatisfy { $0.problem == nil } ? "ok" : ready ? "degraded" : "unavailable"
            let states = Dictionary(uniqueKeysWithValues: parts.map { ($0.name, Value.string($0.problem ?? "ok")) })
            return Reply(ready ? .ok : .serviceUnavailable, .json(["status": .string(status), "parts": .map(states)]))
        },
        .open(
            .get, "/.well-known/jwks.json", "tokenKeys", "The public keys of access tokens", tag: "System",
            reason: "whoever checks a token elsewhere needs them; they are public by nature",
            success: .init(.ok, "A JWK set (RFC 7517): empty while tokens are signed with a shared secret.", .any)
        ) { _, host in
            Reply(
                .ok, .json(await host.authenticator.publicTokenKeys()),
                headers: [.cacheControl: "public, max-age=\(HostKeys.publishedFor)"])
        },
        .open(
            .get, "/openapi.json", "openapi", "This description", tag: "System", reason: "it describes the API and holds no data",
            success: .init(.ok, "OpenAPI 3.1.", .any)
        ) { _, _ in .ok(OpenAPI.document(of: .panel, version: Product.version)) },
    ]
}
