// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// A database in which all rows belong to tenants, whatever engine keeps them.
///
/// A transaction is only handed out against a proof of scope. Its body is synchronous and may share one commit with
/// others (see the driver), so it must not wait for anything and must not cause effects outside of the database. It can run more than
/// once.
/// SQL is portable: `$1`-style parameters, `ON CONFLICT … DO UPDATE`, `RETURNING`; text ids, integer milliseconds, JSON as text.
package protocol Database: Sendable {
    /// Runs `body` in a read-write transaction over one tenant: committed and durable when this returns, undone when it throws.
    func transaction<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T

    /// Runs `body` on one consistent snapshot of a tenant's rows; a write in it throws.
    func read<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T

    /// Runs `body` in a read-write transaction over all tenants.
    func platform<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T

    /// Runs `body` on one consistent snapshot of all tenants; a write in it throws.
    func platformRead<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T

    /// Runs `body`, which asks one statement, over one tenant, as cheaply as the engine can.
    func readOne<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T

    /// Runs `body`, which asks one statement, over all tenants, as cheaply as the engine can.
    func platformReadOne<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T

    /// Runs one read statement over one tenant, as cheaply as the engine can.
    func fetch(_ scope: TenantScope, _ sql: String, _ parameters: [SQLValue]) async throws -> [Row]

    /// Runs one read statement over all tenants, as cheaply as the engine can.
    func fetch(_ scope: PlatformScope, _ sql: String, _ parameters: [SQLValue]) async throws -> [Row]

    /// Adds one event to a tenant's trail, durable when this returns: with those that wait at the same time in one transaction.
    func append(_ scope: TenantScope, _ event: AuditEvent) async throws

    /// What committed transactions said to a channel with ``SQLConnection/notify(_:_:)``, on any host, from about now on.
    ///
    /// An empty text means that messages may have been missed: whatever they are about may have changed. One comes first,
    /// as soon as the channel is heard, and one whenever the connection was lost in between.
    func notifications(_ channel: String) -> AsyncStream<String>
}

extension Database {
    /// Runs `body` like ``read(_:_:)``.
    package func readOne<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T {
        try await read(scope, body)
    }

    /// Runs `body` like ``platformRead(_:_:)``.
    package func platformReadOne<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T {
        try await platformRead(scope, body)
    }

    /// Adds one event to a tenant's trail, durable when this returns.
    package func append(_ scope: TenantScope, _ event: AuditEvent) async throws {
        try await transaction(scope) { try $0.append(event) }
    }

    /// Runs one read statement over one tenant, as cheaply as the engine can.
    ///
    /// On PostgreSQL it shares a pipelined connection with others and takes one round trip, without a transaction's thread.
    package func fetch(_ scope: TenantScope, _ sql: String, _ parameters: [SQLValue]) async throws -> [Row] {
        try await read(scope) { try $0.query(sql, parameters) }
    }

    /// Runs one read statement over all tenants, as cheaply as the engine can.
    package func fetch(_ scope: PlatformScope, _ sql: String, _ parameters: [SQLValue]) async throws -> [Row] {
        try await platformRead(scope) { try $0.query(sql, parameters) }
    }
}

/// The statements of one open transaction; never leaves its body.
package protocol SQLConnection {
    /// The engine behind it, for the few statements that have no portable form.
    var dialect: Dialect { get }

    /// Runs one statement and returns its rows.
    func query(_ sql: String, _ parameters: [SQLValue]) throws -> [Row]

    /// Runs one statement and returns how many rows it changed.
    @discardableResult
    func execute(_ sql: String, _ parameters: [SQLValue]) throws -> Int

    /// Runs one statement whose result nobody waits for: its failure is thrown by a later statement or by the commit.
    ///
    /// Over a network this saves a round trip.
    func enqueue(_ sql: String, _ parameters: [SQLValue]) throws

    /// Runs one query and gives its rows to `receive` one by one, in memory that does not grow with them.
    func rows(_ sql: String, _ parameters: [SQLValue], _ receive: (Row) throws -> Void) throws

    /// Tells a channel's listeners on every host, if and when this transaction commits.
    ///
    /// - Parameter payload: not empty, and shorter than 8,000 bytes.
    func notify(_ channel: String, _ payload: String) throws
}

extension SQLConnection {
    package func enqueue(_ sql: String, _ parameters: [SQLValue]) throws { try execute(sql, parameters) }

    package func rows(_ sql: String, _ parameters: [SQLValue], _ receive: (Row) throws -> Void) throws {
        try query(sql, parameters).forEach(receive)
    }
}

/// An open transaction that may touch the rows of one tenant.
///
/// Repositories are built from it and take the tenant of every statement from `scope`: a repository cannot be
/// built without a scope, and a scope cannot be made outside of `Security`.
package struct TenantTransaction: SQLConnection, AuditAppending {
    package let scope: TenantScope
    let connection: any SQLConnection
    /// What seals the personal parts of events; without it an event that has one is refused.
    let sealer: PersonalSealer?

    init(scope: TenantScope, connection: any SQLConnection, sealer: PersonalSealer? = nil) {
        self.scope = scope
        self.connection = connection
        self.sealer = sealer
    }

    /// The scope's tenant as a parameter: `$1` of nearly every statement.
    package var tenant: SQLValue { .text(scope.tenant.description) }

    package var dialect: Dialect { connection.dialect }

    package func enqueue(_ sql: String, _ parameters: [SQLValue]) throws {
        try connection.enqueue(sql, parameters)
    }

    package func notify(_ channel: String, _ payload: String) throws { try connection.notify(channel, payload) }

    package func query(_ sql: String, _ parameters: [SQLValue]) throws -> [Row] {
        try connection.query(sql, parameters)
    }

    package func rows(_ sql: String, _ parameters: [SQLValue], _ receive: (Row) throws -> Void) throws {
        try connection.rows(sql, parameters, receive)
    }

    @discardableResult
    package func execute(_ sql: String, _ parameters: [SQLValue]) throws -> Int {
        try connection.execute(sql, parameters)
    }
}

/// An open transaction of the host itself, over all tenants: sign-in look-ups, jobs, start.
package struct PlatformTransaction: SQLConnection, AuditAppending {
    package let scope: PlatformScope
    let connection: any SQLConnection
    /// What seals the personal parts of events; without it an event that has one is refused.
    let sealer: PersonalSealer?

    init(scope: PlatformScope, connection: any SQLConnection, sealer: PersonalSealer? = nil) {
        self.scope = scope
        self.connection = connection
        self.sealer = sealer
    }

    package var dialect: Dialect { connection.dialect }

    package func enqueue(_ sql: String, _ parameters: [SQLValue]) throws {
        try connection.enqueue(sql, parameters)
    }

    package func notify(_ channel: String, _ payload: String) throws { try connection.notify(channel, payload) }

    package func query(_ sql: String, _ parameters: [SQLValue]) throws -> [Row] {
        try connection.query(sql, parameters)
    }

    package func rows(_ sql: String, _ parameters: [SQLValue], _ receive: (Row) throws -> Void) throws {
        try connection.rows(sql, parameters, receive)
    }

    @discardableResult
    package func execute(_ sql: String, _ parameters: [SQLValue]) throws -> Int {
        try connection.execute(sql, parameters)
    }
}
