// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Synchronization

/// Who listens to which channel in this process.
final class NoticeBoard: Sendable {
    /// More than this many unread messages become one: everything may have changed.
    private static let unread = 1_000

    private struct State {
        var made = 0
        var listeners: [String: [Int: AsyncStream<String>.Continuation]] = [:]
    }

    private let state = Mutex(State())

    var channels: [String] { state.withLock { state in state.listeners.filter { !$0.value.isEmpty }.map(\.key) } }

    func listen(to channel: String) -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(Self.unread))
        let number = state.withLock { state in
            state.made += 1
            state.listeners[channel, default: [:]][state.made] = continuation
            return state.made
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners[channel]?.removeValue(forKey: number) }
        }
        return stream
    }

    func post(_ channel: String, _ payload: String) {
        let listeners = state.withLock { Array(($0.listeners[channel] ?? [:]).values) }
        for listener in listeners {
            if case .dropped = listener.yield(payload) { listener.yield("") }
        }
    }

    /// Ends every stream.
    func close() {
        let listeners = state.withLock { state in
            defer { state.listeners = [:] }
            return state.listeners.values.flatMap(\.values)
        }
        for listener in listeners { listener.finish() }
    }
}

/// The messages of one transaction, until it is known to be committed.
final class NoticeOutbox: Sendable {
    private let waiting = Mutex<[(channel: String, payload: String)]>([])

    func add(_ channel: String, _ payload: String) { waiting.withLock { $0.append((channel, payload)) } }

    func post(to board: NoticeBoard) {
        for notice in waiting.withLock({ $0 }) { board.post(notice.channel, notice.payload) }
    }
}
