// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// A database whose transactions seal what audit events tell of persons.
///
/// Sealing needs a key for each person. A body cannot wait for one: it is undone, the key is fetched or made, and the body runs
/// again. Without the key nothing is committed.
package struct SealingDatabase: Database {
    /// The database itself, which takes no event that tells of a person.
    package let base: any Database
    private let encryption: EncryptionService
    private let appends: AuditGroups

    /// Each run brings all keys into memory that it missed, so more are needed only where keys run out or are evicted meanwhile.
    private static let attempts = 8

    /// - Parameter encryption: keeps its keys in `base`.
    package init(_ base: any Database, encryption: EncryptionService) {
        (self.base, self.encryption) = (base, encryption)
        appends = AuditGroups(writers: base is SQLiteDatabase ? 1 : 4)
    }

    package func transaction<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T {
        try await sealing { sealer in
            try await base.transaction(scope) { tx in
                sealer.restart()
                let result = try body(TenantTransaction(scope: tx.scope, connection: tx.connection, sealer: sealer))
                try sealer.check()
                return result
            }
        }
    }

    package func platform<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T {
        try await sealing { sealer in
            try await base.platform(scope) { tx in
                sealer.restart()
                let result = try body(PlatformTransaction(scope: tx.scope, connection: tx.connection, sealer: sealer))
                try sealer.check()
                return result
            }
        }
    }

    private func sealing<T: ~Copyable>(_ run: (PersonalSealer) async throws -> T) async throws -> T {
        let sealer = PersonalSealer(encryption)
        for _ in 0..<Self.attempts {
            do {
                let result = try await run(sealer)
                sealer.refreshDue()
                return result
            } catch is PersonalSealer.KeysAreMissing {
                try await sealer.prepare()
            }
        }
        throw StorageError(
            .unavailable,
            "the keys of the persons in an audit event do not stay in memory: too many are in use, or the body names others each time")
    }

    package func append(_ scope: TenantScope, _ event: AuditEvent) async throws {
        guard event.tenant == scope.tenant else { throw AuditAppend.foreign }
        // Sealed and hashed before the transaction that it shares with others, who do not wait for its keys.
        let stored = try await sealing { sealer in
            sealer.restart()
            let stored = try AuditAppend.stored(event, sealer)
            try sealer.check()
            return stored
        }
        if let stored { try await appends.append(scope, stored, to: base) }
    }

    package func read<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T {
        try await base.read(scope, body)
    }

    package func platformRead<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T {
        try await base.platformRead(scope, body)
    }

    package func readOne<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T {
        try await base.readOne(scope, body)
    }

    package func platformReadOne<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T {
        try await base.platformReadOne(scope, body)
    }

    package func fetch(_ scope: TenantScope, _ sql: String, _ parameters: [SQLValue]) async throws -> [Row] {
        try await base.fetch(scope, sql, parameters)
    }

    package func fetch(_ scope: PlatformScope, _ sql: String, _ parameters: [SQLValue]) async throws -> [Row] {
        try await base.fetch(scope, sql, parameters)
    }

    package func notifications(_ channel: String) -> AsyncStream<String> { base.notifications(channel) }
}
