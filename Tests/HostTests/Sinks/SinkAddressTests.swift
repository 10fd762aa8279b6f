// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Storage
import Testing

@Suite("Audit sinks, addresses")
struct SinkAddressTests {
    @Test("every way is read, with its own port where none is written")
    func ways() throws {
        #expect(try SinkAddress("file:///var/log/a.jsonl").way == .file(path: "/var/log/a.jsonl"))
        #expect(try SinkAddress("syslog+unix:///dev/log").way == .datagram(path: "/dev/log"))
        #expect(try SinkAddress("syslog+udp://logs.example.com").way == .udp(host: "logs.example.com", port: 514))
        #expect(try SinkAddress("syslog+tcp://10.0.0.1").way == .tcp(host: "10.0.0.1", port: 601))
        #expect(try SinkAddress("syslog+tcp://10.0.0.1:80").way == .tcp(host: "10.0.0.1", port: 80))
        #expect(try SinkAddress("syslog+tls://[fd00::1]").way == .tls(host: "fd00::1", port: 6514))
        #expect(try SinkAddress("https://siem.example.com/in/s3cret?x=1").loggable == "https://siem.example.com/…")
    }

    @Test(
        "what can be read in two ways, or leads elsewhere, is refused",
        arguments: [
            "", "file", "file://", "file:///", "file://etc/x", "file:///a/../b", "file:///a//b", "file:///a%2fb", "file:///a?b",
            "file:///a/",
            "syslog://x", "syslog+udp://", "syslog+udp://h/x", "syslog+udp://h?x", "syslog+tcp://u@h:1", "syslog+tcp://h:0",
            "syslog+tcp://h:99999", "syslog+tls://h:1/", "syslog+unix://dev/log", "https://", "https://u:p@h/", "https://h/#f",
            "https://h/a b",
            "ftp://h/", "HTTPS://h/", "file:///a\u{7}", "https://h/\u{e9}",
        ])
    func refused(text: String) {
        #expect(throws: HostError.self) { try SinkAddress(text) }
    }

    @Test("structured data goes to syslog only")
    func formats() throws {
        #expect(try SinkAddress("syslog+udp://h").takes(.structured))
        #expect(try !SinkAddress("https://h/").takes(.structured) && !SinkAddress("file:///a").takes(.structured))
    }
}
