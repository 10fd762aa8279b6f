// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// One thread for calls that may block, so that a sink that hangs holds up nobody else.
final class BlockingLane: Sendable {
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let group: any EventLoopGroup

    init(group: any EventLoopGroup) {
        self.group = group
        pool.start()
    }

    /// Runs a body, and stops waiting for it when its time is over: the call itself cannot be taken back.
    func run(within limit: Duration, _ body: @escaping @Sendable () throws(SinkFailure) -> Void) async throws(SinkFailure) {
        let promise = group.any().makePromise(of: Void.self)
        let timer = promise.futureResult.eventLoop.scheduleTask(in: TimeAmount(limit)) {
            promise.fail(SinkFailure.late)
        }
        let deadline = ContinuousClock.now + limit
        pool.submit { state in
            // The first completion of a promise counts.
            guard case .active = state else { return promise.fail(SinkFailure.shuttingDown) }
            // Given up by now, and asked for again.
            guard ContinuousClock.now < deadline else { return promise.fail(SinkFailure.late) }
            do throws(SinkFailure) {
                try body()
                promise.succeed()
            } catch {
                promise.fail(error)
            }
        }
        defer { timer.cancel() }
        do {
            try await promise.futureResult.get()
        } catch {
            throw error as? SinkFailure ?? SinkFailure.shuttingDown
        }
    }

    /// Lets the thread end once it is free; what hangs is not waited for.
    func close() { pool.shutdownGracefully { _ in } }

    deinit { pool.shutdownGracefully { _ in } }
}

extension SinkFailure {
    /// The reason that the system gave for the last call.
    static func system(_ what: String, _ number: Int32 = errno) -> SinkFailure {
        SinkFailure("\(what): \(String(cString: strerror(number)))")
    }
}
