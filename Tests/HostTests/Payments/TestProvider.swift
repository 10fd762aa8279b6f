// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Synchronization
import Values

/// The host's instance; the storage has a type of that name, too.
typealias GatewayInstance = PluginInstance

/// The host that was killed in the middle of a call.
struct Killed: Error {}

/// A payment provider that keeps books, recognises repeated requests, and fails on command.
final class TestProvider: Sendable {
    enum Fate: Sendable {
        case answers
        /// Nothing listens: no byte leaves.
        case refusesConnections
        /// The request is carried out, the answer is lost.
        case losesAnswer
        /// The request is lost after its first bytes.
        case losesRequest
        /// The request is carried out, and the host dies before it can write that down.
        case killsHost
        /// The host dies before the request leaves.
        case killsHostEarly
        /// Says no, and means it.
        case rejects
    }

    struct Charge: Sendable {
        var id: String
        var reference: String
        var minor: Int64
        var currency: String
        var status: String
        var captured: Int64 = 0
        var refunded: Int64 = 0
        var expiresAtMs: Int64?
    }

    struct State: Sendable {
        var fate = Fate.answers
        /// What a new charge becomes.
        var outcome = "succeeded"
        var expiresAtMs: Int64?
        var charges: [Charge] = []
        var refunds: [(id: String, ours: String, charge: String, minor: Int64, status: String)] = []
        var byKey: [String: String] = [:]
        var calls: [String] = []
        var requests: [Value] = []
        /// What happens between the provider's deed and its answer.
        var beforeAnswer: (@Sendable () async throws -> Void)?
        /// Events that the next `parse_webhook` reads.
        var events: [Value] = []
    }

    let state = Mutex(State())
    private let gate = Gate()

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    var charges: [Charge] { state.withLock { $0.charges } }
    var refunds: Int { state.withLock { $0.refunds.count } }
    var calls: [String] { state.withLock { $0.calls } }

    /// Makes the next calls wait at the provider until ``open()``.
    func close() { gate.close() }
    func open() { gate.open() }
    /// Returns when a call waits at the provider.
    func somebodyWaits() async { await gate.somebodyWaits() }

    /// Plays the plugin's whole operation.
    func perform(_ invocation: Invocation) async throws -> (Result<Value, PluginFailure>, WireTrace) {
        await gate.pass()
        let operation = invocation.operation
        let isQuery = ["get_payment", "get_refund", "parse_webhook"].contains(operation)
        let fate = state.withLock { state in
            state.calls.append(operation)
            state.requests.append(invocation.request)
            return state.fate
        }
        let sent = WireTrace(exchanges: [.init(method: isQuery ? "GET" : "POST", origin: "https://api.pay.test", sent: true, status: 200)])
        if operation == "parse_webhook" { return (.success(["events": .array(state.withLock { $0.events })]), WireTrace()) }
        switch fate {
        case .refusesConnections:
            return (.failure(PluginFailure(.providerUnavailable, "connection refused", isRetryable: true, outcome: .notSent)), WireTrace())
        case .killsHostEarly: throw Killed()
        case .losesRequest:
            return (.failure(PluginFailure(.timeout, "no answer", isRetryable: true, outcome: .unknown)), sent)
        case .rejects:
            return (.failure(PluginFailure(.authFailed, "wrong key", outcome: .rejected)), sent)
        case .losesAnswer where isQuery:
            return (.failure(PluginFailure(.providerUnavailable, "no answer", isRetryable: true, outcome: .unknown)), sent)
        case .losesAnswer:
            _ = carryOut(invocation)
            if let meanwhile = state.withLock({ $0.beforeAnswer }) {
                set {
                    $0.fate = .answers
                    $0.beforeAnswer = nil
                }
                try await meanwhile()
            }
            return (.failure(PluginFailure(.timeout, "no answer", isRetryable: true, outcome: .unknown)), sent)
        case .killsHost:
            _ = carryOut(invocation)
            throw Killed()
        case .answers:
            return (carryOut(invocation), sent)
        }
    }

