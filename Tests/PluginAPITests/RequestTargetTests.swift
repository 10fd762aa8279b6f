// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Testing

@Suite("RequestTarget")
struct RequestTargetTests {
    @Test("takes a URL apart")
    func parts() throws {
        let target = try RequestTarget("HTTPS://API.Acme.test:8443/v1/pay%20now?x=1&y=%2F")

        #expect(target.scheme == .https)
        #expect(target.host == "api.acme.test")
        #expect(target.port == 8443)
        #expect(target.path == "/v1/pay%20now")
        #expect(target.query == "x=1&y=%2F")
        #expect(target.url == "https://api.acme.test:8443/v1/pay%20now?x=1&y=%2F")
        #expect(target.redacted == "https://api.acme.test:8443/v1/pay%20now")
        #expect(try RequestTarget("https://[::1]?a").url == "https://[::1]/?a")
        #expect(try RequestTarget("https://a.test").url == "https://a.test/")
    }

    @Test(
        "refuses what a server could read in another way",
        arguments: [
            "https://a.test/v1/../admin", "https://a.test/v1/./x", "https://a.test/v1/..", "https://a.test/v1/%2e%2e/admin",
            "https://a.test/v1/.%2E/admin", "https://a.test/v1%2fadmin", "https://a.test/v1/%5cadmin",
            "https://a.test/v1\\admin", "https://a.test/v1/..;/admin", "https://a.test/v1/%252e%252e/", "https://a.test/v1/%00",
            "https://a.test/v1/%zz", "https://a.test/v1/%", "https://a.test/%3b",
        ])
    func tricks(url: String) {
        #expect(throws: RequestTarget.Problem.self) { try RequestTarget(url) }
    }

    @Test(
        "refuses what is not a plain absolute URL",
        arguments: [
            "", "a.test", "//a.test/", "https:/a.test", "https:a.test", "ftp://a.test", "https://", "https:///x", "https://u@a.test",
            "https://u:p@a.test", "https://a.test@evil.test", "https://a.test#x", "https://a.test:0",
            "https://a.test:65536", "https://a.test:", "https://a.test:80:80", "https://a test/", "https://a.test/\n", "https://ä.test/",
            "https://a.test/ä", "https://-a.test", "https://a..test", "https://a.test./",
            "https://2130706433/", "https://0x7f000001/", "https://127.1/", "https://0177.0.0.1/", "https://256.1.1.1/", "https://[::1",
            "https://[::1]x", "https://[fe80::1%25eth0]/", "https://[]/", "https://a.test/{id}",
        ])
    func malformed(url: String) {
        #expect(throws: RequestTarget.Problem.self) { try RequestTarget(url) }
    }

    @Test("messages never repeat the URL")
    func silent() {
        let error = #expect(throws: RequestTarget.Problem.self) { try RequestTarget("https://a.test/token-123/../x") }

        #expect(error?.description.contains("token") == false)
    }

    @Test(
        "a prefix holds whole segments",
        arguments: [
            ("/v1/", "/v1/x", true), ("/v1/", "/v1", false), ("/v1", "/v1", true), ("/v1", "/v1/x", true), ("/v1", "/v10", false),
            ("/", "/x", true), ("/v1/", "/V1/x", false),
        ])
    func prefixes(prefix: String, path: String, inside: Bool) throws {
        #expect(try RequestTarget("https://a.test\(path)").isInside(prefix) == inside)
    }
}
