// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// One case of a transcript: what a plugin is asked, what it has to send, what it hears, and what it has to answer.
struct TranscriptCase: Sendable {
    /// One request that the plugin has to make.
    struct Exchange: Sendable {
        /// What it has to ask for.
        var request: [String: Value]
        /// What it hears: the reply value of `http.request`, an array of response and error.
        var reply: Value
    }

    /// The file, and the case in it.
    var name: String
    var operation: String
    var config: [String: Value]
    var secrets: [String: String]
    var context: [String: Value]
    var request: Value
    var exchanges: [Exchange]
    var result: Value
}

/// Why a transcript cannot be played.
struct TranscriptError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

extension TranscriptCase {
    private static let fileFields: Set<String> = ["config", "secrets", "context", "every_request", "named", "cases"]
    private static let caseFields: Set<String> = [
        "name", "operation", "config", "secrets", "context", "request", "exchanges", "result",
    ]
    private static let requestFields: Set<String> = ["method", "url", "query", "headers", "form", "json", "body"]

    /// The cases of a file.
    static func read(_ bytes: [UInt8], file: String) throws -> [TranscriptCase] {
        let document = try JSON.parse(bytes, limits: ValueLimits(maxBytes: 1 << 20, maxDepth: 32, maxNodes: 50_000))
        try check(document, fields: fileFields, in: file)
        guard let cases = document["cases"]?.arrayValue, !cases.isEmpty else { throw TranscriptError("\(file): has no cases") }
        let names = NamedValues(document["named"]?.mapValue ?? [:])
        return try cases.map { entry in
            let name = "\(file): \(entry["name"]?.stringValue ?? "a case without a name")"
            do {
                try check(entry, fields: caseFields, in: name)
                return try TranscriptCase(name: name, names.expand(entry), document)
            } catch let error as NamedValues.Unknown {
                throw TranscriptError("\(name): nothing is named \(error.name)")
            }
        }
    }

    private init(name: String, _ entry: Value, _ document: Value) throws {
        func setting(_ field: String) -> [String: Value] { (entry[field] ?? document[field])?.mapValue ?? [:] }
        guard let operation = entry["operation"]?.stringValue, let request = entry["request"], let result = entry["result"] else {
            throw TranscriptError("\(name): needs operation, request and result")
        }
        self.name = name
        self.operation = operation
        config = setting("config")
        secrets = setting("secrets").compactMapValues(\.stringValue)
        context = setting("context")
        self.request = request
        self.result = result
        let common = try NamedValues([:]).expand(document["every_request"] ?? [:]).mapValue ?? [:]
        exchanges = try (entry["exchanges"]?.arrayValue ?? []).map { try Self.exchange($0, common, name) }
    }

    private static func exchange(_ value: Value, _ common: [String: Value], _ name: String) throws -> Exchange {
        try check(value, fields: ["request", "response", "failure"], in: name)
        let own = value["request"]?.mapValue ?? [:]
        var request = common.merging(own) { _, own in own }
        let headers = common["headers"]?.mapValue ?? [:]
        request["headers"] = .map(headers.merging(own["headers"]?.mapValue ?? [:]) { _, own in own })
        try check(.map(request), fields: requestFields, in: name)
        if let failure = value["failure"] {
            try check(failure, fields: ["code", "message", "outcome"], in: name)
            return Exchange(request: request, reply: [nil, failure])
        }
        guard let response = value["response"], let status = response["status"] else {
            throw TranscriptError("\(name): an exchange without a response")
        }
        try check(response, fields: ["status", "headers", "json", "body"], in: name)
        let body = response["json"].map { .string(JSON.text($0)) } ?? response["body"] ?? ""
        return Exchange(request: request, reply: [["status": status, "headers": response["headers"] ?? [:], "body": body], nil])
    }

    private static func check(_ value: Value, fields: Set<String>, in place: String) throws {
        guard let members = value.mapValue else { throw TranscriptError("\(place): an object was expected") }
        for name in members.keys.sorted() where !fields.contains(name) { throw TranscriptError("\(place): “\(name)” means nothing here") }
    }
}

/// Fills in what a transcript writes with a dollar sign.
struct NamedValues: Sendable {
    struct Unknown: Error { var name: String }

    private let named: [String: Value]

    init(_ named: [String: Value]) { self.named = named }

    func expand(_ value: Value) throws -> Value {
        switch value {
        case .array(let items): return .array(try items.map(expand))
        case .map(let members): return try expand(members)
        default: return value
        }
    }

    private func expand(_ members: [String: Value]) throws -> Value {
        if let secret = members["$secret"]?.stringValue { return .secret(SecretUse(name: secret, form: Self.form(members))) }
        if let parts = members["$text"]?.arrayValue {
            return .secret(
                SecretUse(
                    name: "", form: .text(parts.map { $0.stringValue.map { .literal($0) } ?? .secret($0["$secret"]?.stringValue ?? "") })))
        }
        if let json = members["$json"] { return .string(JSON.text(try expand(json))) }
        var result: [String: Value] = [:]
        if let name = members["$use"]?.stringValue {
            guard let base = named[name] else { throw Unknown(name: name) }
            result = try expand(base).mapValue ?? [:]
        }
        for (name, member) in members where name != "$use" && name != "$without" { result[name] = try expand(member) }
        for name in members["$without"]?.arrayValue ?? [] { result[name.stringValue ?? ""] = nil }
        return .map(result)
    }

    private static func form(_ members: [String: Value]) -> SecretUse.Form {
        switch members["form"]?.stringValue {
        case "bearer": .bearer
        case "basic": .basic(user: members["user"]?.stringValue ?? "")
        default: .raw
        }
    }
}
