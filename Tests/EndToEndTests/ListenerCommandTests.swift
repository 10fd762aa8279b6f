// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Glibc
import Testing

/// `panelhost run` with listeners of its own, as an operator starts it and curl asks it.
@Suite("Listeners of a host", .timeLimit(.minutes(5)))
struct ListenerCommandTests {
    private func issue(_ folder: String, _ name: String) async throws {
        let made = try ChildProcess([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9", "-subj",
            "/CN=\(name)", "-addext", "subjectAltName=DNS:panel.test,IP:127.0.0.1", "-keyout", "\(folder)/\(name).key", "-out",
            "\(folder)/\(name).pem",
        ])
        #expect(await made.exitCode() == 0, "\(made.output)")
        chmod("\(folder)/\(name).key", 0o600)
    }

    private func curl(_ arguments: String...) async throws -> (code: Int32, output: String) {
        let process = try ChildProcess(["curl", "-sS", "-i", "-m", "20", "--noproxy", "*"] + arguments)
        let code = await process.exitCode()
        _ = try? await process.line(containing: "\u{0}never printed")
        return (code, process.output)
    }

    @Test(
        "a production host serves HTTPS to others, takes a renewed certificate on SIGHUP, and keeps the operators' routes to their listener"
    )
    func production() async throws {
        let world = try World()
        for name in ["one", "two"] { try await issue(world.folder, name) }
        func use(_ name: String) throws {
            for kind in ["pem", "key"] {
                let data = try Data(contentsOf: URL(fileURLWithPath: "\(world.folder)/\(name).\(kind)"))
                _ = FileManager.default.createFile(atPath: "\(world.folder)/new", contents: data, attributes: [.posixPermissions: 0o600])
                rename("\(world.folder)/new", "\(world.folder)/live.\(kind)")
            }
        }
        try use("one")
        let process = try ChildProcess([
            World.panelhost, "run", "--data", world.data, "--listen", "0.0.0.0:0", "--admin-listen", "0", "--metrics", "0",
            "--tls-cert", "\(world.folder)/live.pem", "--tls-key", "\(world.folder)/live.key",
        ])
        func port(_ mark: String) async throws -> String {
            let line = try await process.line(containing: mark)
            return String(try #require(line.split(separator: ":").last).prefix { $0.isNumber })
        }
        let (api, admin, metrics) = (
            try await port("listening on https://"), try await port("operators on https://127.0.0.1"), try await port("metrics on ")
        )
        let ca = ["--cacert", "\(world.folder)/one.pem"]
        #expect(try await curl("--cacert", ca[1], "https://127.0.0.1:\(api)/healthz").output.hasPrefix("HTTP/1.1 200"))
        #expect(try await curl("http://127.0.0.1:\(api)/healthz").output.hasPrefix("HTTP/1.1 400"))
        let kill = try await curl("--cacert", ca[1], "-X", "POST", "https://127.0.0.1:\(api)/v1/plugins/x/kill")
        #expect(kill.output.hasPrefix("HTTP/1.1 404"), "\(kill.output)")
        let asked = try await curl("--cacert", ca[1], "-X", "POST", "https://127.0.0.1:\(admin)/v1/plugins/x/kill")
        #expect(asked.output.hasPrefix("HTTP/1.1 401"), "\(asked.output)")
        let scraped = try await curl("http://127.0.0.1:\(metrics)/metrics").output
        for name in [
            "panelhost_tls_certificate_not_after_seconds 1", "panelhost_http_connections{listener=\"admin\"}",
            "{listener=\"api\",reason=\"not_tls\"} 1",
        ] {
            #expect(scraped.contains(name), "\(name)")
        }
        #expect(try await process.line(containing: "TLS certificate ends soon").contains("valid_until"))

        try use("two")
        Glibc.kill(process.pid, SIGHUP)
        _ = try await process.line(containing: "certificate renewed")
        #expect(try await curl("--cacert", ca[1], "https://127.0.0.1:\(api)/healthz").code == 60)
        #expect(try await curl("--cacert", "\(world.folder)/two.pem", "https://127.0.0.1:\(admin)/healthz").code == 0)
    }

    @Test("a production host refuses what would be readable or is half said")
    func refused() async throws {
        let world = try World()
        try await issue(world.folder, "one")
        let (pem, key) = ("\(world.folder)/one.pem", "\(world.folder)/one.key")
        for (options, said) in [
            (["--listen", "0.0.0.0:0"], "plain HTTP is served on loopback only"),
            (["--listen", "[::]:0"], "plain HTTP is served on loopback only"),
            (["--listen", "127.0.0.1:0", "--admin-listen", "0.0.0.0:0"], "--admin-listen 0.0.0.0: plain HTTP"),
            (["--tls-cert", pem], "belong together"),
            (["--tls-cert", pem, "--tls-key", pem], "others may read the key file"),
            (["--tls-cert", key, "--tls-key", key], "holds no certificate"),
        ] {
            let process = try ChildProcess([World.panelhost, "run", "--data", world.data] + options)
            #expect(await process.exitCode() != 0)
            _ = try? await process.line(containing: "\u{0}never printed")
            #expect(process.output.contains(said), "\(options): \(process.output)")
        }
    }

    @Test("the lists of a tenant are kept at the command line; what would lock out is refused")
    func lists() async throws {
        let world = try World()
        try await world.must("tenant", "create", "acme", "--data", world.data)
        try await world.must("tenant", "network", "allow", "acme", "192.0.2.0/24", "--from", "192.0.2.10", "--data", world.data)
        let locked = try await world.run("tenant", "network", "deny", "acme", "192.0.2.10", "--from", "192.0.2.10", "--data", world.data)
        #expect(locked.code != 0 && locked.output.contains("would not be let in"), "\(locked.output)")
        let unsaid = try await world.run("tenant", "network", "deny", "acme", "192.0.2.10", "--data", world.data)
        #expect(unsaid.code == 64 && unsaid.output.contains("--force"), "\(unsaid.output)")
        try await world.must("tenant", "network", "deny", "acme", "192.0.2.10", "--force", "--data", world.data)
        #expect(
            try await world.must("tenant", "network", "list", "acme", "--data", world.data)
                == "allow\t192.0.2.0/24\tsystem:cli\ndeny\t192.0.2.10/32\tsystem:cli\n")
        try await world.must("tenant", "origins", "add", "acme", "https://Panel.Acme.example:443", "--data", world.data)
        #expect(
            try await world.must("tenant", "origins", "list", "acme", "--data", world.data) == "https://panel.acme.example\tsystem:cli\n")
        try await world.must("tenant", "origins", "remove", "acme", "https://panel.acme.example", "--data", world.data)
        #expect(try await world.run("tenant", "origins", "add", "acme", "panel.example", "--data", world.data).code == 64)
        let trail = try await world.must("audit", "search", "--tenant", "acme", "--action", "network.manage", "--data", world.data)
        #expect(trail.split(separator: "\n").count >= 4, "\(trail)")
    }
}
