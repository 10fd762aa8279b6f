// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

@Suite("Network addresses")
struct NetworkTests {
    @Test(
        "a range contains its addresses and no others",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "::1", false),
            ("192.168.1.128/25", "192.168.1.127", false), ("192.168.1.128/25", "192.168.1.255", true), ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false), ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("::/0", "::ffff:1.2.3.4", true), ("1.2.3.0/24", "::ffff:1.2.3.4", false), ("::1/128", "::1", true),
        ])
    func contains(range: String, address: String, expected: Bool) throws {
        #expect(try #require(NetworkPrefix(range)).contains(#require(IPAddress(address))) == expected)
    }

    @Test(
        "what is no range is refused",
        arguments: [
            "", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "::/129", "10.0.0.1/8", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0/8",
            "010.0.0.0/8", "10.0.0.0/-1", "localhost", "::1%lo/128", "10.0.0.0 /8", "10.0.0.0/8\u{0}",
        ])
    func noRange(text: String) {
        #expect(NetworkPrefix(text) == nil)
    }

    @Test("an IPv4-mapped address is the IPv4 address, and no other IPv6 address is")
    func unmapped() throws {
        for (text, expected) in [
            ("::ffff:1.2.3.4", "1.2.3.4"), ("::ffff:0:0", "0.0.0.0"), ("::1.2.3.4", "::1.2.3.4"), ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
            ("1.2.3.4", "1.2.3.4"), ("::ffff:ffff:1.2.3.4", "::ffff:ffff:102:304"),
        ] {
            #expect(try #require(IPAddress(text)).unmapped.description == expected)
        }
        #expect(ClientAddress("::ffff:10.0.0.1")?.description == "10.0.0.1")
    }

    private func client(_ proxies: [String], peer: String, _ fields: String...) throws -> String? {
        try TrustedProxies(proxies.map { try #require(NetworkPrefix($0)) }).client(peer: peer, forwardedFor: fields)?.description
    }

    @Test("only a trusted proxy's word is taken, and only for the address right before it")
    func forwarded() throws {
        let proxies = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"]
        #expect(try client([], peer: "127.0.0.1", "1.2.3.4") == "127.0.0.1")
        #expect(try client(proxies, peer: "8.8.8.8", "1.2.3.4") == "8.8.8.8")
        #expect(try client(proxies, peer: "127.0.0.1") == "127.0.0.1")
        #expect(try client(proxies, peer: "::ffff:127.0.0.1", "1.2.3.4") == "1.2.3.4")
        // What the client wrote itself stands further left.
        #expect(try client(proxies, peer: "127.0.0.1", "6.6.6.6, 1.2.3.4") == "1.2.3.4")
        #expect(try client(proxies, peer: "127.0.0.1", "6.6.6.6,1.2.3.4 , 10.1.1.1") == "1.2.3.4")
        #expect(try client(proxies, peer: "127.0.0.1", "6.6.6.6", "1.2.3.4") == "1.2.3.4")
        #expect(try client(proxies, peer: "127.0.0.1", "6.6.6.6, ::ffff:1.2.3.4") == "1.2.3.4")
        #expect(try client(proxies, peer: "127.0.0.1", "[2001:db8::1], fd00::2") == "2001:db8::1")
        #expect(try client(proxies, peer: "127.0.0.1", "10.0.0.1, 10.0.0.2") == "10.0.0.1")
        #expect(try client(proxies, peer: "fe80::1%eth0", "1.2.3.4") == "fe80::1")
    }

    @Test(
        "a trusted proxy that sends nonsense gets no answer instead of a wrong address",
        arguments: [
            "", "unknown", "1.2.3.4:80", "1.2.3.4,", "1.2.3.4, x", "_hidden", "1.2.3.4 5.6.7.8", "[1.2.3.4", "::1%lo", "127.0.0.1\u{0}",
        ])
    func malformed(header: String) {
        #expect(throws: TrustedProxies.Failure.malformed) { try client(["127.0.0.1"], peer: "127.0.0.1", header) }
        let long = Array(repeating: "127.0.0.1", count: 100).joined(separator: ",")
        #expect(throws: TrustedProxies.Failure.malformed) { try client(["127.0.0.1"], peer: "127.0.0.1", long) }
        // Nonsense that the client wrote is never looked at.
        #expect(throws: Never.self) { try client(["127.0.0.1"], peer: "127.0.0.1", "\(header), 1.2.3.4") }
    }
}
