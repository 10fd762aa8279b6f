// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Sandbox
import Security
package import Storage
import Values

/// Everything that a plugin can ask of this host, by name: what is not in here does not exist.
package struct HostFunctionTable: Sendable {
    private let functions: [String: any HostFunction]

    /// A table of just these functions.
    package init(_ functions: [any HostFunction]) {
        self.functions = Dictionary(functions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The functions of contract version 1.
    package init(
        egress: EgressClient, database: any Database, clock: HostClock, caps: InvocationCaps,
        mayAct: @escaping @Sendable (ContinuousClock.Instant) async -> Bool = { _ in true }
    ) {
        var functions: [any HostFunction] = [
            HTTPFunction(egress: egress, mayAct: mayAct), HMACFunction(), HashFunction(), RandomBytesFunction(), RandomUUIDFunction(),
        ]
        functions += StorageFunction.Verb.allCases.map {
            StorageFunction($0, database: database, clock: clock, cap: caps.storageBytes)
        }
        functions += MoneyFunction.Verb.allCases.map { MoneyFunction($0) }
        self.init(functions)
    }

    /// All names, sorted.
    package var names: [String] { functions.keys.sorted() }

    /// The function of that name.
    package subscript(name: String) -> (any HostFunction)? { functions[name] }

    /// Performs a call whose arguments follow the contract's table, and refuses any other by the argument's name.
    func perform(_ function: any HostFunction, _ grant: Grant, _ call: HostCall, _ session: InvocationSession) async throws(Refusal)
        -> Value
    {
        guard let contract = HostFunctions.named(function.name) else { throw Refusal("unsupported", "\(function.name) is not there") }
        if let violation = contract.validate(call.arguments).first {
            throw Refusal("invalid_request", "\(function.name): \(violation)")
        }
        return try await function.perform(grant, call, session)
    }
}
