// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import NIOCore
import Synchronization
import Values

/// Customers that pay at a cluster of hosts while something happens to it, and want to know how each payment ended.
///
/// Each one repeats its request under the same Idempotency-Key, at another host, until it has an answer that says what became of it:
/// what any panel does.
final class Load: Sendable {
    struct Report: Sendable {
        /// By merchant reference: the payment's id and its last known state.
        var payments: [String: (id: String, status: String)] = [:]
        /// What callers were told meanwhile, and how often.
        var answers: [String: Int] = [:]
        var untyped: [String] = []
    }

    private let cluster: Cluster
    private let tokens: [String]
    private let prefix: String
    private let report = Mutex(Report())
    private let avoided = Mutex<Set<Int>>([])

    init(_ cluster: Cluster, prefix: String) async throws {
        self.cluster = cluster
        self.prefix = prefix
        // One session serves all hosts.
        let answer = try await cluster.login("acme", on: 0)
        tokens = [answer.json["access_token"]?.stringValue ?? ""]
    }

    /// Sends nothing to a member any more, as a load balancer does with one that is down.
    func avoid(_ number: Int) { avoided.withLock { _ = $0.insert(number) } }

    /// Makes `count` payments, `width` at a time; `meanwhile` is told each time another one has its answer.
    func run(_ count: Int, width: Int = 24, meanwhile: @escaping @Sendable (_ answered: Int) async throws -> Void = { _ in }) async throws
        -> Report
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var next = 0
            func add() {
                let number = next
                next += 1
                group.addTask { try await self.pay(number) }
            }
            while next < min(width, count) { add() }
            var done = 0
            while try await group.next() != nil {
                done += 1
                try await meanwhile(done)
                if next < count { add() }
            }
        }
        return report.withLock { $0 }
    }

    private func pay(_ number: Int) async throws {
        let reference = "\(prefix)-\(number)"
        var member = number
        for _ in 0..<2_000 {
            member += 1
            guard !avoided.withLock({ $0.contains(member % Cluster.size) }) else { continue }
            var api = cluster.api(member % Cluster.size).signedIn(tokens[0])
            api.patience = .seconds(10)
            guard
                let answer = try? await api.post(
                    "/v1/tenants/acme/payments", Self.charge(reference, minor: Int64(100 + number)), key: reference)
            else {
                note("no answer")
                await pause()
                continue
            }
            note("\(answer.status) \(answer.code ?? answer.json["status"]?.stringValue ?? "-")")
            if answer.code == nil, answer.json["status"] == nil {
                report.withLock { $0.untyped.append("\(answer)") }
            }
            // Outcomes that stand behind an error name the payment, too.
            let payment = answer.json["payment"] ?? answer.json
            guard let id = payment["id"]?.stringValue, let status = payment["status"]?.stringValue else {
                await pause()
                continue
            }
            report.withLock { $0.payments[reference] = (id, status) }
            return
        }
        throw ChildProcess.Failed(description: "\(reference) got no answer: \(report.withLock { $0.answers })")
    }

    private func note(_ answer: String) { report.withLock { $0.answers[answer, default: 0] += 1 } }

    /// Not a wait for something to have happened: a caller that is told to try again leaves the host some air.
    private func pause() async { try? await Task.sleep(for: .milliseconds(50)) }

    static func charge(_ reference: String, minor: Int64 = 1_230) -> Value {
        [
            "plugin": .string(BooksPlugins.gateway), "amount": ["amount_minor": .int(minor), "currency": "EUR"],
            "merchant_reference": .string(reference), "source": ["kind": "saved", "method_ref": "card-1"], "off_session": true,
            "invoice": ["id": .string(reference)], "customer": ["ref": "client-1"],
        ]
    }
}
