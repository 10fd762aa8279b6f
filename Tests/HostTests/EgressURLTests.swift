// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Testing

@Suite("An egress address")
struct EgressURLTests {
    @Test(
        "is refused where two parsers could read it differently",
        arguments: [
            "", "api.example.com/v1", "ftp://api.example.com/", "HTTPS://api.example.com/", "//api.example.com/", "https:/api.example.com",
            "https://", "https:///v1", "https://user@api.example.com/", "https://user:pass@api.example.com/", "https://a@b@c/",
            "https://api.example.com\\@evil.test/", "https://api.example.com/v1#x", "https://api.example.com#@evil.test/",
            "https://api.example.com:0/", "https://api.example.com:65536/", "https://api.example.com:/", "https://api.example.com:080/",
            "https://api.example.com:443x/", "https://api_example.com/", "https://-api.example.com/", "https://api..example.com/",
            "https://api.example.com./", "https://аpi.example.com/", "https://api.example.com%2eevil.test/", "https://api.example.com /",
            "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://017700000001/", "https://127.1/",
            "https://127.0.0.01/",
            "https://1.2.3.4.5/", "https://256.1.1.1/", "https://[::1/", "https://[::1%25lo]/", "https://[127.0.0.1]/", "https://[::1]x/",
            "https://api.example.com/v1/../admin", "https://api.example.com/./v1", "https://api.example.com/v1/..",
            "https://api.example.com/..;/x",
            "https://api.example.com/v1%2f..%2fadmin", "https://api.example.com/%2e%2e/admin", "https://api.example.com/v1%5cadmin",
            "https://api.example.com/%252e%252e/", "https://api.example.com/%00", "https://api.example.com/v1//admin",
            "https://api.example.com//",
            "https://api.example.com/a%", "https://api.example.com/a%4", "https://api.example.com/a%zz",
            "https://api.example.com/a\r\nHost: evil",
            "https://api.example.com/a\tb", "https://api.example.com/a\"b", "https://api.example.com/a[b]", "https://api.example.com/?a=%",
            "https://api.example.com/?a=\u{0}", "https://api.example.com/?a={b}",
        ])
    func refuses(text: String) {
        #expect(throws: EgressURLError.self) { try EgressURL(text) }
    }

    @Test(
        "keeps host, port, path and query apart",
        arguments: [
            ("https://api.example.com", "https://api.example.com/", "api.example.com", 443, "/"),
            ("https://API.Example.COM/V1/x", "https://api.example.com/V1/x", "api.example.com", 443, "/V1/x"),
            ("https://api.example.com:8443/v1/?a=b/c?d", "https://api.example.com:8443/v1/?a=b/c?d", "api.example.com", 8443, "/v1/"),
            ("https://api.example.com/v1?expand[]=x", "https://api.example.com/v1?expand%5B%5D=x", "api.example.com", 443, "/v1"),
            ("http://127.0.0.1:9000/x", "http://127.0.0.1:9000/x", "127.0.0.1", 9000, "/x"),
            ("https://[2001:DB8:0::1]:443/", "https://[2001:db8::1]/", "2001:db8::1", 443, "/"),
            ("https://api.example.com/a%20b;c=1/@x", "https://api.example.com/a%20b;c=1/@x", "api.example.com", 443, "/a%20b;c=1/@x"),
        ])
    func reads(text: String, canonical: String, host: String, port: Int, path: String) throws {
        let url = try EgressURL(text)

        #expect(url.text == canonical)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.path == path)
    }
}

@Suite("An address")
struct IPAddressTests {
    @Test(
        "is refused when it is not part of the public internet",
        arguments: [
            ("0.0.0.0", "unspecified"), ("10.1.2.3", "private"), ("100.64.0.1", "carrier-grade NAT"),
            ("100.127.255.255", "carrier-grade NAT"),
            ("100.100.100.200", "metadata service"), ("127.0.0.1", "loopback"), ("127.255.255.254", "loopback"),
            ("169.254.1.1", "link-local"),
            ("169.254.169.254", "metadata service"), ("168.63.129.16", "metadata service"), ("172.16.0.1", "private"),
            ("172.31.255.255", "private"),
            ("192.0.0.1", "reserved"), ("192.0.2.1", "documentation"), ("192.88.99.1", "6to4 relay"), ("192.168.1.1", "private"),
            ("198.18.0.1", "benchmarking"), ("198.19.255.255", "benchmarking"), ("198.51.100.7", "documentation"),
            ("203.0.113.9", "documentation"),
            ("224.0.0.1", "multicast"), ("239.255.255.255", "multicast"), ("240.0.0.1", "reserved"), ("255.255.255.255", "reserved"),
            ("::", "unspecified"), ("::1", "loopback"), ("::ffff:127.0.0.1", "IPv4-mapped"), ("::ffff:8.8.8.8", "IPv4-mapped"),
            ("::7f00:1", "IPv4-compatible"), ("64:ff9b::7f00:1", "NAT64"), ("64:ff9b:1::1", "NAT64"), ("100::1", "discard"),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"), ("2001:10::1", "reserved"), ("2001:db8::1", "documentation"),
            ("2002:7f00:1::", "6to4"), ("3fff::1", "documentation"), ("fc00::1", "private"), ("fd12:3456::1", "private"),
            ("fd00:ec2::254", "metadata service"), ("fe80::1", "link-local"), ("fec0::1", "site-local"), ("ff02::1", "multicast"),
            ("4000::1", "reserved"), ("::2", "IPv4-compatible"),
        ])
    func special(text: String, purpose: String) {
        #expect(IPAddress(text)?.specialPurpose == purpose)
    }

    @Test(
        "is accepted when it is public",
        arguments: [
            "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
            "169.253.255.255",
            "172.15.255.255", "172.32.0.0", "191.255.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
            "2a00:1450::1",
        ])
    func open(text: String) {
        #expect(IPAddress(text)?.specialPurpose == nil)
    }

    @Test(
        "is only read from its plain form",
        arguments: ["127.1", "0x7f.0.0.1", "127.0.0.01", "1.2.3", "fe80::1%eth0", "", "::g", "1.2.3.4 "])
    func strict(text: String) {
        #expect(IPAddress(text) == nil)
    }
}
