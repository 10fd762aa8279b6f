// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization

/// Events that are a transaction of their own share one with those that wait for the same trail at the same time.
///
/// They touch no row that another could wait for, so nothing is lost by it and one wait for the disk is won for each. Nobody
/// is answered before the commit that holds his event; a group that cannot be committed is tried again event by event where
/// one of them alone may be the reason.
final class AuditGroups: Sendable {
    /// Events in one transaction, at most.
    private static let most = 128

    private struct Entry: Sendable {
        let event: StoredEvent
        let answer: CheckedContinuation<Void, any Error>
    }

    private struct Trail {
        var waiting: [Entry] = []
        var writers = 0
    }

    private let writers: Int
    private let trails = Mutex<[TenantID: Trail]>([:])

    /// - Parameter writers: transactions of one trail at once, where the next may be written while the disk works for one.
    init(writers: Int) { self.writers = writers }

    /// Answers when the event is durable.
    func append(_ scope: TenantScope, _ event: AuditEvent, to database: any Database) async throws {
        guard event.tenant == scope.tenant else { throw AuditAppend.foreign }
        // Hashed here, by all who wait at the same time, and not in the transaction that they share.
        guard let stored = try AuditAppend.stored(event, nil) else { return }
        try await append(scope, stored, to: database)
    }

    /// Answers when the event, which is of the scope's tenant, is durable.
    func append(_ scope: TenantScope, _ event: StoredEvent, to database: any Database) async throws {
        try await withCheckedThrowingContinuation { (answer: CheckedContinuation<Void, any Error>) in
            let startsWriter = trails.withLock { trails in
                trails[scope.tenant, default: Trail()].waiting.append(Entry(event: event, answer: answer))
                guard trails[scope.tenant, default: Trail()].writers < writers else { return false }
                trails[scope.tenant]?.writers += 1
                return true
            }
            if startsWriter { Task { await self.serve(scope, database) } }
        }
    }

    /// Writes until nobody waits for this trail.
    private func serve(_ scope: TenantScope, _ database: any Database) async {
        while let group = next(scope.tenant) {
            do {
                try await Self.write(group.map(\.event), scope, database)
                for entry in group { entry.answer.resume() }
            } catch {
                await settle(group, error, scope, database)
            }
        }
    }

    private func next(_ tenant: TenantID) -> [Entry]? {
        trails.withLock { trails in
            guard let trail = trails[tenant], !trail.waiting.isEmpty else {
                trails[tenant]?.writers -= 1
                if trails[tenant]?.writers == 0 { trails[tenant] = nil }
                return nil
            }
            let group = Array(trail.waiting.prefix(Self.most))
            trails[tenant]?.waiting.removeFirst(group.count)
            return group
        }
    }

    /// Finds the events that a group failed by; the others are written all the same.
    private func settle(_ group: [Entry], _ error: any Error, _ scope: TenantScope, _ database: any Database) async {
        let mayBeOneEvents = (error as? StorageError).map { [.duplicate, .constraint, .failed].contains($0.code) } ?? false
        for entry in group {
            guard group.count > 1, mayBeOneEvents else {
                entry.answer.resume(throwing: error)
                continue
            }
            do {
                try await Self.write([entry.event], scope, database)
                entry.answer.resume()
            } catch {
                entry.answer.resume(throwing: error)
            }
        }
    }

    private static func write(_ events: [StoredEvent], _ scope: TenantScope, _ database: any Database) async throws {
        try await database.transaction(scope) { try AuditAppend.append(events, to: $0.connection) }
    }
}
