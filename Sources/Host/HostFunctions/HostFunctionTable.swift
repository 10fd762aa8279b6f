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

    package init(_ functions: [any HostFunction]) {
        self.functions = Dictionary(functions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The functions of contract version 1.
    package init(egress: EgressClient, database: any Database, clock: HostClock, caps: InvocationCaps) {
        var functions: [any HostFunction] = [
            HTTPFunction(egress: egress), HMACFunction(), HashFunction(), RandomBytesFunction(), RandomUUIDFunction(),
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

    /// The names that exist for a plugin with these capabilities, and for the missing namespaces what to say.
    package func visible(granted: Set<String>, requested: Set<String>) -> (names: [String], denied: [String: String]) {
        var names: [String] = []
        var denied: [String: String] = [:]
        for function in functions.values {
            if function.capability.isEmpty || granted.contains(function.capability) {
                names.append(function.name)
            } else {
                denied[function.capability] = Self.denial(function.capability, isRequested: requested.contains(function.capability))
            }
        }
        return (names.sorted(), denied)
    }

    private static func denial(_ capability: String, isRequested: Bool) -> String {
        guard !isRequested else {
            return "ctx.\(capability) is not there: plugin.json asks for “\(capability)”, but no administrator of this tenant has approved it"
        }
        let line =
            switch capability {
            case "http": #""http": [{"host": "api.example.com", "methods": ["GET", "POST"], "path_prefix": "/v1/"}]"#
            case "storage": #""storage": {"max_bytes": 262144}"#
            default: "\"\(capability)\": …"
            }
        return "ctx.\(capability) is not there: add to \"capabilities\" in plugin.json: \(line)"
    }
}
