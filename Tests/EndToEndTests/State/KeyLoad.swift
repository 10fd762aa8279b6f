// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Synchronization
import Values

/// People who sign in, pay, and change a configuration for as long as something is done to the keys.
final class KeyLoad: Sendable {
    struct Report: Sendable {
        var counts: [String: Int] = [:]
        var failures: [String] = []
    }

    private struct State {
        var report = Report()
        var isOver = false
        /// The header of the newest token, which names its key.
        var tokenHead = ""
        var waiters: [(head: String, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let house: House
    private let admin: API
    private let state = Mutex(State())
    private let prefix = "load-\(UUID().uuidString.prefix(8))"

    init(_ house: House) async throws {
        self.house = house
        admin = try await house.signIn()
    }

    var report: Report { state.withLock { $0.report } }

    /// Runs `body` while the load goes on.
    func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.loop { try await self.signIn() } }
            for lane in 0..<2 { group.addTask { await self.loop { try await self.pay(lane) } } }
            group.addTask { await self.loop { try await self.configure() } }
            defer { state.withLock { $0.isOver = true } }
            let result = try await body()
            state.withLock { $0.isOver = true }
            try await group.waitForAll()
            return result
        }
    }

    /// Returns as soon as somebody was given a token under another key.
    func waitForOtherTokenKey(than token: String) async {
        let head = Self.head(token)
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if state.tokenHead != head, !state.tokenHead.isEmpty {
                    continuation.resume()
                } else {
                    state.waiters.append((head, continuation))
                }
            }
        }
    }

    private func loop(_ request: () async throws -> Void) async {
        while !state.withLock({ $0.isOver }) {
            do { try await request() } catch { fail("no answer: \(error)") }
        }
    }

    private func signIn() async throws {
        let answer = try await house.login()
        note("sign-in", answer, answer.status == 200)
        guard let token = answer.json["access_token"]?.stringValue else { return }
        let used = try await house.api.signedIn(token).get(House.plugin)
        note("read", used, used.status == 200)
        // Of too many sessions of one user the oldest would be ended, and with it those that must last.
        let gone = try await house.api.signedIn(token).post("/v1/auth/logout")
        note("sign-out", gone, gone.status == 204)
        let head = Self.head(token)
        state.withLock { state in
            state.tokenHead = head
            state.waiters.removeAll { waiter in
                guard waiter.head != head else { return false }
                waiter.continuation.resume()
                return true
            }
        }
    }

    private func pay(_ lane: Int) async throws {
        let number = state.withLock { $0.report.counts["charge", default: 0] }
        let reference = "\(prefix)-\(lane)-\(number)"
        let answer = try await admin.post(House.payments, Load.charge(reference), key: reference)
        note("charge", answer, answer.status == 201 && answer.json["status"] == "succeeded")
    }

    private func configure() async throws {
        let answer = try await house.configure(by: admin)
        note("configure", answer, answer.status == 200)
    }

    private func note(_ what: String, _ answer: API.Answer, _ isGood: Bool) {
        state.withLock { $0.report.counts[what, default: 0] += 1 }
        if !isGood { fail("\(what): \(answer)") }
    }

    private func fail(_ what: String) { state.withLock { $0.report.failures.append(what) } }

    private static func head(_ token: String) -> String { String(token.split(separator: ".").first ?? "") }
}
