// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import AsyncHTTPClient
import Glibc
import HTTPServer
import NIOCore
import NIOHTTP1
import NIOSSL
import Testing

/// HTTPS as clients see it that other people wrote: curl and openssl.
@Suite("TLS")
struct TLSTests {
    /// A key and a certificate for `panel.test`.
    private func issue(_ folder: String, _ name: String, days: Int = 30) async throws {
        let made = await Shell.run(
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days \(days) -subj /CN=\(name) \
                -addext subjectAltName=DNS:panel.test,IP:127.0.0.1 -keyout \(folder)/\(name).key -out \(folder)/\(name).pem
            """)
        try #require(made.status == 0, "\(made.output)")
        chmod("\(folder)/\(name).key", 0o600)
    }

    private func identity(_ folder: String, _ certificate: String = "one", key: String? = nil) throws(TLSIdentity.Invalid) -> TLSIdentity {
        try TLSIdentity(certificateFile: "\(folder)/\(certificate).pem", keyFile: "\(folder)/\(key ?? certificate).key")
    }

    private func curl(_ folder: String, _ port: Int, _ options: String, host: String = "panel.test", trusting: String = "one") async -> (
        output: String, status: Int32
    ) {
        await Shell.run(
            "curl -sS -m 20 -D - --noproxy '*' --cacert \(folder)/\(trusting).pem --resolve \(host):\(port):127.0.0.1 \(options) https://\(host):\(port)/healthz"
        )
    }

    @Test("TLS 1.3 and 1.2 with forward secrecy are spoken, nothing older or weaker, and only under the certificate's names")
    func versions() async throws {
        try await Shell.withFolder { folder in
            try await issue(folder, "one")
            let identity = try identity(folder)
            try await Panel.with(listen: { Listener("api", $0, identity: identity) }) { panel in
                for version in ["--tlsv1.3", "--tlsv1.2 --tls-max 1.2"] {
                    let answer = await curl(folder, panel.port, version)
                    #expect(answer.status == 0 && answer.output.hasPrefix("HTTP/1.1 200"), "\(version): \(answer.output)")
                    #expect(answer.output.lowercased().contains("strict-transport-security: max-age=31536000"))
                }
                let older = await curl(folder, panel.port, "--tlsv1.0 --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0")
                #expect(older.status == 35, "\(older.output)")
                #expect(await curl(folder, panel.port, "", host: "other.test").status == 60, "another name")
                for weak in ["AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "AES256-GCM-SHA384"] {
                    let refused = await Shell.run(
                        "openssl s_client -connect 127.0.0.1:\(panel.port) -tls1_2 -cipher \(weak):@SECLEVEL=0 </dev/null")
                    #expect(refused.status != 0 && refused.output.contains("alert handshake failure"), "\(weak)")
                }
                let chosen = await Shell.run("openssl s_client -connect 127.0.0.1:\(panel.port) -alpn h2,http/1.1 </dev/null")
                #expect(chosen.output.contains("TLSv1.3") && chosen.output.contains("ALPN protocol: http/1.1"), "\(chosen.output)")
            }
        }
    }

    @Test("plain text on the port is told so and closed, never redirected; nonsense is just closed")
    func plainText() async throws {
        try await Shell.withFolder { folder in
            try await issue(folder, "one")
            let identity = try identity(folder)
            try await Panel.with(listen: { Listener("api", $0, identity: identity) }) { panel in
                let plain = await Shell.run("curl -sS -m 20 -i --noproxy '*' http://127.0.0.1:\(panel.port)/healthz")
                #expect(plain.output.hasPrefix("HTTP/1.1 400") && plain.output.contains("tls_required"), "\(plain.output)")
                #expect(!plain.output.lowercased().contains("location:"))
                let nonsense = try RawClient(port: panel.port)
                nonsense.send("\u{16}\u{3}\u{1}nonsense that is no handshake at all")
                nonsense.finish()
                #expect(await !nonsense.receive().contains("HTTP/"))
                #expect(await curl(folder, panel.port, "").status == 0, "the listener goes on")
            }
        }
    }

    @Test("a renewed certificate is taken for new connections, and one that is under way goes on")
    func reload() async throws {
        try await Shell.withFolder { folder in
            try await issue(folder, "one")
            try await issue(folder, "two")
            _ = await Shell.run("cp \(folder)/one.pem \(folder)/live.pem; cp -p \(folder)/one.key \(folder)/live.key")
            let identity = try identity(folder, "live")
            let listener = { Listener("api", $0, identity: identity) }
            try await Panel.with(listen: listener) { panel in
                var configuration = HTTPClient.Configuration(certificateVerification: .none)
                configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
                let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
                let url = "https://127.0.0.1:\(panel.port)/healthz"
                func status() async throws -> UInt {
                    let answer = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(20))
                    _ = try await answer.body.collect(upTo: 10_000)
                    return answer.status.code
                }
                #expect(try await status() == 200)
                #expect(try !identity.reloadIfChanged(), "nothing has changed")

                // Half of a renewal is none: what there is stays in use.
                _ = await Shell.run("cp \(folder)/two.pem \(folder)/new.pem; mv \(folder)/new.pem \(folder)/live.pem")
                #expect(throws: TLSIdentity.Invalid.self) { try identity.reloadIfChanged() }
                #expect(await curl(folder, panel.port, "").status == 0)

                _ = await Shell.run("cp -p \(folder)/two.key \(folder)/new.key; mv \(folder)/new.key \(folder)/live.key")
                #expect(try identity.reloadIfChanged())
                #expect(await curl(folder, panel.port, "").status == 60, "the old one is not served any more")
                #expect(await curl(folder, panel.port, "", trusting: "two").status == 0)
                #expect(try await status() == 200, "over the connection that began before")
                try await client.shutdown()
            }
        }
    }

    @Test("files that are no identity are refused with what to do")
    func refused() async throws {
        try await Shell.withFolder { folder in
            try await issue(folder, "one")
            try await issue(folder, "two")
            func problem(_ certificate: String, _ key: String) -> String {
                do throws(TLSIdentity.Invalid) {
                    _ = try identity(folder, certificate, key: key)
                    return ""
                } catch {
                    return error.description
                }
            }
            #expect(problem("one", "one").isEmpty)
            #expect(problem("one", "two").contains("is not the one of the first certificate"))
            #expect(problem("three", "one").contains("cannot read the certificate"))
            #expect(problem("one", "three").contains("cannot read the key"))
            _ = await Shell.run(
                "echo nothing > \(folder)/empty.pem; ln -s one.key \(folder)/link.key; cp \(folder)/one.pem \(folder)/wrong.key; chmod 600 \(folder)/wrong.key"
            )
            #expect(problem("empty", "one").contains("holds no certificate"))
            #expect(problem("one", "wrong").contains("holds no private key"))
            #expect(problem("one", "link").isEmpty, "tools that renew certificates keep a link to the newest")
            chmod("\(folder)/one.key", 0o640)
            for name in ["one", "link"] { #expect(problem("one", name).contains("chmod 600"), "\(name)") }
        }
    }
}
