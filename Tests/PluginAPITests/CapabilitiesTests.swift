// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Testing
import Values

@Suite("Capabilities")
struct CapabilitiesTests {
    static func http(_ host: String, _ methods: Set<String>, _ prefix: String = "/", port: Int = 443) -> HTTPDestination {
        HTTPDestination(host: host, port: port, methods: methods, pathPrefix: prefix)
    }

    static let requested = Capabilities(
        http: [http("a.test", ["GET", "POST"], "/v1/"), http("b.test", ["GET"])], storageBytes: 1000,
        data: ["client.contact", "invoice.amounts"], emit: ["plugin.x.*"])

    @Test("what is in force is the intersection")
    func intersection() {
        let approved = Capabilities(http: [Self.http("a.test", ["POST", "PUT"], "/")], storageBytes: 500, data: ["client.contact"])

        let granted = Self.requested.intersection(approved)

        #expect(granted == Capabilities(http: [Self.http("a.test", ["POST"], "/v1/")], storageBytes: 500, data: ["client.contact"]))
        #expect(granted.isSubset(of: Self.requested))
        #expect(granted.isSubset(of: approved))
        #expect(granted.names == ["http", "storage", "data"])
        #expect(Self.requested.intersection(.none) == .none)
    }

    @Test("an increase names only what is new")
    func increase() {
        var more = Self.requested
        more.http.append(Self.http("c.test", ["GET"]))
        more.http[0].methods.insert("DELETE")
        more.http[1].pathPrefix = "/wide/"
        more.storageBytes = 2000
        more.data.insert("client.address")

        let increase = more.increase(over: Self.requested)

        #expect(
            increase
                == Capabilities(
                    http: [Self.http("a.test", ["DELETE"], "/v1/"), Self.http("c.test", ["GET"])], storageBytes: 2000,
                    data: ["client.address"]))
        #expect(Self.requested.increase(over: more) == Capabilities(http: [Self.http("b.test", ["GET"])]))
        #expect(!more.isSubset(of: Self.requested))
        #expect(Self.requested.isSubset(of: Self.requested))
    }

    @Test(
        "a wider path, another port and another method are increases",
        arguments: [("/", 443, "POST"), ("/v1", 443, "POST"), ("/v1/", 8443, "POST"), ("/v1/", 443, "DELETE"), ("/v10/", 443, "POST")])
    func widening(prefix: String, port: Int, method: String) {
        let other = Capabilities(http: [Self.http("a.test", [method], prefix, port: port)])

        #expect(!other.isSubset(of: Self.requested))
    }

    @Test(
        "lets a request through only when method, host, port and path are allowed",
        arguments: [
            ("POST", "https://a.test/v1/x?y=1", true), ("GET", "https://A.TEST:443/v1/x", true), ("PUT", "https://a.test/v1/x", false),
            ("POST", "https://a.test/v2/x", false), ("POST", "https://a.test/v1", false),
            ("POST", "https://a.test/v1/../v2", false), ("POST", "https://a.test/v1/%2e%2e/v2", false),
            ("POST", "http://a.test/v1/x", false), ("POST", "https://a.test:8443/v1/x", false),
            ("POST", "https://a.test.evil.test/v1/x", false),
            ("POST", "https://a.test@evil.test/v1/", false), ("post", "https://a.test/v1/x", false), ("GET", "https://b.test/", true),
            ("POST", "https://b.test/", false), ("GET", "https://sub.b.test/", false),
        ])
    func permits(method: String, url: String, allowed: Bool) {
        #expect(Self.requested.permits(method: method, url: url) == allowed)
    }

    @Test("a place from a configuration field is the URL stored there, and nothing beside it")
    func configured() {
        let capabilities = Capabilities(http: [HTTPDestination(configField: "url", methods: ["POST"])])
        let config: (String) -> String? = { $0 == "url" ? "http://hooks.test:8080/in/tenant" : nil }

        #expect(capabilities.permits(method: "POST", url: "http://hooks.test:8080/in/tenant", config: config))
        #expect(capabilities.permits(method: "POST", url: "http://hooks.test:8080/in/tenant/x?y", config: config))
        #expect(!capabilities.permits(method: "POST", url: "https://hooks.test:8080/in/tenant", config: config))
        #expect(!capabilities.permits(method: "POST", url: "http://hooks.test/in/tenant", config: config))
        #expect(!capabilities.permits(method: "POST", url: "http://hooks.test:8080/in/tenant2", config: config))
        #expect(!capabilities.permits(method: "GET", url: "http://hooks.test:8080/in/tenant", config: config))
        #expect(!capabilities.permits(method: "POST", url: "http://hooks.test:8080/in/tenant"))
    }

    @Test("a denial names the line to add")
    func denial() {
        let error = #expect(throws: DestinationDenial.self) {
            try Self.requested.target(method: "POST", url: "https://a.test/v2/pay?key=sk_1")
        }

        let text = error?.description ?? ""
        #expect(text.contains(#"{"host":"a.test","methods":["POST"],"path_prefix":"/v2/"}"#))
        #expect(!text.contains("sk_1"))
    }

    @Test("survives its JSON form")
    func json() throws {
        #expect(try Capabilities(validating: Self.requested.value) == Self.requested)
        #expect(try Capabilities(validating: [:]) == .none)
        let field = Capabilities(http: [HTTPDestination(configField: "url", methods: ["POST"])])
        #expect(try Capabilities(validating: field.value) == field)
    }

    @Test("reports everything that is wrong with a JSON form")
    func violations() {
        let value: Value = [
            "http": [
                ["host": "*.a.test", "methods": ["GET"]], ["host": "https://a.test", "methods": ["get"]],
                ["methods": ["GET"], "path_prefix": "v1"], ["host": "a.test", "host_config": "u", "methods": []],
            ], "storge": [:],
            "emit": ["invoice.*"],
        ]
        let error = #expect(throws: SchemaViolations.self) { try Capabilities(validating: value) }

        #expect(error?.violations.map(\.path) == ["http[1].methods[0]", "http[3].methods", "storge"])
    }

    @Test("tells a cell what exists and what to write for the rest")
    func visible() {
        let (names, denied) = HostFunctions.visible(requested: Capabilities(storageBytes: 1), granted: .none)

        #expect(names.contains("crypto.hmac"))
        #expect(!names.contains("http.request"))
        #expect(
            denied["http"]
                == #"ctx.http is not there: add to "capabilities" in plugin.json: "http": [{"host": "api.example.com", "methods": ["GET", "POST"], "path_prefix": "/v1/"}]"#
        )
        #expect(denied["storage"] == #"ctx.storage is not there: plugin.json asks for "storage", but no administrator has approved it"#)
        #expect(HostFunctions.visible(requested: Self.requested, granted: Self.requested).denied.isEmpty)
    }
}
