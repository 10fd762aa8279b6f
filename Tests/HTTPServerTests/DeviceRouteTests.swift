// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import NIOHTTP1
import Security
import Testing
import Values

/// What one signs in with, over HTTP.
@Suite("Devices over HTTP")
struct DeviceRouteTests {
    private static let origin = "https://panel.example"
    private static let own = [("origin", origin), ("panelhost-browser-session", "1")]

    private func signIn(_ panel: Panel, _ headers: [(String, String)]) async throws -> Answer {
        let answer = try await panel.send(
            .post, "/v1/auth/login", .json(["tenant": "acme", "email": .string(Panel.email), "password": .string(Panel.password)]),
            headers: headers)
        #expect(answer.status == 200)
        return answer
    }

    @Test("a client without cookies is known by a header, sees its devices, names one, and withdraws one with its sessions")
    func header() async throws {
        try await Panel.with { panel in
            let agent = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
            let first = try await signIn(panel, [("panelhost-device", "new"), agent])
            let kept = try #require(first.headers["panelhost-device"].first)
            #expect(first.json["new_device"] == true && first.headers["set-cookie"].isEmpty)
            let second = try await signIn(panel, [("panelhost-device", kept)])
            #expect(second.json["new_device"] == false && second.json["device_id"] == first.json["device_id"])
            let bare = try await signIn(panel, [])
            #expect(bare.json["new_device"] == true && bare.json["device_id"] == nil && bare.headers["panelhost-device"].isEmpty)

            let access = try #require(bare.json["access_token"]?.stringValue)
            let id = try #require(first.json["device_id"]?.stringValue)
            let listed = try #require(try await panel.send(.get, "/v1/auth/devices", bearer: access).json["devices"]?.arrayValue)
            #expect(listed.map { $0["id"]?.stringValue } == [id])
            #expect(listed[0]["name"] == "Firefox on Linux" && listed[0]["sessions"] == 2 && listed[0]["current"] == false)
            #expect(listed[0]["trusted_until"] == .null)

            let path = "/v1/auth/devices/\(id)"
            #expect(try await panel.send(.patch, path, bearer: access, .json(["name": "Desk"])).status == 204)
            let named = try await panel.send(.get, "/v1/auth/devices", bearer: access).json["devices"]?.arrayValue
            #expect(named?.first?["name"] == "Desk")
            expectProblem(
                try await panel.send(.patch, path, bearer: access, .json(["name": "a\nb"])), 400, "invalid_request", "a name in two lines")
            #expect(try await panel.send(.delete, path, bearer: access).json == ["ended": 2])
            for answer in [first, second] {
                let token = try #require(answer.json["access_token"]?.stringValue)
                expectProblem(try await panel.send(.get, "/v1/plugins", bearer: token), 401, "unauthorized", "a withdrawn device")
            }
            expectProblem(try await panel.send(.delete, path, bearer: access), 404, "not_found", "twice")
            expectProblem(try await panel.send(.delete, "/v1/auth/devices/x", bearer: access), 404, "not_found", "no id")
            expectProblem(try await panel.send(.get, "/v1/auth/devices", bearer: panel.key), 400, "invalid_request", "an API key")
            #expect(try await signIn(panel, [("panelhost-device", kept)]).json["new_device"] == true)
            #expect(try await panel.trail(panel.acme, action: "session.new_device").count == 3)
        }
    }

    @Test("a browser is known by a cookie that stays when the session ends, and its refresh token goes on nowhere else")
    func cookie() async throws {
        try await Panel.with(edge: EdgeRules(origins: try BrowserOrigins([Self.origin], allowsLoopback: false))) { panel in
            func pairs(_ answer: Answer) -> [String: String] {
                let lines = answer.headers["set-cookie"].compactMap { $0.split(separator: ";").first?.split(separator: "=", maxSplits: 1) }
                return Dictionary(lines.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }) { first, _ in first }
            }
            func header(_ cookies: [String: String]) -> [(String, String)] {
                Self.own + [("cookie", cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; "))]
            }
            let login = try await signIn(panel, Self.own)
            var cookies = pairs(login)
            #expect(login.json["new_device"] == true && cookies["__Host-panelhost-device"] != nil)
            #expect(login.headers["panelhost-device"].isEmpty)

            var stolen = cookies
            stolen["__Host-panelhost-device"] = nil
            for headers in [
                header(stolen), Self.own + [("panelhost-device", cookies["__Host-panelhost-device"] ?? ""), header(stolen)[2]],
            ] {
                expectProblem(
                    try await panel.send(.post, "/v1/auth/refresh", .json([:]), headers: headers), 401, "unauthorized", "without its device"
                )
            }
            let next = try await panel.send(.post, "/v1/auth/refresh", .json([:]), headers: header(cookies))
            #expect(next.status == 200)
            cookies.merge(pairs(next)) { _, new in new }
            let logout = try await panel.send(.post, "/v1/auth/logout", headers: header(cookies))
            #expect(logout.status == 204 && !logout.headers["set-cookie"].contains { $0.contains("device") })
            let device = ["__Host-panelhost-device": cookies["__Host-panelhost-device"] ?? ""]
            #expect(try await signIn(panel, header(device)).json["new_device"] == false)
            #expect(try await panel.trail(panel.acme, action: "session.refresh_other_device").count == 2)
        }
    }

    @Test("what cannot be read is a device that is not known, and never an error")
    func garbage() async throws {
        try await Panel.with { panel in
            for value in [
                "x", "d1.k.x.y", String(repeating: "a", count: 4000), "d1.k1.\(UserID.make()).\(String(repeating: "A", count: 43))",
            ] {
                let answer = try await signIn(panel, [("panelhost-device", value)])
                #expect(answer.json["new_device"] == true && !answer.headers["panelhost-device"].isEmpty)
            }
            let two = try await signIn(panel, [("panelhost-device", "a"), ("panelhost-device", "b")])
            #expect(two.json["device_id"] == nil)
        }
    }
}
