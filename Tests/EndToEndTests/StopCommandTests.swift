// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Testing
import Values

/// The operator at the command line, beside a host that runs.
@Suite("Stopping plugins from the command line", .timeLimit(.minutes(10)))
struct StopCommandTests {
    @Test("a running host takes a kill up, shows and counts it, and lets the plugin run again")
    func kill() async throws {
        let world = try World()
        let (process, api) = try await world.host("--metrics", "0")
        let data = world.data
        try await world.must("tenant", "create", "acme", "--data", data)
        let output = try await world.must(
            "user", "create", "--data", data, "--tenant", "acme", "--email", "admin@acme.example", "--role", "ADMIN")
        let password = output.components(separatedBy: "(shown once): ").last?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        let archive = world.folder + "/slack.tar"
        try await world.must("plugin", "pack", World.project + "/plugins/slack", "--out", archive)
        try await world.must("plugin", "install", archive, "--allow-unsigned", "--data", data)
        let login = try await api.post(
            "/v1/auth/login", ["tenant": "acme", "email": "admin@acme.example", "password": .string(password)])
        let admin = api.signedIn(try #require(login.json["access_token"]?.stringValue))
        let path = "/v1/tenants/acme/plugins/slack"
        let requested = try await admin.get(path).json["requested_capabilities"] ?? .null
        #expect(try await admin.put(path, ["enabled": true, "approved_capabilities": requested]).status == 200)
        #expect(
            try await admin.put(path + "/config", ["webhook_url": "https://hooks.slack.com/services/T000/B000/XXXXXXXXXXXXXXXX"]).status
                == 200)
        #expect(try await admin.post(path + "/test").status == 200)

        let killed = try await world.must("plugin", "kill", "slack", "--reason", "a drill", "--data", data)

        #expect(killed.contains("killed"))
        let refused = try await admin.post(path + "/test")
        #expect(refused.status == 503 && refused.code == "plugin_killed", "\(refused)")
        let list = try await world.must("plugin", "list", "--data", data)
        #expect(list.contains("KILLED since ") && list.contains("a drill"), "\(list)")
        let line = try await process.line(containing: "metrics on ")
        let metrics = API(base: String(try #require(line.split(separator: " ").first { $0.hasPrefix("http://") }).dropLast()))
        while try await !metrics.get("").text.contains(#"panelhost_plugin_stops{kind="killed"} 1"#) { await Task.yield() }

        #expect(try await world.must("plugin", "revive", "slack", "--data", data).contains("revived"))
        while try await admin.post(path + "/test").json["ok"] != true { await Task.yield() }
        #expect(try await world.must("plugin", "release", "slack", "--tenant", "acme", "--data", data).contains("nothing of slack"))
        process.send(SIGTERM)
        #expect(await process.exitCode() == 0)
    }
}
