// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import NIOHTTP1
import Testing
import Values

/// Access tokens in the hands of an independent library: what another system of the panel would do.
@Suite("Token keys", .timeLimit(.minutes(5)), .enabled(if: World.python != nil, "no Python with PyJWT: run 'make test'"))
struct TokenKeyTests {
    private static let password = UUID().uuidString

    /// Says who a token is for, or why it is refused.
    private func check(_ token: String, with script: String, _ argument: String) async throws -> String {
        let python = try #require(World.python)
        let process = try ChildProcess([
            python, "-c",
            """
            import jwt, sys
            token, given = sys.argv[1:]
            header = jwt.get_unverified_header(token)
            \(script)
            claims = jwt.decode(token, key, algorithms=[header["alg"]], audience="panelhost-api", issuer="panelhost", options={"require": ["exp", "iat", "nbf", "jti"]})
            print("good", header["alg"], header["typ"], claims["sub"], flush=True)
            """, token, argument,
        ])
        return try await process.line(containing: "good ")
    }

    private func signIn(_ api: API) async throws -> String {
        let answer = try await api.post(
            "/v1/auth/login", ["tenant": "acme", "email": "anna@acme.example", "password": .string(Self.password)])
        return try #require(answer.json["access_token"]?.stringValue, "\(answer)")
    }

    private func world() async throws -> World {
        let world = try World()
        try await world.must("tenant", "create", "acme", "--data", world.data)
        try await world.must(
            "user", "create", "--email", "anna@acme.example", "--tenant", "acme", "--role", "ADMIN", "--password-stdin", "--data",
            world.data,
            input: Self.password + "\n")
        return world
    }

    @Test(
        "another system checks tokens by the published keys, and those of a key that was replaced at once no longer work",
        arguments: ["ES256", "EdDSA"])
    func published(algorithm: String) async throws {
        let world = try await world()
        let (process, api) = try await world.host()
        defer { withExtendedLifetime(process) {} }
        let old = try await signIn(api)
        try await world.must("keys", "rotate", "jwt", "--algorithm", algorithm, "--now", "--data", world.data)

        // The token names a key that the host does not know yet, or comes from the host when it does.
        var token = old
        while try await api.signedIn(old).get("/v1/plugins").status != 401 { await Task.yield() }
        token = try await signIn(api)
        let script = "key = jwt.PyJWKClient(given).get_signing_key_from_jwt(token).key"
        let said = try await check(token, with: script, api.base + "/.well-known/jwks.json")
        #expect(said.hasPrefix("good \(algorithm) at+jwt "), "\(said)")
        #expect(try await api.signedIn(token).get("/v1/plugins").status == 200)
        let keys = try await api.get("/.well-known/jwks.json")
        #expect(keys.headers["cache-control"] == ["public, max-age=300"] && !keys.text.contains("\"d\""))
    }

    @Test("a panel that shares JWT_SECRET checks tokens with it; a short one keeps the host from starting")
    func shared() async throws {
        let world = try await world()
        let secret = UUID().uuidString + UUID().uuidString
        let process = try ChildProcess(
            [World.panelhost, "run", "--data", world.data, "--listen", "127.0.0.1:0", "--development"], environment: ["JWT_SECRET": secret])
        let line = try await process.line(containing: "listening on ")
        let api = API(base: try #require(line.split(separator: " ").first { $0.hasPrefix("http://") }.map(String.init)))
        let token = try await signIn(api)

        #expect(try await check(token, with: "key = given", secret).hasPrefix("good HS256 at+jwt "))
        #expect(try await api.signedIn(token).get("/v1/plugins").status == 200)
        #expect(try await api.get("/.well-known/jwks.json").json == ["keys": []])
        #expect(!process.output.contains(secret))

        let rotation = try await world.run("keys", "rotate", "jwt", "--data", world.data, environment: ["JWT_SECRET": secret])
        #expect(rotation.code == 0 && rotation.output.contains("hosts that run with JWT_SECRET"), "\(rotation.output)")
        let short = try await world.run("tenant", "list", "--data", world.data, environment: ["JWT_SECRET": "short"])
        #expect(short.code == 1 && short.output.contains("needs 32"), "\(short.output)")
    }
}