    private func carryOut(_ invocation: Invocation) -> Result<Value, PluginFailure> {
        state.withLock { state in
            let request = invocation.request
            let key = invocation.idempotencyKey ?? ""
            let named = request["provider_payment_id"]?.stringValue
            switch invocation.operation {
            case "create_payment":
                if let id = state.byKey[key], let charge = state.charges.first(where: { $0.id == id }) {
                    return .success(Self.value(charge))
                }
                var charge = Charge(
                    id: "pi_\(state.charges.count + 1)", reference: request["merchant_reference"]?.stringValue ?? "",
                    minor: request["amount"]?["amount_minor"]?.intValue ?? 0, currency: request["amount"]?["currency"]?.stringValue ?? "",
                    status: request["capture"]?.stringValue == "manual" ? "authorized" : state.outcome)
                charge.expiresAtMs = state.expiresAtMs
                if charge.status == "succeeded" { charge.captured = charge.minor }
                state.charges.append(charge)
                state.byKey[key] = charge.id
                return .success(Self.value(charge))
            case "get_payment":
                let reference = request["merchant_reference"]?.stringValue
                guard let charge = state.charges.first(where: { $0.id == named || $0.reference == reference }) else {
                    return .failure(PluginFailure(.notFound, "never heard of it", outcome: .rejected))
                }
                return .success(Self.value(charge))
            case "refund_payment":
                if state.byKey[key] == nil {
                    let minor = request["amount"]?["amount_minor"]?.intValue ?? 0
                    guard let index = state.charges.firstIndex(where: { $0.id == named }) else { break }
                    state.charges[index].refunded += minor
                    let id = "re_\(state.refunds.count + 1)"
                    state.refunds.append((id, request["refund_id"]?.stringValue ?? "", named ?? "", minor, "succeeded"))
                    state.byKey[key] = id
                }
                return Self.refund(state, { $0.id == state.byKey[key] })
            case "get_refund":
                let ours = request["refund_id"]?.stringValue
                return Self.refund(state, { $0.ours == ours })
            default:
                break
            }
            guard let index = state.charges.firstIndex(where: { $0.id == named }) else {
                return .failure(PluginFailure(.notFound, "never heard of it", outcome: .rejected))
            }
            switch invocation.operation {
            case "capture_payment":
                state.charges[index].captured += request["amount"]?["amount_minor"]?.intValue ?? 0
                state.charges[index].status = "succeeded"
            case "cancel_payment": state.charges[index].status = "canceled"
            default:
                state.charges[index].status = "succeeded"
                state.charges[index].captured = state.charges[index].minor
            }
            return .success(Self.value(state.charges[index]))
        }
    }

    private static func refund(
        _ state: State, _ matches: ((id: String, ours: String, charge: String, minor: Int64, status: String)) -> Bool
    ) -> Result<Value, PluginFailure> {
        guard let refund = state.refunds.first(where: matches), let charge = state.charges.first(where: { $0.id == refund.charge }) else {
            return .failure(PluginFailure(.notFound, "never heard of it", outcome: .rejected))
        }
        return .success([
            "status": .string(refund.status), "provider_refund_id": .string(refund.id),
            "amount": ["amount_minor": .int(refund.minor), "currency": .string(charge.currency)],
        ])
    }

    static func value(_ charge: Charge) -> Value {
        var value: Value = [
            "status": .string(charge.status), "provider_payment_id": .string(charge.id),
            "amount": ["amount_minor": .int(charge.minor), "currency": .string(charge.currency)], "captured_minor": .int(charge.captured),
            "refunded_minor": .int(charge.refunded),
        ]
        if let end = charge.expiresAtMs { value["expires_at"] = .int(end) }
        if charge.status == "declined" { value["decline"] = ["code": "insufficient_funds", "advice": "retry_later"] }
        if charge.status == "requires_action" { value["next_action"] = ["type": "redirect", "url": "https://api.pay.test/v1/go"] }
        return value
    }
}

/// A door that tests shut and open, so that nothing has to sleep.
final class Gate: Sendable {
    private struct State {
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watching: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func close() { state.withLock { $0.isClosed = true } }

    func open() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.isClosed = false
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let (passes, watching) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
                guard state.isClosed else { return (true, []) }
                state.waiting.append(continuation)
                defer { state.watching = [] }
                return (false, state.watching)
            }
            if passes { continuation.resume() }
            for watcher in watching { watcher.resume() }
        }
    }

    func somebodyWaits() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.waiting.isEmpty { state.watching.append(continuation) }
                return !state.waiting.isEmpty
            }
            if isThere { continuation.resume() }
        }
    }
}
