// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import AsyncHTTPClient
import HTTPServer
import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing
import Values

/// What the API answered.
struct Answer {
    var status: Int
    var headers: HTTPHeaders
    var body: [UInt8]

    /// The body as JSON; null when it is none.
    var json: Value { (try? JSON.parse(body, limits: ValueLimits(maxBytes: 4_000_000, maxDepth: 64, maxNodes: 200_000))) ?? .null }
    var text: String { String(decoding: body, as: UTF8.self) }
    /// The names in `errors`.
    var fields: [String] { json["errors"]?.arrayValue?.compactMap { $0["field"]?.stringValue } ?? [] }
    /// The body without what differs in every answer.
    var withoutCorrelation: [String: Value] {
        var members = json.mapValue ?? [:]
        members["correlation_id"] = nil
        return members
    }
}

/// How a body is sent.
enum SentBody {
    case none
    case json(Value)
    case bytes([UInt8], type: String?)
}

extension Panel {
    /// Sends a request as it is.
    ///
    /// - Parameter bearer: nil sends no `Authorization`.
    func send(
        _ method: HTTPRequest.Method, _ path: String, bearer: String? = nil, _ body: SentBody = .none, headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .RAW(value: method.rawValue)
        if let bearer { request.headers.add(name: "authorization", value: "Bearer \(bearer)") }
        switch body {
        case .none: break
        case .json(let value):
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: JSON.serialize(value)))
        case .bytes(let bytes, let type):
            if let type { request.headers.add(name: "content-type", value: type) }
            request.body = .bytes(ByteBuffer(bytes: bytes))
        }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await client.execute(request, timeout: .seconds(120))
        return Answer(
            status: Int(response.status.code), headers: response.headers,
            body: Array(buffer: try await response.body.collect(upTo: 8_000_000)))
    }

    /// Sends what the route takes, with acme's key for every route unless said otherwise.
    func send(
        _ route: Route, _ body: SentBody? = nil, path: String? = nil, bearer: String? = nil, headers: [(String, String)]? = nil
    ) async throws -> Answer {
        try await send(
            route.method, path ?? route.examplePath, bearer: bearer ?? key, body ?? route.exampleBody,
            headers: headers ?? route.exampleHeaders)
    }
}

/// Expects a problem of RFC 9457 that says nothing of the inside.
func expectProblem(
    _ answer: Answer, _ status: Int, _ code: String? = nil, field: String? = nil, _ comment: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let body = answer.json
    #expect(answer.status == status, "\(comment): \(answer.text.prefix(300))", sourceLocation: sourceLocation)
    #expect(answer.headers["content-type"] == ["application/problem+json"], "\(comment)", sourceLocation: sourceLocation)
    #expect(body["status"] == .int(Int64(answer.status)), "\(comment): status in the body", sourceLocation: sourceLocation)
    #expect(body["title"]?.stringValue?.isEmpty == false, "\(comment): title", sourceLocation: sourceLocation)
    if let code { #expect(body["code"] == .string(code), "\(comment): code", sourceLocation: sourceLocation) }
    #expect(
        body["type"] == .string("https://panelhost.dev/problems/\(body["code"]?.stringValue ?? "?")"), "\(comment): type",
        sourceLocation: sourceLocation)
    if let field {
        #expect(answer.fields.contains(field), "\(comment): names \(answer.fields) and not \(field)", sourceLocation: sourceLocation)
    }
    expectSafeHeaders(answer, comment, sourceLocation: sourceLocation)
    for word in Answer.inside where answer.text.contains(word) {
        Issue.record("\(comment): the answer says \(word): \(answer.text.prefix(300))", sourceLocation: sourceLocation)
    }
}

/// Expects the headers that stand in every answer.
func expectSafeHeaders(_ answer: Answer, _ comment: String, caching: String = "no-store", sourceLocation: SourceLocation = #_sourceLocation)
{
    let correlation = answer.headers["panelhost-correlation-id"]
    #expect(correlation.count == 1 && correlation.first?.utf8.count == 36, "\(comment): correlation header", sourceLocation: sourceLocation)
    if let written = answer.json["correlation_id"] {
        #expect(written == .string(correlation.first ?? ""), "\(comment): correlation of body and header", sourceLocation: sourceLocation)
    } else {
        #expect(answer.status < 400 || answer.body.isEmpty, "\(comment): correlation in the body", sourceLocation: sourceLocation)
    }
    #expect(answer.headers["cache-control"] == [caching], "\(comment)", sourceLocation: sourceLocation)
    for (name, value) in [
        ("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"), ("cross-origin-resource-policy", "same-origin"),
        ("vary", "Origin"),
    ] {
        #expect(answer.headers[name] == [value], "\(comment): \(name)", sourceLocation: sourceLocation)
    }
}

extension Answer {
    /// Words that only the inside of the program knows.
    static let inside = [
        ".swift", "Swift.", "SQL", "sqlite", "GRDB", "Hummingbird", "HTTPError", "StorageError", "DecodingError", "NIO", "/Sources/",
        "Thread ",
        "Fatal", "INSERT INTO", "SELECT ", "/tmp/", "0x0000",
    ]
}
