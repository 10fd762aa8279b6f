// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// What a schema cannot say about a manifest.
///
/// Works on a value of any shape: what has the wrong one is skipped, since it is reported already.
enum ManifestRules {
    static func violations(in value: Value, kind: PluginKind?, panel: SemanticVersion?) -> [Violation] {
        let config = value["config_schema"] ?? [:]
        var found = identity(value, panel)
        found += hooks(value)
        found += CapabilityRules.violations(
            in: value["capabilities"] ?? [:], at: ValuePath(members: "capabilities"), plugin: value["id"]?.stringValue,
            configFields: urlFields(config))
        found += ConfigRules.violations(in: config, at: ValuePath(members: "config_schema"))
        if let kind { found += OperationRules.violations(in: value, kind: kind) }
        if let kind { found += webhook(value, kind, config) }
        if let kind { found += unserved(value, kind) }
        return found
    }

    private static func identity(_ value: Value, _ panel: SemanticVersion?) -> [Violation] {
        var found: [Violation] = []
        if let version = value["version"]?.stringValue, SemanticVersion(version) == nil {
            found.append(Violation(ValuePath(members: "version"), "must be a semantic version", hint: "write \"version\": \"1.0.0\""))
        }
        if let text = value["panel1"]?.stringValue {
            let path = ValuePath(members: "panel1")
            if let range = VersionRange(text) {
                if let panel, !range.contains(panel) {
                    found.append(
                        Violation(path, "does not include this panel, which is \(panel)", hint: "install a version of the plugin that does")
                    )
                }
            } else {
                found.append(Violation(path, "must be a version range", hint: "write \"panel1\": \">=0.1.0 <1.0.0\""))
            }
        }
        if let entry = value["entry"]?.stringValue, !isLuaFile(entry) {
            found.append(Violation(ValuePath(members: "entry"), "must be a Lua file of the plugin", hint: "write \"entry\": \"main.lua\""))
        }
        return found
    }

    /// Letters, digits, `_`, `-` and `/`, and `.lua` at the end: no way out of the plugin's own folder.
    static func isLuaFile(_ name: String) -> Bool {
        guard name.hasSuffix(".lua") else { return false }
        let segments = name.dropLast(4).split(separator: "/", omittingEmptySubsequences: false)
        return segments.allSatisfy { segment in
            !segment.isEmpty
                && segment.utf8.allSatisfy {
                    StringFormat.isLower($0) || StringFormat.isUpper($0) || StringFormat.isDigit($0) || $0 == UInt8(ascii: "_")
                        || $0 == UInt8(ascii: "-")
                }
        }
    }

    private static func hooks(_ value: Value) -> [Violation] {
        (value["hooks"]?.arrayValue ?? []).enumerated().compactMap { index, hook in
            guard let event = hook["event"]?.stringValue, !PanelEvent.names.contains(event) else { return nil }
            let path = ValuePath(members: "hooks").index(index).member("event")
            if let canonical = PanelEvent.aliases[event] { return Violation(path, "is an old name", hint: "write \"\(canonical)\"") }
            let near = Nearest.match(to: event, among: PanelEvent.names.sorted())
            return Violation(
                path, "is not an event of the panel",
                hint: near.map { "did you mean \"\($0)\"?" } ?? "see the list of events in the plugin reference")
        }
    }

    private static func urlFields(_ config: Value) -> Set<String> {
        Set((config["properties"]?.mapValue ?? [:]).filter { $0.value["format"]?.stringValue == StringFormat.uri.rawValue }.keys)
    }

    /// What the contract knows and this version of the host does not do yet: better said now than found out by a customer.
    private static func unserved(_ value: Value, _ kind: PluginKind) -> [Violation] {
        var found: [Violation] = []
        let profile = value[kind.profileKey]
        if let way = profile?["webhook"]?["verify"]?.stringValue.flatMap(WebhookProfile.Verification.init),
            !WebhookProfile.served.contains(way)
        {
            let served = WebhookProfile.served.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            found.append(
                Violation(
                    ValuePath(members: kind.profileKey, "webhook", "verify"),
                    "is \"\(way.rawValue)\", which this version of the host does not do yet", hint: "use \(served), or leave webhook out"))
        }
        if kind == .twoFactor, let style = profile?["style"]?.stringValue.flatMap(FactorProfile.Style.init),
            !FactorProfile.served.contains(style)
        {
            let served = FactorProfile.served.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            found.append(
                Violation(
                    ValuePath(members: "factor", "style"), "is \"\(style.rawValue)\", which this version of the host does not do yet",
                    hint: "use \(served)"))
        }
        return found
    }

    private static func webhook(_ value: Value, _ kind: PluginKind, _ config: Value) -> [Violation] {
        let place = ValuePath(members: kind.profileKey, "webhook")
        let profile = value[kind.profileKey]
        guard let webhook = profile?["webhook"], webhook.mapValue != nil else {
            guard kind == .notifier, profile?["receipts"]?.boolValue == true else { return [] }
            return [
                Violation(
                    place, "is missing, and receipts are declared",
                    hint: "say how they are verified: \"webhook\": {\"verify\": \"hmac\", …}")
            ]
        }
        var found: [Violation] = []
        let way = webhook["verify"]?.stringValue.flatMap(WebhookProfile.Verification.init)
        if way == .hmac || way == .asymmetric, webhook["signature_header"] ?? .null == .null {
            found.append(Violation(place.member("signature_header"), "is missing", hint: "write \"signature_header\": \"X-Signature\""))
        }
        if way == .hmac || way == .asymmetric || way == .standardWebhooks {
            let name = webhook["secret"]?.stringValue ?? "webhook_secret"
            let field = config["properties"]?[name]
            if field?["type"]?.stringValue != "string" || (way != .asymmetric && field?["x-secret"]?.boolValue != true) {
                found.append(
                    Violation(
                        webhook["secret"] == nil ? place : place.member("secret"), "needs the secret setting \(JSON.text(.string(name)))",
                        hint:
                            "add \(JSON.text(.string(name))): {\"type\": \"string\", \"x-secret\": true} to the properties of config_schema"
                    ))
            }
        }
        if let payload = webhook["payload"]?.stringValue {
            if !payload.contains("{body}") {
                found.append(
                    Violation(place.member("payload"), "does not contain {body}", hint: "write \"payload\": \"{timestamp}.{body}\""))
            }
            let time = webhook["timestamp_header"]?.stringValue ?? webhook["timestamp_key"]?.stringValue
            if payload.contains("{timestamp}"), time == nil {
                found.append(
                    Violation(
                        place.member("payload"), "uses {timestamp}, and nothing says where it stands",
                        hint: "add \"timestamp_header\" or \"timestamp_key\""))
            }
        }
        return found
    }
}
