// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Sandbox
import Security
import Values

extension Result {
    /// Why there is no value.
    var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}

/// Turns what came out of a cell into a result that the host can stand behind, against the contract and the wire.
struct ResultJudge {
    let invocation: Invocation
    let wire: WireTrace
    let scrubber: SecretScrubber
    let redactor: Redactor

    /// No mutating request's bytes left: the provider cannot have done anything.
    private var evidence: PluginFailure.Outcome { wire.mutatingBytesLeft ? .unknown : .notSent }

    func judge(_ answer: Result<Value, SandboxError>) -> Result<Value, PluginFailure> {
        switch answer {
        case .failure(let error): return .failure(failure(error))
        case .success(let value): return judge(value)
        }
    }

    private func judge(_ value: Value) -> Result<Value, PluginFailure> {
        guard let operation = Operation.named(invocation.operation, for: invocation.instance.manifest.kind) else {
            return .failure(PluginFailure(.unsupported, "the contract has no operation \(invocation.operation)", outcome: evidence))
        }
        do {
            switch try PluginAnswer(scrubber.scrub(value), to: operation) {
            case .success(let payload): return .success(payload)
            case .failure(let claim): return .failure(believed(claim))
            }
        } catch {
            var failure = PluginFailure.contractViolation(error, outcome: evidence)
            failure.message = redactor.scrub(failure.message)
            return .failure(failure)
        }
    }

    /// What the plugin says went wrong, in its own words; its claim about the outcome only as far as the wire agrees.
    private func believed(_ claim: PluginFailure) -> PluginFailure {
        var failure = claim
        failure.message = redactor.scrub(failure.message)
        failure.providerMessage = failure.providerMessage.map(redactor.scrub)
        if failure.outcome == .notSent, wire.mutatingBytesLeft { failure.outcome = .unknown }
        return failure
    }

    private func failure(_ error: SandboxError) -> PluginFailure {
        let code: PluginFailure.Code =
            switch error {
            case .wallExceeded, .cpuExceeded, .cancelled: .timeout
            case .memoryExceeded, .hostCallsExceeded: .limitExceeded
            case .invalidValue: .contractViolation
            case .noSuchOperation: .unsupported
            case .overloaded: .rateLimited
            case .backingOff: .pluginRestarting
            case .quarantined: .pluginQuarantined
            case .programKilled, .tenantClosed: .pluginKilled
            default: .internal
            }
        // The plugin's own words help its author; what else the error holds is for the log.
        let message =
            switch error {
            case .scriptError(let message, _), .invalidValue(let message), .cpuExceeded(_, let message), .memoryExceeded(let message),
                .hostCallsExceeded(let message):
                message.isEmpty ? error.description : message
            case .loadFailed(_, let file, let line, let message): line > 0 ? "\(file):\(line): \(message)" : message
            default: error.description
            }
        let passes =
            switch error {
            case .cellCrashed, .cellKilled, .programKilled, .tenantClosed, .quarantined, .unavailable, .overloaded, .backingOff, .cancelled:
                true
            default: false
            }
        let wait: Int64? =
            switch error {
            case .overloaded: 1
            case .backingOff(let rest): (rest.milliseconds + 999) / 1000
            default: nil
            }
        return PluginFailure(
            code, redactor.scrub(message), isRetryable: passes && evidence == .notSent, outcome: evidence, retryAfterSeconds: wait)
    }
}
