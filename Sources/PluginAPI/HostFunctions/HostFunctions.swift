// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// Every function of `ctx`: the source of the reference, of the Lua stub and of the denials that a cell gets.
public enum HostFunctions {
    /// All functions, in the order of the reference.
    public static let all: [ContextFunction] = http + storage + crypto + json + log + clock + random + money

    /// Those that leave the cell, by their names on the wire.
    public static let hostCalls: [ContextFunction] = all.filter { $0.place == .host }

    /// The function with that name.
    public static func named(_ name: String) -> ContextFunction? { all.first { $0.name == name } }

    /// What a cell is told for an invocation: the host functions that exist, and for missing namespaces the words of the error.
    public static func visible(requested: Capabilities, granted: Capabilities) -> (names: [String], denied: [String: String]) {
        let inForce = granted.names
        var names: [String] = []
        var denied: [String: String] = [:]
        for function in hostCalls {
            if function.capability.isEmpty || inForce.contains(function.capability) {
                names.append(function.name)
            } else {
                denied[function.namespace] = denial(function.capability, isRequested: requested.names.contains(function.capability))
            }
        }
        return (names.sorted(), denied)
    }

    /// The error of a plugin that reaches for a capability that is not in force: names the line to add, or who has to approve it.
    public static func denial(_ capability: String, isRequested: Bool) -> String {
        if isRequested {
            return "ctx.\(capability) is not there: plugin.json asks for \"\(capability)\", but no administrator has approved it"
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
