// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import NIOHTTP1
import Testing
import Values

/// A person signs in from a new device: the host as it runs, a bundled notifier, and the chat that it posts to.
@Suite(
    "A new device, told and confirmed", .serialized, .timeLimit(.minutes(5)),
    .enabled(if: World.python != nil, "no Python with localstripe: run 'make test'"))
struct NewDeviceStoryTests {
    private func signIn(_ stage: Stage, _ password: String, device: String? = nil) async throws -> API.Answer {
        let body: Value = ["tenant": "globex", "email": "ann@globex.example", "password": .string(password)]
        return try await stage.api.send(
            .POST, "/v1/auth/login", bytes: JSON.serialize(body), headers: device.map { [("panelhost-device", $0)] } ?? [])
    }

    /// The next message to the chat with these words.
    private func message(_ words: String, _ stage: Stage, after seen: Int) async -> String {
        while true {
            let requests = stage.chat.requests
            if let found = requests.dropFirst(seen).first(where: { $0.body.contains(words) }) { return found.body }
            await stage.chat.received(requests.count + 1)
        }
    }

    @Test("a device is confirmed by the token that the notifier carried, and is told of where that is all the tenant wants")
    func story() async throws {
        let stage = try await Stage.shared.value
        let (world, data) = (stage.world, stage.world.data)
        let made = try await world.must(
            "user", "create", "--data", data, "--tenant", "globex", "--email", "ann@globex.example", "--role", "READ_ONLY")
        let password = try #require(made.components(separatedBy: "(shown once): ").last?.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(try await signIn(stage, password).json["new_device"] == true)

        // The command line does not take a rule that nobody could follow.
        let refused = try await world.run("tenant", "sessions", "globex", "--data", data, "--new-devices", "confirm")
        #expect(refused.code == 1 && refused.output.contains("no notifier carries messages"), "\(refused.output)")
        try await world.must("user", "rules", "--data", data, "--tenant", "globex", "--messenger", "slack")
        let rules = try await world.must("tenant", "sessions", "globex", "--data", data, "--new-devices", "confirm")
        #expect(rules.contains("new devices are confirmed"))

        var seen = stage.chat.requests.count
        let asked = try await signIn(stage, password, device: "new")
        #expect(asked.json["status"] == "device_confirmation_required" && asked.json["access_token"] == nil)
        let text = await message("signs in to your account", stage, after: seen)
        let token = String(try #require(text.firstMatch(of: /pho_[A-Za-z0-9_-]{43}/)).output)
        let body: Value = ["sign_in_token": asked.json["sign_in_token"] ?? .null, "token": .string(token)]
        let confirmed = try await stage.api.send(
            .POST, "/v1/auth/login/device", bytes: JSON.serialize(body), headers: [("panelhost-device", "new")])
        #expect(confirmed.status == 200)
        let kept = try #require(confirmed.headers["panelhost-device"].first)
        #expect(try await signIn(stage, password, device: kept).json["new_device"] == false)

        try await world.must("tenant", "sessions", "globex", "--data", data, "--new-devices", "notify")
        seen = stage.chat.requests.count
        #expect(try await signIn(stage, password, device: "new").status == 200)
        let notice = await message("signed in to your account", stage, after: seen)
        #expect(notice.contains("127.0.0.1") && !notice.contains("pho_"))

        let trail = try await stage.signIn("globex").get("/v1/tenants/globex/audit?limit=100")
        #expect(trail.text.contains("session.device_asked") && !trail.text.contains("pho_"))
        try await world.must("tenant", "sessions", "globex", "--data", data, "--reset")
    }
}
