// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
package import Storage

/// Where a sink is and how it is spoken to, read from the address that an operator gave.
package struct SinkAddress: Sendable, Hashable {
    /// The ways to a sink.
    package enum Way: Sendable, Hashable {
        case file(path: String)
        case datagram(path: String)
        case udp(host: String, port: Int)
        case tcp(host: String, port: Int)
        case tls(host: String, port: Int)
        case webhook(EgressURL)
    }

    package let way: Way
    /// As it is stored.
    package let text: String

    /// Safe to show: a webhook's path may be a capability of its own.
    package var loggable: String {
        if case .webhook(let url) = way { url.loggable + (url.path == "/" && url.query == nil ? "" : "/…") } else { text }
    }

    package var isSyslog: Bool {
        switch way {
        case .datagram, .udp, .tcp, .tls: true
        case .file, .webhook: false
        }
    }

    /// Plain HTTP is for development on one machine.
    package var needsDevelopment: Bool {
        if case .webhook(let url) = way { url.scheme == .http } else { false }
    }

    /// The longest message, unless the operator says otherwise: what common receivers take.
    package var maxMessageBytes: Int {
        if case .udp = way { 2048 } else { 8192 }
    }

    /// Reads an address; says what is wrong with it otherwise.
    package init(_ text: String) throws(HostError) {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Self.wrong("it holds a space, a control character or a non-ASCII character, or is longer than 2048 bytes")
        }
        guard let end = text.firstRange(of: "://") else { throw Self.wrong("it has no scheme") }
        let rest = String(text[end.upperBound...])
        self.text = text
        switch text[..<end.lowerBound] {
        case "file": way = .file(path: try Self.path(rest))
        case "syslog+unix": way = .datagram(path: try Self.path(rest, limit: 107))
        case "syslog+udp": way = try Self.server(rest, port: 514) { .udp(host: $0, port: $1) }
        case "syslog+tcp": way = try Self.server(rest, port: 601) { .tcp(host: $0, port: $1) }
        case "syslog+tls": way = try Self.server(rest, port: 6514) { .tls(host: $0, port: $1) }
        case "https", "http": way = .webhook(try Self.url(text))
        default: throw Self.wrong("its scheme is not known")
        }
    }

    /// Whether events can be written there in this form.
    package func takes(_ format: AuditSinkFormat) -> Bool { format != .structured || isSyslog }

    private static func path(_ text: String, limit: Int = 1024) throws(HostError) -> String {
        guard text.hasPrefix("/"), text.utf8.count <= limit, !text.hasSuffix("/") else {
            throw wrong("it needs an absolute path of at most \(limit) bytes after '://', as in file:///var/log/panelhost/audit.jsonl")
        }
        guard !text.contains("%"), !text.contains("?"), !text.contains("#"),
            !text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().contains(where: {
                $0.isEmpty || $0 == "." || $0 == ".."
            })
        else { throw wrong("the path holds '..', '//', '%', '?' or '#': write it plainly") }
        return text
    }

    private static func server(_ text: String, port: Int, _ way: (String, Int) -> Way) throws(HostError) -> Way {
        // The strict parser of addresses, which wants one of its own schemes.
        let url = try url("http://" + text)
        guard url.path == "/", url.query == nil, !text.contains("/"), !text.contains("?") else {
            throw wrong("write host and port only, as in syslog+tls://logs.example.com:6514")
        }
        return way(url.host, url.port == 80 && !text.hasSuffix(":80") ? port : url.port)
    }

    private static func url(_ text: String) throws(HostError) -> EgressURL {
        let url: EgressURL
        do throws(EgressURLError) {
            url = try EgressURL(text)
        } catch {
            throw wrong("\(error)")
        }
        guard url.scheme == .https || text.hasPrefix("http://") else { throw wrong("its scheme is not known") }
        return url
    }

    /// Refuses plain HTTP to anywhere but this machine.
    package func checkPlainHTTP() throws(HostError) {
        guard case .webhook(let url) = way, url.scheme == .http else { return }
        guard url.host == "localhost" || url.literal?.isLoopback == true else {
            throw Self.wrong("plain http goes to this machine only (127.0.0.1), in development mode; use https://")
        }
    }

    private static func wrong(_ reason: String) -> HostError {
        HostError(
            .invalidRequest,
            """
            this is not the address of an audit sink: \(reason). Write file:///PATH, syslog+unix:///dev/log, syslog+udp://HOST:PORT, \
            syslog+tcp://HOST:PORT, syslog+tls://HOST:PORT or https://HOST/PATH
            """)
    }
}
