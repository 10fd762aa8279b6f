// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Values

/// The table that a plugin passes to `ctx.http.request`, checked but with secrets still as references.
struct HTTPOptions {
    let method: String
    let timeout: Duration
    private let members: [String: Value]

    /// Reads what the contract's schema has passed; what a schema cannot say is checked here.
    init(_ arguments: Arguments) throws(Refusal) {
        guard let members = arguments.value(0).mapValue else { throw arguments.wrong("request", "must be a table") }
        let method = members["method"]?.stringValue ?? "GET"
        let bodies = ["form", "json", "body"].filter { members[$0]?.isNull == false }
        guard bodies.count <= 1 else { throw arguments.wrong(bodies.joined(separator: " and "), "exclude each other: give one") }
        guard bodies.isEmpty || !["GET", "HEAD"].contains(method) else {
            throw arguments.wrong(bodies[0], "cannot go with \(method): use query, or another method")
        }
        timeout = .milliseconds(members["timeout_ms"]?.intValue ?? 60_000)
        self.method = method
        self.members = members
        if let violation = PANFilter.violations(in: .map(members)).first {
            throw Refusal("contract_violation", "http.request: \(violation)")
        }
    }

    var isMutating: Bool { !["GET", "HEAD"].contains(method) }

    /// The address asked for; a secret one is read here, and no message of it repeats what it holds.
    func address(_ session: InvocationSession) throws(Refusal) -> EgressURL {
        let text: String
        switch members["url"] ?? .null {
        case .string(let plain): text = plain
        case .secret(let use):
            guard let hidden = String(validating: try session.reveal(use), as: UTF8.self) else {
                throw Refusal("config_invalid", "http.request: the secret in url is not text")
            }
            text = hidden
        default: throw Refusal("invalid_request", "http.request: url must be a string")
        }
        do {
            return try EgressURL(text)
        } catch {
            throw Refusal("invalid_request", "http.request: url: \(error)")
        }
    }

    /// The request with every secret filled in; to be called only after the allow-list has agreed to `url`.
    func request(to url: EgressURL, _ session: InvocationSession, injected: String?) throws(Refusal) -> EgressRequest {
        var url = url
        var headers = try self.headers(session, injected: injected)
        var body: [UInt8] = []
        do {
            if let query = members["query"]?.mapValue {
                url.append(query: try FormEncoding.encode(try fill(query, session), path: "query"))
            }
            if let form = members["form"]?.mapValue {
                body = Array(try FormEncoding.encode(try fill(form, session), path: "form").utf8)
                setDefault("Content-Type", "application/x-www-form-urlencoded", in: &headers)
            }
            if let raw = members["body"], !raw.isNull {
                body = try FormEncoding.scalar(try session.reveal(raw), path: "body")
            }
        } catch let error as FormEncodingError {
            throw Refusal("invalid_request", "http.request: \(error)")
        } catch let error as Refusal {
            throw error
        } catch {
            throw Refusal("invalid_request", "http.request: the request cannot be encoded")
        }
        if let json = members["json"], !json.isNull {
            body = JSON.serialize(try session.reveal(json))
            setDefault("Content-Type", "application/json", in: &headers)
        }
        setDefault("User-Agent", "Panelhost/1", in: &headers)
        return EgressRequest(method: method, url: url, headers: headers, body: body)
    }

    private func fill(_ map: [String: Value], _ session: InvocationSession) throws(Refusal) -> [String: Value] {
        try session.reveal(.map(map)).mapValue ?? [:]
    }

    private func headers(_ session: InvocationSession, injected: String?) throws(Refusal) -> [(name: String, value: String)] {
        let given = members["headers"]?.mapValue ?? [:]
        guard given.count <= RequestHeaders.maximumCount else {
            throw Refusal("invalid_request", "http.request: there are more than \(RequestHeaders.maximumCount) headers")
        }
        var headers: [(name: String, value: String)] = []
        for (name, value) in given.sorted(by: { $0.key < $1.key }) {
            do {
                try RequestHeaders.check(name: name, injected: injected)
                let bytes = try FormEncoding.scalar(try session.reveal(value), path: "headers.\(name)")
                headers.append((name, try RequestHeaders.check(value: bytes, of: name)))
            } catch let refusal as Refusal {
                throw refusal
            } catch {
                throw Refusal("invalid_request", "http.request: \(error)")
            }
        }
        guard Set(headers.map { $0.name.lowercased() }).count == headers.count else {
            throw Refusal("invalid_request", "http.request: a header is given twice in different spellings")
        }
        return headers
    }

    private func setDefault(_ name: String, _ value: String, in headers: inout [(name: String, value: String)]) {
        if !headers.contains(where: { $0.name.lowercased() == name.lowercased() }) { headers.append((name, value)) }
    }
}
