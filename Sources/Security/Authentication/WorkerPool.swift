// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Glibc
internal import Synchronization

/// Runs slow C work on a few threads of its own, and says no rather than let the queue grow.
///
/// Password hashing takes tens of milliseconds and megabytes each: on the cooperative pool it would stop every other
/// request, and without a bound it would take all memory.
package final class WorkerPool: Sendable {
    /// Why a job was not run.
    package enum Refusal: Error, Sendable, Hashable {
        /// The queue is full, or the job waited longer than it may.
        case overloaded
    }

    private let queue: WorkQueue
    private let deadline: Duration
    private let now: @Sendable () -> ContinuousClock.Instant

    /// A pool of so many threads; jobs beyond `capacity` waiting ones, or older than `deadline`, are refused.
    package init(
        threads: Int, capacity: Int, deadline: Duration,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        queue = WorkQueue(capacity: capacity)
        self.deadline = deadline
        self.now = now
        for _ in 0..<max(1, threads) { Self.startThread(queue) }
    }

    deinit {
        queue.close()
    }

    /// How many jobs wait for a thread.
    package var waiting: Int { queue.count }

    /// Runs a job on one of the threads.
    package func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async throws(Refusal) -> Result {
        let latest = now() + deadline
        let now = self.now
        let outcome: Swift.Result<Result, Refusal> = await withCheckedContinuation { continuation in
            let accepted = queue.push {
                // Whoever waited too long has likely gone away; the thread is better spent on the next in line.
                continuation.resume(returning: now() > latest ? .failure(.overloaded) : .success(work()))
            }
            if !accepted { continuation.resume(returning: .failure(.overloaded)) }
        }
        return try outcome.get()
    }

    private static func startThread(_ queue: WorkQueue) {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(queue).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let queue = Unmanaged<WorkQueue>.fromOpaque(argument).takeRetainedValue()
                while let job = queue.next() { job() }
                return nil
            }, argument)
        precondition(result == 0, "could not start a thread: check the limits on threads and memory")
        pthread_detach(thread)
    }
}

/// The waiting jobs of a pool: a lock, a condition, a list.
private final class WorkQueue: @unchecked Sendable {
    // Unchecked: `jobs` and `isClosed` are touched only between lock and unlock of `mutex`, which never moves.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [@Sendable () -> Void] = []
    private var isClosed = false
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    var count: Int { locked { jobs.count } }

    func push(_ job: @escaping @Sendable () -> Void) -> Bool {
        let accepted = locked {
            guard !isClosed, jobs.count < capacity else { return false }
            jobs.append(job)
            return true
        }
        if accepted { pthread_cond_signal(condition) }
        return accepted
    }

    /// The next job, waiting for one; nil once the pool is gone and every job is done.
    func next() -> (@Sendable () -> Void)? {
        locked {
            while jobs.isEmpty && !isClosed { pthread_cond_wait(condition, mutex) }
            return jobs.isEmpty ? nil : jobs.removeFirst()
        }
    }

    func close() {
        locked { isClosed = true }
        pthread_cond_broadcast(condition)
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
