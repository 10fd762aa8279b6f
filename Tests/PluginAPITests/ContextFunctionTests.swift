// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Testing
import Values

@Suite("HostFunctions")
struct ContextFunctionTests {
    @Test("the functions that leave the cell are those of the protocol")
    func names() {
        #expect(
            HostFunctions.hostCalls.map(\.name) == [
                "http.request", "storage.get", "storage.set", "storage.delete", "storage.list", "crypto.hmac", "crypto.hash",
                "random.bytes", "random.uuid", "money.new", "money.from_decimal", "money.to_decimal", "money.add",
                "money.subtract",
            ])
    }

    @Test("names are unique and lie in a namespace")
    func unique() {
        #expect(Set(HostFunctions.all.map(\.name)).count == HostFunctions.all.count)
        #expect(HostFunctions.all.allSatisfy { $0.name.split(separator: ".").count == 2 && !$0.doc.isEmpty && !$0.example.isEmpty })
    }

    @Test("arguments are checked by name")
    func arguments() throws {
        let request = try #require(HostFunctions.named("http.request"))
        let hmac = try #require(HostFunctions.named("crypto.hmac"))

        #expect(
            request.validate([
                [
                    "method": "POST", "url": .secret(SecretUse(name: "url")), "form": ["a": [1]],
                    "headers": ["x": .secret(SecretUse(name: "k", form: .bearer))],
                ]
            ]).isEmpty)
        #expect(request.validate([["url": 5, "metod": "GET"]]).map(\.path) == ["request.url", "request.metod"])
        #expect(request.validate([]).map(\.description) == ["request: is missing"])
        #expect(hmac.validate(["sha256", .secret(SecretUse(name: "k")), "message"]).isEmpty)
        #expect(
            hmac.validate(["md5", "k", 5, "hex", 1]).map(\.description) == [
                "takes at most 4 arguments, not 5", "algorithm: must be one of sha256, sha512, sha1",
                "message: must be a string, not an integer",
            ])
    }
}
