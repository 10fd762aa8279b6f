// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Values

/// A caller of the HTTP API, who sees nothing that HTTP does not show.
struct API: Sendable {
    let base: String
    var token: String?
    /// The client tries a host that is gone again and again until then.
    var patience = TimeAmount.seconds(60)

    struct Answer: Sendable, CustomStringConvertible {
        var status: Int
        var headers: HTTPHeaders
        var text: String
        var json: Value

        var code: String? { json["code"]?.stringValue }
        var description: String { "\(status) \(text)" }
    }

    func signedIn(_ token: String) -> API { API(base: base, token: token) }

    func get(_ path: String) async throws -> Answer { try await send(.GET, path) }

    func post(_ path: String, _ body: Value? = nil, key: String? = nil) async throws -> Answer {
        try await send(.POST, path, bytes: body.map { JSON.serialize($0) }, key: key)
    }

    func put(_ path: String, _ body: Value) async throws -> Answer { try await send(.PUT, path, bytes: JSON.serialize(body)) }

    func send(
        _ method: HTTPMethod, _ path: String, bytes: [UInt8]? = nil, type: String? = "application/json", key: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        if let key { request.headers.add(name: "idempotency-key", value: key) }
        if let bytes {
            if let type { request.headers.add(name: "content-type", value: type) }
            request.body = .bytes(ByteBuffer(bytes: bytes))
        }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: patience)
        let body = Array(buffer: try await response.body.collect(upTo: 8 << 20))
        let limits = ValueLimits(maxBytes: 8 << 20, maxDepth: 32, maxNodes: 500_000)
        return Answer(
            status: Int(response.status.code), headers: response.headers, text: String(decoding: body, as: UTF8.self),
            json: (try? JSON.parse(body, limits: limits)) ?? .null)
    }
}
