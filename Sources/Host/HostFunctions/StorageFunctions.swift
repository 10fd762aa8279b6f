// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Sandbox
package import Security
package import Storage
package import Values

/// `storage.get|set|delete|list`: what one plugin keeps for one tenant, within its quota.
///
/// The tenant comes from the grant and the plugin too: nothing that a plugin says can name another's rows.
package struct StorageFunction: HostFunction {
    /// What is done.
    package enum Verb: String, Sendable, CaseIterable { case get, set, delete, list }

    package let capability = "storage"
    private let verb: Verb
    private let database: any Database
    private let clock: HostClock
    private let cap: Int

    /// The function that does this, never beyond `cap` bytes for one plugin of one tenant.
    package init(_ verb: Verb, database: any Database, clock: HostClock, cap: Int) {
        (self.verb, self.database, self.clock, self.cap) = (verb, database, clock, cap)
    }

    package var name: String { "storage.\(verb.rawValue)" }

    package func perform(_ grant: Grant, _ call: HostCall, _ session: InvocationSession) async throws(Refusal) -> Value {
        let arguments = Arguments(call)
        do {
            switch verb {
            case .get:
                let key = try Self.key(arguments)
                return try await database.readOne(grant.scope) { tx in try PluginStorageRepository(tx, plugin: grant.plugin).get(key) }
                    ?? .null
            case .list:
                let prefix = arguments.value(0).isNull ? "" : try arguments.text(0, "prefix", maximum: Self.maximumKey)
                return Value(
                    try await database.readOne(grant.scope) { tx in
                        try PluginStorageRepository(tx, plugin: grant.plugin).list(prefix: prefix)
                    })
            case .set:
                try Self.refuseReadOnly(session)
                let key = try Self.key(arguments)
                let value = try Self.storable(arguments, session)
                let quota = min(Int(session.capabilities.storageBytes), cap)
                let now = clock.nowMilliseconds()
                try await database.transaction(grant.scope) { tx in
                    try PluginStorageRepository(tx, plugin: grant.plugin).set(key, to: value, quota: quota, at: now)
                }
                return .bool(true)
            case .delete:
                try Self.refuseReadOnly(session)
                let key = try Self.key(arguments)
                return .bool(
                    try await database.transaction(grant.scope) { tx in try PluginStorageRepository(tx, plugin: grant.plugin).delete(key) })
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch let error as StorageError where error.code == .quotaExceeded {
            throw Refusal("limit_exceeded", "\(name): \(error.message); ask for more in plugin.json: \"storage\": {\"max_bytes\": …}")
        } catch {
            // What a database says is for the operator's log, not for a plugin.
            throw Refusal("internal", "\(name): the host's storage is not available")
        }
    }

    private static let maximumKey = 200
    private static let maximumValue = 64 * 1024

    private static func key(_ arguments: Arguments) throws(Refusal) -> String {
        let key = try arguments.text(0, "key", maximum: maximumKey)
        guard !key.isEmpty, key.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw arguments.wrong("key", "must be 1 to \(maximumKey) bytes without control characters")
        }
        return key
    }

    private static func storable(_ arguments: Arguments, _ session: InvocationSession) throws(Refusal) -> Value {
        let value = arguments.value(1)
        guard !holdsUnstorable(value) else {
            throw arguments.wrong("value", "holds a secret or bytes that are not UTF-8 text; encode bytes with ctx.crypto.base64_encode")
        }
        guard JSON.serialize(value).count <= maximumValue else {
            throw arguments.wrong("value", "is larger than \(maximumValue) bytes as JSON")
        }
        // A provider's echo could carry a secret around the handle.
        guard session.scrubber.scrub(value) == value else {
            throw arguments.wrong("value", "holds a configured secret, which is never stored")
        }
        return value
    }

    private static func holdsUnstorable(_ value: Value) -> Bool {
        switch value {
        case .secret, .bytes: true
        case .array(let items): items.contains(where: holdsUnstorable)
        case .map(let members): members.values.contains(where: holdsUnstorable)
        default: false
        }
    }

    private static func refuseReadOnly(_ session: InvocationSession) throws(Refusal) {
        guard !session.invocation.isReadOnly else {
            throw Refusal("invalid_request", "\(session.invocation.operation) may only read: storage cannot be changed here")
        }
    }
}
