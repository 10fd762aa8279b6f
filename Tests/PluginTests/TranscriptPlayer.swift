// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Sandbox
import Security
import Synchronization
import Values

/// Plays a transcript: the plugin runs in a real cell, and the transcript is all that it meets of the world.
///
/// Request and result are held against the contract, destinations against the manifest's capabilities.
struct TranscriptPlayer: Sendable {
    let sandbox: Sandbox
    let manifest: Manifest
    let program: Program

    /// Everything that was not as the transcript says; empty when all was.
    func play(_ transcript: TranscriptCase) async throws -> [String] {
        guard let operation = Operation.named(transcript.operation, for: manifest.kind), manifest.implements(operation.name) else {
            return ["“\(transcript.operation)” is not an operation that plugin.json declares"]
        }
        let world = World(transcript, manifest)
        let wrongBefore = operation.request.validate(transcript.request).map { "request: \($0)" } + settingsProblems(transcript)
        let answer: Value
        do {
            answer = try await run(transcript, in: world)
        } catch {
            guard case .scriptError(let message, let traceback) = error else { throw error }
            return wrongBefore + world.problems + ["raised: \(message)\n\(traceback)"]
        }
        var problems = wrongBefore + world.problems + contractProblems(answer, operation)
        if answer != transcript.result {
            problems.append("result: expected \(JSON.text(transcript.result)), got \(JSON.text(answer))")
        }
        return problems
    }

    private func run(_ transcript: TranscriptCase, in world: World) async throws(SandboxError) -> Value {
        let limits = manifest.limits
        let budget = InvocationBudget(
            cpu: limits.cpu, wall: limits.wall, memory: limits.memoryBytes, hostCalls: limits.hostCalls, logBytes: limits.logBytes)
        return try await sandbox.invoke(
            CellKey(tenant: "test", partition: "transcripts", program: program.hash), program: program, operation: transcript.operation,
            request: transcript.request, context: context(transcript), budget: budget, onLog: { _ in }, onHostCall: { world.answer($0) }
        ).result.get()
    }

    private func context(_ transcript: TranscriptCase) -> CallContext {
        var fields: [String: Value] = [
            "call_id": "0192f3c1-0000-7000-8000-0000000000c1", "tenant_id": "0192f3c1-0000-7000-8000-0000000000f1",
            "plugin_id": .string("\(manifest.id)"),
            "instance_id": "0192f3c1-0000-7000-8000-0000000000aa", "mode": "test", "attempt": 1, "deadline_ms": 1_795_300_030_000,
            "now_ms": 1_795_300_000_000,
            "locale": "en", "correlation_id": "0192f3c1-0000-7000-8000-0000000000cc",
        ]
        fields.merge(transcript.context) { _, own in own }
        fields["config"] = .map(transcript.config)
        let visible = HostFunctions.visible(requested: manifest.requestedCapabilities, granted: manifest.requestedCapabilities)
        return CallContext(
            fields: fields, declaredSecrets: manifest.config.secretNames, setSecrets: transcript.secrets.keys.sorted(),
            functions: visible.names, denied: visible.denied)
    }

    /// A setting that the manifest would refuse makes a transcript worthless.
    private func settingsProblems(_ transcript: TranscriptCase) -> [String] {
        let given = transcript.config.merging(transcript.secrets.mapValues(Value.string)) { own, _ in own }
        do {
            _ = try manifest.config.update(.map(given), setSecrets: Set(manifest.config.secretNames))
            return []
        } catch {
            return error.violations.map { "config: \($0)" }
        }
    }

    private func contractProblems(_ answer: Value, _ operation: Operation) -> [String] {
        do {
            guard case .success(let value) = try PluginAnswer(answer, to: operation) else { return [] }
            if operation.result == PaymentResult.schema { _ = try PaymentResult(validating: value, links: manifest.links()) }
            for event in operation.name == "parse_webhook" ? value["events"]?.arrayValue ?? [] : [] {
                _ = try WebhookEvent(validating: event, links: manifest.links())
            }
            return []
        } catch {
            return error.violations.map { "contract: \($0)" }
        }
    }
}

