// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Values

/// A caller of the API, as the panel would be: the demo sees nothing that HTTP does not show.
struct PanelClient: Sendable {
    let http: HTTPClient
    let base: String
    var token: String?

    /// An answer with its status, whatever it is.
    struct Answer: Sendable {
        var status: Int
        var body: Value
    }

    /// The call did not go as the story needs it.
    struct Unexpected: Error, CustomStringConvertible {
        var description: String
    }

    func signedIn(with token: String) -> PanelClient {
        PanelClient(http: http, base: base, token: token)
    }

    func send(
        _ method: HTTPMethod, _ path: String, _ body: Value? = nil, idempotencyKey: String? = nil
    ) async throws -> Answer {
        let json = body.map { JSON.serialize($0) }
        return try await send(
            method, path, bytes: json, contentType: json == nil ? nil : "application/json", idempotencyKey: idempotencyKey)
    }

    func send(
        _ method: HTTPMethod, _ path: String, bytes: [UInt8]?, contentType: String?, headers: [(String, String)] = [],
        idempotencyKey: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let idempotencyKey { request.headers.add(name: "Idempotency-Key", value: idempotencyKey) }
        if let contentType { request.headers.add(name: "Content-Type", value: contentType) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let bytes { request.body = .bytes(ByteBuffer(bytes: bytes)) }
        let response = try await http.execute(request, timeout: .seconds(60))
        let buffer = try await response.body.collect(upTo: 4 * 1024 * 1024)
        let parsed = try? JSON.parse(Array(buffer: buffer), limits: ValueLimits(maxBytes: 4 * 1024 * 1024, maxDepth: 32, maxNodes: 200_000))
        return Answer(status: Int(response.status.code), body: parsed ?? .null)
    }

    /// The body of an answer that must have this status.
    func expect(
        _ status: Int, _ method: HTTPMethod, _ path: String, _ body: Value? = nil, idempotencyKey: String? = nil
    ) async throws -> Value {
        let answer = try await send(method, path, body, idempotencyKey: idempotencyKey)
        guard answer.status == status else {
            throw Unexpected(description: "\(method) \(path) answered \(answer.status), not \(status): \(JSON.text(answer.body))")
        }
        return answer.body
    }
}
