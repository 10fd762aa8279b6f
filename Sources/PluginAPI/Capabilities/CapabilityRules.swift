// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// What a schema cannot say about capabilities.
package enum CapabilityRules {
    /// Violations in a value of the right shape.
    ///
    /// - Parameters:
    ///   - plugin: the id that emitted events must carry; nil skips that check.
    ///   - configFields: the URL fields of the configuration; nil skips that check.
    package static func violations(in value: Value, at path: ValuePath, plugin: String?, configFields: Set<String>?) -> [Violation] {
        var found: [Violation] = []
        for (index, destination) in (value["http"]?.arrayValue ?? []).enumerated() where destination.mapValue != nil {
            found += violations(inDestination: destination, at: path.member("http").index(index), configFields)
        }
        for (index, pattern) in (value["emit"]?.arrayValue ?? []).enumerated() {
            guard let pattern = pattern.stringValue else { continue }
            let prefix = plugin.map { "plugin.\($0)." } ?? "plugin."
            let name = pattern.hasSuffix(".*") ? pattern.dropLast(2) : pattern[...]
            let segments = name.split(separator: ".", omittingEmptySubsequences: false)
            let areRight =
                segments.count >= 2
                && segments.allSatisfy { segment in
                    !segment.isEmpty
                        && segment.utf8.allSatisfy {
                            StringFormat.isLower($0) || StringFormat.isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                        }
                }
            if !pattern.hasPrefix(prefix) || !areRight {
                found.append(
                    Violation(
                        path.member("emit").index(index), "must be an event of the plugin's own",
                        hint: "write \"\(prefix)\(plugin == nil ? "<id>." : "")*\""))
            }
        }
        return found
    }

    private static func violations(inDestination value: Value, at path: ValuePath, _ configFields: Set<String>?) -> [Violation] {
        var found: [Violation] = []
        let host = value["host"]?.stringValue
        let field = value["host_config"]?.stringValue
        switch (value["host"] ?? .null, value["host_config"] ?? .null) {
        case (.null, .null): found.append(Violation(path, "has neither host nor host_config", hint: "write \"host\": \"api.acme.test\""))
        case (.null, _), (_, .null): break
        default: found.append(Violation(path, "has both host and host_config", hint: "keep one of them"))
        }
        if let host { found += violations(inHost: host, at: path.member("host")) }
        if let field, let configFields, !configFields.contains(field) {
            let near = Nearest.match(to: field, among: configFields.sorted())
            found.append(
                Violation(
                    path.member("host_config"), "is not a field of config_schema with \"format\": \"uri\"",
                    hint: near.map { "did you mean \"\($0)\"?" }
                        ?? "add \(JSON.text(.string(field))): {\"type\": \"string\", \"format\": \"uri\"} there"))
        }
        if let prefix = value["path_prefix"]?.stringValue {
            if field != nil {
                found.append(
                    Violation(
                        path.member("path_prefix"), "cannot stand beside host_config", hint: "the path of the configured URL is the prefix")
                )
            } else if !prefix.hasPrefix("/") {
                found.append(
                    Violation(path.member("path_prefix"), "must start with a slash", hint: "write \(JSON.text(.string("/" + prefix)))"))
            } else if (try? RequestTarget("https://host.invalid" + prefix))?.path != prefix {
                found.append(
                    Violation(path.member("path_prefix"), "must be a plain path", hint: "no query, no .., no encoded slash, no spaces"))
            }
        }
        if field != nil, value["port"]?.isNull == false {
            found.append(Violation(path.member("port"), "cannot stand beside host_config", hint: "the port of the configured URL counts"))
        }
        return found
    }

    private static func violations(inHost host: String, at path: ValuePath) -> [Violation] {
        if host.contains("*") { return [Violation(path, "must not contain a wildcard", hint: "write one destination for each host")] }
        if host.contains("://") || host.contains("/") {
            return [Violation(path, "must be a host name only", hint: "write \"api.acme.test\", and the path as \"path_prefix\": \"/v1/\"")]
        }
        if host.contains(":") {
            return [Violation(path, "must not contain a port or an IPv6 address", hint: "write the port as \"port\": 8443")]
        }
        if host != host.lowercased() {
            return [Violation(path, "must be in lower case", hint: "write \(JSON.text(.string(host.lowercased())))")]
        }
        guard RequestTarget.isHostName(host) else {
            return [Violation(path, "is not a host name", hint: "write a name like \"api.acme.test\"")]
        }
        return []
    }
}
