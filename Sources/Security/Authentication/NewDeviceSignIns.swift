// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization

/// A sign-in from a device that its owner has not seen before.
package struct NewDeviceSignIn: Sendable, Hashable {
    /// Where the person who is to be told has their account.
    package let tenant: TenantID
    package let user: UserID
    /// What the device is called.
    package let device: String
    package let address: String?
    /// When, in milliseconds.
    package let at: Int64
    /// Sign-ins of the same key are told of once.
    package let key: String
    package let correlation: String
}

/// Sign-ins from new devices, until somebody tells their owners; a sign-in waits for nothing of that.
package final class NewDeviceSignIns: Sendable {
    private struct State {
        var waiting: [NewDeviceSignIn] = []
        var lost = 0
    }

    /// How many wait at most; of more, the number is kept.
    private static let most = 10_000

    private let state = Mutex(State())
    private let waker: AsyncStream<Void>.Continuation
    /// Says that there is something to take; for one reader.
    package let wakeUps: AsyncStream<Void>

    package init() { (wakeUps, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func add(_ signIn: NewDeviceSignIn) {
        state.withLock { state in
            if state.waiting.count < Self.most { state.waiting.append(signIn) } else { state.lost += 1 }
        }
        waker.yield()
    }

    /// What has come since the last time, and how many there was no room for.
    package func take() -> (signIns: [NewDeviceSignIn], lost: Int) {
        state.withLock { state in
            defer { state = State() }
            return (state.waiting, state.lost)
        }
    }
}
