// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// A PostgreSQL database that any number of hosts share.
///
/// A transaction holds one connection of a bounded pool while it runs, each with a thread of its own, because a body is
/// synchronous and libpq waits. A transaction that lost against others, or whose connection was lost before its commit, is run again;
/// a commit whose answer was lost is reported as such and never repeated.
package final class PostgreSQLDatabase: Database {
    private let address: PostgresAddress
    private let options: PostgreSQLOptions
    private let queue: PostgresQueue
    private let listener: PostgresListener
    private let pipeline: PostgresPipeline
    private let appends = AuditGroups(writers: 4)

    /// Connects, brings the schema up to date and opens the pool.
    ///
    /// - Parameters:
    ///   - migrations: nil takes the schema as it is.
    ///   - url: `postgres://user:password@host1,host2/name?sslmode=verify-full`; libpq's other sources of a password work too.
    package init(
        url: String, options: PostgreSQLOptions = PostgreSQLOptions(), migrations: [Migration]? = Migration.all
    ) async throws {
        let address = try PostgresAddress(url: url, options: options)
        self.address = address
        self.options = options
        queue = PostgresQueue(capacity: options.waiting, maximumThreads: max(1, options.connections))
        listener = try PostgresListener(address, options)
        pipeline = try PostgresPipeline(address, options)
        if let migrations {
            _ = try await Self.onThread { try PostgreSQLSchema.prepare(url: url, options: options, migrations: migrations) }
        }
        let queue = queue
        guard DriverThread.start({ queue.expire() }) else { throw Self.noThread }
    }

    deinit { close() }

    /// Takes no more work; connections close when what is under way has ended.
    package func close() {
        queue.close()
        listener.close()
        pipeline.close()
    }

    package func notifications(_ channel: String) -> AsyncStream<String> { listener.listen(to: channel) }

    package func fetch(_ scope: TenantScope, _ sql: String, _ parameters: [SQLValue]) async throws -> [Row] {
        try await pipeline.fetch(.tenant(scope.tenant.description), sql, parameters)
    }

    package func fetch(_ scope: PlatformScope, _ sql: String, _ parameters: [SQLValue]) async throws -> [Row] {
        try await pipeline.fetch(.platform, sql, parameters)
    }

    package func readOne<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T {
        let outcome = try await SingleRead(.postgresql).run {
            try body(TenantTransaction(scope: scope, connection: $0))
        } fetch: {
            try await fetch(scope, $0.sql, $0.parameters)
        }
        switch consume outcome {
        case .value(let value): return value
        case .needsTransaction: return try await read(scope, body)
        }
    }

    package func platformReadOne<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T {
        let outcome = try await SingleRead(.postgresql).run {
            try body(PlatformTransaction(scope: scope, connection: $0))
        } fetch: {
            try await fetch(scope, $0.sql, $0.parameters)
        }
        switch consume outcome {
        case .value(let value): return value
        case .needsTransaction: return try await platformRead(scope, body)
        }
    }

    package func append(_ scope: TenantScope, _ event: AuditEvent) async throws {
        try await appends.append(scope, event, to: self)
    }

    package func transaction<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T {
        try await run(tenant(scope), isReadOnly: false) { try body(TenantTransaction(scope: scope, connection: $0)) }
    }

    package func read<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T {
        try await run(tenant(scope), isReadOnly: true) { try body(TenantTransaction(scope: scope, connection: $0)) }
    }

    package func platform<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T {
        try await run(PostgresScope.platform, isReadOnly: false) { try body(PlatformTransaction(scope: scope, connection: $0)) }
    }

    package func platformRead<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T {
        try await run(PostgresScope.platform, isReadOnly: true) { try body(PlatformTransaction(scope: scope, connection: $0)) }
    }

    /// Reads as the role that is connected, of what belongs to no tenant.
    func unscopedRead<T: Sendable>(_ body: @escaping @Sendable (PostgresTransaction) throws -> T) async throws -> T {
        try await run({ _ in nil }, isReadOnly: true, body)
    }

    private func tenant(_ scope: TenantScope) -> @Sendable (RowIsolation) -> PostgresScope? {
        let tenant = scope.tenant.description
        return { PostgresScope.tenant(tenant, isolation: $0) }
    }

    /// Waits for a connection and runs `body` on its thread.
    private func run<T: Sendable & ~Copyable>(
        _ scope: @escaping @Sendable (RowIsolation) -> PostgresScope?, isReadOnly: Bool,
        _ body: @escaping @Sendable (PostgresTransaction) throws -> T
    ) async throws -> T {
        let deadline = ContinuousClock.now + options.patience
        let request = PostgresRequest(isReadOnly: isReadOnly, deadline: deadline, scope: scope)
        let result = Slot<T>()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                submit(
                    PostgresQueue.Job(
                        deadline: deadline,
                        run: { worker in
                            continuation.resume(with: Result { try result.put(worker.perform(request, body)) })
                        },
                        refuse: { continuation.resume(throwing: $0) }))
            }
        } onCancel: {
            request.cancel()
        }
        return try result.take()
    }

    private func submit(_ job: PostgresQueue.Job) {
        switch queue.push(job) {
        case .accepted: break
        case .acceptedForNewThread: startWorker()
        case .full: job.refuse(StorageError(.busy, "too many transactions wait for a database connection"))
        case .closed: job.refuse(StorageError(.unavailable, "the database was closed"))
        }
    }

    /// Without a thread the job waits for one of the others, or for its deadline.
    private func startWorker() {
        let (address, options, queue) = (address, options, queue)
        let started = DriverThread.start {
            let worker = PostgresWorker(address, options)
            while let job = queue.next() { job.run(worker) }
        }
        if !started { queue.threadEnded() }
    }

    private static let noThread = StorageError(.unavailable, "no thread could be started: check the limits on threads and memory")

    /// Runs what blocks on a thread of its own.
    private static func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            if !DriverThread.start({ continuation.resume(with: Result { try body() }) }) { continuation.resume(throwing: noThread) }
        }
    }
}
