// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Synchronization
import Values

/// The host as a script in the gym sees it: everything is granted, nothing is real.
///
/// Only the fields that every plugin has and a secret without a value that could leak; a request to a provider gets a polite fixed answer.
final class GymHost: Sendable {
    private static let mostEntries = 64
    private let storage = Mutex<[String: Value]>([:])

    /// What the script finds in `ctx`.
    static let context = CallContext(
        fields: [
            "call_id": "gym", "tenant_id": "gym", "plugin_id": "gym", "instance_id": "gym", "mode": "test", "attempt": 1,
            "now_ms": 1_700_000_000_000, "deadline_ms": 1_700_000_060_000, "locale": "en", "correlation_id": "gym",
            "config": ["a": 1, "greeting": "hello", "list": [1, 2, 3], "deep": ["x": ["y": 1]]],
        ],
        declaredSecrets: ["api_key"], setSecrets: ["api_key"],
        functions: ["http.request", "storage.get", "storage.set", "storage.delete", "storage.list", "random.bytes"])

    /// What the script is asked.
    static let request: Value = ["n": 7, "text": "gym", "list": [1, 2, 3], "amount": ["currency": "EUR", "minor": 1230]]

    func reply(_ call: HostCall) -> HostReply {
        let first = call.arguments.first ?? .null
        switch call.name {
        case "storage.get": return key(first) { key in .value(storage.withLock { $0[key] } ?? .null) }
        case "storage.set": return key(first) { key in set(key, call.arguments.dropFirst().first ?? .null) }
        case "storage.delete": return key(first) { key in .value(.bool(storage.withLock { $0.removeValue(forKey: key) } != nil)) }
        case "storage.list": return .value(Value(storage.withLock { $0.keys.sorted() }))
        case "random.bytes":
            guard let count = first.intValue, 1...1024 ~= count else {
                return .failure(code: "invalid_request", message: "random.bytes: n must be an integer from 1 to 1024")
            }
            return .value(.octets((0..<count).map { _ in UInt8.random(in: .min ... .max) }))
        case "http.request":
            return .value([["status": 200, "headers": ["content-type": "application/json"], "body": #"{"ok":true}"#], nil])
        default: return .failure(code: "unsupported", message: "\(call.name) is not there")
        }
    }

    private func key(_ value: Value, _ body: (String) -> HostReply) -> HostReply {
        guard let key = value.stringValue, 1...200 ~= key.utf8.count else {
            return .failure(code: "invalid_request", message: "key must be a string of 1 to 200 bytes")
        }
        return body(key)
    }

    private func set(_ key: String, _ value: Value) -> HostReply {
        let isStored = storage.withLock { storage in
            guard storage[key] != nil || storage.count < Self.mostEntries else { return false }
            storage[key] = value
            return true
        }
        return isStored ? .value(true) : .failure(code: "limit_exceeded", message: "storage.set: the quota is used up")
    }
}