/// All that a plugin meets while its transcript is played.
private final class World: Sendable {
    private struct State {
        var exchanges: ArraySlice<TranscriptCase.Exchange>
        var problems: [String] = []
    }

    private let state: Mutex<State>
    private let config: [String: String]
    private let secrets: [String: String]
    private let capabilities: Capabilities

    init(_ transcript: TranscriptCase, _ manifest: Manifest) {
        state = Mutex(State(exchanges: transcript.exchanges[...]))
        secrets = transcript.secrets
        config = transcript.config.compactMapValues(\.stringValue).merging(transcript.secrets) { own, _ in own }
        capabilities = manifest.requestedCapabilities
    }

    /// What went wrong; exchanges that never happened among it.
    var problems: [String] {
        state.withLock { state in
            state.problems
                + state.exchanges.map {
                    "never asked for: \($0.request["method"]?.stringValue ?? "") \(Self.text($0.request["url"] ?? .null))"
                }
        }
    }

    func answer(_ call: HostCall) -> HostReply {
        let violations = HostFunctions.named(call.name)?.validate(call.arguments) ?? []
        guard violations.isEmpty else {
            note("\(call.name): \(violations)")
            return .failure(code: "invalid_request", message: "\(call.name): \(violations)")
        }
        return switch call.name {
        case "http.request": request(call.arguments.first ?? .null)
        case "crypto.hmac": hmac(call.arguments)
        default: .failure(code: "unsupported", message: "\(call.name): a transcript cannot answer this")
        }
    }

    private func request(_ asked: Value) -> HostReply {
        let method = asked["method"]?.stringValue ?? "GET"
        let url = asked["url"]?.stringValue ?? asked["url"]?.secretValue.flatMap { secrets[$0.name] } ?? ""
        do {
            _ = try capabilities.target(method: method, url: url) { config[$0] }
        } catch {
            note("denied: \(error)")
            return .failure(code: "network_denied", message: "http.request: \(error)")
        }
        return state.withLock { state in
            guard let expected = state.exchanges.popFirst() else {
                state.problems.append("not expected: \(method) \(url)")
                return .value([nil, ["code": "network_denied", "message": "the transcript ends here", "outcome": "not_sent"]])
            }
            state.problems += Self.differences(asked, expected.request)
            return .value(expected.reply)
        }
    }

    private func hmac(_ arguments: [Value]) -> HostReply {
        guard arguments.count >= 3, let algorithm = arguments[0].stringValue.flatMap(HashAlgorithm.init(rawValue:)),
            let key = arguments[1].stringValue ?? arguments[1].secretValue.flatMap({ secrets[$0.name] }),
            let message = arguments[2].bytesValue
        else { return .failure(code: "invalid_request", message: "crypto.hmac: wrong arguments") }
        return .value(.string(Hex.encode(HMAC.authenticate(message, key: Array(key.utf8), using: algorithm))))
    }

    private func note(_ problem: String) { state.withLock { $0.problems.append(problem) } }

    private static func differences(_ asked: Value, _ expected: [String: Value]) -> [String] {
        var found: [String] = []
        for name in ["method", "url", "query", "form", "json", "body"] where asked[name] ?? .null != expected[name] ?? .null {
            found.append("request \(name): expected \(text(expected[name] ?? .null)), got \(text(asked[name] ?? .null))")
        }
        let headers = Dictionary(
            (asked["headers"]?.mapValue ?? [:]).map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
        for (name, value) in expected["headers"]?.mapValue ?? [:] where headers[name] != value {
            found.append("request header \(name): expected \(text(value)), got \(text(headers[name] ?? .null))")
        }
        return found
    }

    /// A value with its handles visible: a transcript's secrets are none.
    private static func text(_ value: Value) -> String {
        if let use = value.secretValue { return "handle(\(use.name), \(use.form))" }
        return JSON.text(value)
    }
}
