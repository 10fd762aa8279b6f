// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Sandbox
package import Security
package import Values

/// `http.request`: the allow-list decides, then secrets are filled in, then one request leaves, and its answer is scrubbed.
///
/// What the plugin's author must mend raises an error; what the network did comes back as `nil, {code, message, outcome}`.
package struct HTTPFunction: HostFunction {
    package let name = "http.request"
    package let capability = "http"
    private let egress: EgressClient
    private let mayAct: @Sendable (ContinuousClock.Instant) async -> Bool

    /// Sends through this client.
    ///
    /// - Parameter mayAct: whether an invocation that began then is still this host's.
    package init(egress: EgressClient, mayAct: @escaping @Sendable (ContinuousClock.Instant) async -> Bool = { _ in true }) {
        (self.egress, self.mayAct) = (egress, mayAct)
    }

    package func perform(_ grant: Grant, _ call: HostCall, _ session: InvocationSession) async throws(Refusal) -> Value {
        let options = try HTTPOptions(Arguments(call))
        let url = try options.address(session)
        try session.checkAllowed(options.method, url)
        guard !options.isMutating || !session.invocation.isReadOnly else {
            throw Refusal("network_denied", "http.request: \(session.invocation.operation) may only read: use GET or HEAD")
        }
        let idempotency = session.instance.idempotencyHeader
        var request = try options.request(to: url, session, injected: idempotency)

        // Whoever slept past its lease wakes up here: somebody else may have settled what this call is about.
        let isOurs = options.isMutating ? await mayAct(session.began) : true
        guard isOurs else {
            return Self.failed(EgressFailure(.providerUnavailable, "the host was not heard of for too long: nothing was sent", sent: false))
        }
        guard let number = session.beginHTTPCall(mutating: options.isMutating) else {
            return Self.failed(EgressFailure(.limitExceeded, "the call made as many HTTP requests as it may", sent: false))
        }
        if number > 0, let header = idempotency, let key = session.invocation.idempotencyKey {
            request.headers.append((header, "\(key)-\(number)"))
        }
        // A twentieth is left to the plugin, to answer in its own words.
        let timeout = min(options.timeout, call.remaining * 0.95)
        do {
            let response = try await egress.send(request, timeout: timeout)
            session.endHTTPCall(.init(method: options.method, origin: url.origin, sent: true, status: response.status))
            return .array([Self.value(response, session.scrubber), .null])
        } catch {
            session.endHTTPCall(.init(method: options.method, origin: url.origin, sent: error.sent, status: nil))
            return Self.failed(error)
        }
    }

    private static func value(_ response: EgressResponse, _ scrubber: SecretScrubber) -> Value {
        var headers: [String: Value] = [:]
        for (name, value) in response.headers { headers[scrubber.scrub(name)] = .string(scrubber.scrub(value)) }
        return ["status": Value(response.status), "headers": .map(headers), "body": .octets(scrubber.scrub(response.body))]
    }

    private static func failed(_ failure: EgressFailure) -> Value {
        let outcome = failure.sent ? "unknown" : "not_sent"
        return [nil, ["code": .string(failure.code.rawValue), "message": .string(failure.message), "outcome": .string(outcome)]]
    }
}
