// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// A database whose statements pass through a closure first, which sees them and may answer others in their place.
///
/// For looking at what the repositories ask for; it hands out no scope and no transaction that its database would not.
package struct ObservedDatabase: Database {
    package typealias Observer = @Sendable (_ sql: String, _ parameters: [SQLValue]) -> String

    private let base: any Database
    private let observer: Observer

    package init(_ base: any Database, observer: @escaping Observer) {
        self.base = base
        self.observer = observer
    }

    package func transaction<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T {
        try await base.transaction(scope) { tx in try body(TenantTransaction(scope: tx.scope, connection: observed(tx), sealer: tx.sealer))
        }
    }

    package func read<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T {
        try await base.read(scope) { tx in try body(TenantTransaction(scope: tx.scope, connection: observed(tx), sealer: tx.sealer)) }
    }

    package func platform<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T {
        try await base.platform(scope) { tx in try body(PlatformTransaction(scope: tx.scope, connection: observed(tx), sealer: tx.sealer)) }
    }

    package func platformRead<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T {
        try await base.platformRead(scope) { tx in
            try body(PlatformTransaction(scope: tx.scope, connection: observed(tx), sealer: tx.sealer))
        }
    }

    package func notifications(_ channel: String) -> AsyncStream<String> { base.notifications(channel) }

    private func observed(_ connection: any SQLConnection) -> Connection { Connection(base: connection, observer: observer) }

    private struct Connection: SQLConnection {
        let base: any SQLConnection
        let observer: Observer

        var dialect: Dialect { base.dialect }

        func query(_ sql: String, _ parameters: [SQLValue]) throws -> [Row] { try base.query(observer(sql, parameters), parameters) }

        func execute(_ sql: String, _ parameters: [SQLValue]) throws -> Int { try base.execute(observer(sql, parameters), parameters) }

        func enqueue(_ sql: String, _ parameters: [SQLValue]) throws { try base.enqueue(observer(sql, parameters), parameters) }

        func notify(_ channel: String, _ payload: String) throws { try base.notify(channel, payload) }
    }
}
