// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// The transactions that wait for a connection: bounded in number, and each by a deadline.
final class PostgresQueue: @unchecked Sendable {
    // Unchecked: every variable is touched only between lock and unlock of `mutex`, which never moves.
    struct Job: Sendable {
        let deadline: ContinuousClock.Instant
        let run: @Sendable (PostgresWorker) -> Void
        let refuse: @Sendable (StorageError) -> Void
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let watch = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [Job] = []
    private var threads = 0
    private var idle = 0
    private var isClosed = false
    private let capacity: Int
    private let maximumThreads: Int

    init(capacity: Int, maximumThreads: Int) {
        self.capacity = capacity
        self.maximumThreads = maximumThreads
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(work, nil)
        pthread_cond_init(watch, nil)
    }

    deinit {
        pthread_cond_destroy(work)
        pthread_cond_destroy(watch)
        pthread_mutex_destroy(mutex)
        work.deallocate()
        watch.deallocate()
        mutex.deallocate()
    }

    enum Admission { case accepted, acceptedForNewThread, full, closed }

    /// Puts a job in line; whoever is told so starts one more thread.
    func push(_ job: Job) -> Admission {
        locked {
            guard !isClosed else { return .closed }
            guard jobs.count < capacity else { return .full }
            jobs.append(job)
            if idle >= jobs.count {
                pthread_cond_signal(work)
                return .accepted
            }
            pthread_cond_signal(watch)
            guard threads < maximumThreads else { return .accepted }
            threads += 1
            return .acceptedForNewThread
        }
    }

    /// A thread that was promised could not be started.
    func threadEnded() { locked { threads -= 1 } }

    /// The next job, waiting for one; nil once the pool is closed and every job is done.
    func next() -> Job? {
        locked {
            idle += 1
            defer { idle -= 1 }
            while jobs.isEmpty && !isClosed { pthread_cond_wait(work, mutex) }
            guard !jobs.isEmpty else { return nil }
            return jobs.removeFirst()
        }
    }

    /// Refuses the jobs whose deadline passes while every connection is busy; returns when the pool is closed.
    func expire() {
        while true {
            let late: [Job] = locked {
                guard !(isClosed && jobs.isEmpty) else { return [] }
                // All jobs may wait equally long, so the first in line is the first to be late.
                if let first = jobs.first {
                    wait(watch, for: first.deadline - .now)
                } else if !isClosed {
                    pthread_cond_wait(watch, mutex)
                }
                let now = ContinuousClock.now
                let count = jobs.prefix { $0.deadline <= now }.count
                defer { jobs.removeFirst(count) }
                return Array(jobs.prefix(count))
            }
            for job in late {
                job.refuse(StorageError(.busy, "every database connection is in use for longer than a request may wait"))
            }
            if late.isEmpty, locked({ isClosed && jobs.isEmpty }) { return }
        }
    }

    func close() {
        locked { isClosed = true }
        pthread_cond_broadcast(work)
        pthread_cond_broadcast(watch)
    }

    private func wait(_ condition: UnsafeMutablePointer<pthread_cond_t>, for duration: Duration) {
        var until = timespec()
        clock_gettime(CLOCK_REALTIME, &until)
        let nanoseconds = until.tv_nsec + Int(max(0, min(duration.milliseconds, 1_000)) + 1) * 1_000_000
        until.tv_sec += nanoseconds / 1_000_000_000
        until.tv_nsec = nanoseconds % 1_000_000_000
        pthread_cond_timedwait(condition, mutex, &until)
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}

/// Starts threads of the driver's own: libpq blocks, and the cooperative pool must not.
enum DriverThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// False when the system has no thread left.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Body(body))
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard result == 0 else {
            argument.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
