// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import GRDB
import Synchronization

/// Runs the write transactions that wait at the same time inside one SQLite transaction.
///
/// A commit with full synchronisation costs one wait for the disk, whether it holds one change or a hundred. Each
/// waiting transaction becomes a savepoint: one that throws is rolled back alone, and nobody is answered before the
/// commit that holds his change is on the disk. When the commit itself fails, everybody in it fails.
///
/// The savepoints rule out constraints that are checked at commit: the schema has no deferred ones.
final class GroupCommit: Sendable {
    /// Bounds how long the first transaction of a group waits for the others.
    private static let maximumGroup = 128

    private struct Job: Sendable {
        let body: @Sendable (SQLiteConnection) throws -> Void
        let outbox = NoticeOutbox()
        let answer: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var waiting: [Job] = []
        var scheduled = false
    }

    private let state = Mutex(State())
    private let pool: DatabasePool
    private let orders: ParameterOrders
    let notices = NoticeBoard()

    init(pool: DatabasePool, orders: ParameterOrders) {
        self.pool = pool
        self.orders = orders
    }

    /// Answers when `body`'s changes are durable, or throws its error when they are undone.
    func run<T: Sendable & ~Copyable>(_ body: @escaping @Sendable (SQLiteConnection) throws -> T) async throws -> T {
        let result = Slot<T>()
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(body: { try result.put(body($0)) }, answer: continuation)
            let schedule = state.withLock { state in
                state.waiting.append(job)
                defer { state.scheduled = true }
                return !state.scheduled
            }
            if schedule { pool.asyncWriteWithoutTransaction { self.drain($0) } }
        }
        return try result.take()
    }

    /// Runs on the writer's own queue until nobody waits.
    private func drain(_ database: GRDB.Database) {
        while let group = nextGroup() {
            commit(group, on: database)
        }
    }

    private func nextGroup() -> [Job]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.scheduled = false
                return nil
            }
            let group = Array(state.waiting.prefix(Self.maximumGroup))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func commit(_ group: [Job], on database: GRDB.Database) {
        var outcomes: [Result<Void, any Error>] = []
        do {
            try database.beginTransaction(.immediate)
            for job in group {
                try outcomes.append(run(job, on: database))
            }
            try database.commit()
            for (job, outcome) in zip(group, outcomes) {
                if case .success = outcome { job.outbox.post(to: notices) }
                job.answer.resume(with: outcome)
            }
        } catch {
            try? database.rollback()
            let failure = Self.shared(error)
            for (index, job) in group.enumerated() {
                // Who failed on his own account keeps his own reason.
                if index < outcomes.count, case .failure(let own) = outcomes[index] {
                    job.answer.resume(throwing: own)
                } else {
                    job.answer.resume(throwing: failure)
                }
            }
        }
    }

    /// What the neighbours are told: a failure of the storage, never another caller's own error.
    private static func shared(_ error: any Error) -> StorageError {
        if let error = error as? DatabaseError { return SQLiteErrors.translate(error) }
        return error as? StorageError ?? StorageError(.failed, "the database rolled the transaction back")
    }

    /// The job's own failure is a result; what is thrown has ended the whole group's transaction.
    private func run(_ job: Job, on database: GRDB.Database) throws -> Result<Void, any Error> {
        try database.cachedStatement(sql: "SAVEPOINT one").execute()
        do {
            try job.body(SQLiteConnection(database: database, orders: orders, outbox: job.outbox))
            try database.cachedStatement(sql: "RELEASE one").execute()
            return .success(())
        } catch {
            // A full disk or an I/O error has rolled back everything already, with the neighbours' changes.
            guard database.isInsideTransaction else { throw Self.shared(error) }
            try database.cachedStatement(sql: "ROLLBACK TO one").execute()
            try database.cachedStatement(sql: "RELEASE one").execute()
            return .failure(error)
        }
    }
}

/// Carries a result out of a closure: continuations and GRDB cannot pass non-copyable values.
final class Slot<T: Sendable & ~Copyable>: Sendable {
    private let value = Mutex<T?>(nil)

    func put(_ new: consuming sending T) {
        var new = Optional(new)
        value.withLock { value in value = new.take() }
    }

    func take() throws -> T {
        guard let taken = value.withLock({ $0.take() }) else {
            throw StorageError(.failed, "the transaction ended without a result")
        }
        return taken
    }
}
