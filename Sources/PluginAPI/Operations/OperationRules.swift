// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// Which operations a manifest must, may and must not list, by what it declares.
enum OperationRules {
    static func violations(in value: Value, kind: PluginKind) -> [Violation] {
        guard let listed = value["operations"]?.arrayValue else { return [] }
        let path = ValuePath(members: "operations")
        let known = Operation.all(for: kind).map(\.name)
        let profile = value[kind.profileKey] ?? [:]
        let excluded = excluded(kind, profile)
        var found: [Violation] = []
        var seen: Set<String> = []
        for (index, entry) in listed.enumerated() {
            guard let name = entry.stringValue else { continue }
            let place = path.index(index)
            if !seen.insert(name).inserted { found.append(Violation(place, "names \(name) twice", hint: "remove one")) }
            if !known.contains(name) {
                let near = Nearest.match(to: name, among: known)
                found.append(
                    Violation(
                        place, "is not an operation of a \(kind.rawValue)",
                        hint: near.map { "did you mean \"\($0)\"?" } ?? "use one of \(known.joined(separator: ", "))"))
            } else if let reason = excluded[name] {
                found.append(Violation(place, "names \(name), but \(reason)", hint: "remove it, or change \"\(kind.profileKey)\""))
            }
        }
        for operation in Operation.all(for: kind) where !seen.contains(operation.name) {
            guard let reason = required(operation, profile) else { continue }
            found.append(Violation(path, "must list \(operation.name): \(reason)", hint: "add \"\(operation.name)\" and implement it"))
        }
        return found
    }

    /// Why the operation has to be there; nil when it has not.
    private static func required(_ operation: Operation, _ profile: Value) -> String? {
        func has(_ list: String, _ words: [String]) -> Bool {
            (profile[list]?.arrayValue ?? []).contains { $0.stringValue.map(words.contains) ?? false }
        }
        let applies: Bool =
            switch (operation.kind, operation.name) {
            case (_, "verify_webhook"): profile["webhook"]?["verify"]?.stringValue == "custom"
            case (.paymentGateway, "confirm_payment"): has("flows", ["redirect", "form_post", "client_token", "display"])
            case (.paymentGateway, "capture_payment"): has("capture", ["manual"])
            case (.paymentGateway, "cancel_payment"): profile["void"]?.boolValue == true
            case (.paymentGateway, "refund_payment"), (.paymentGateway, "get_refund"):
                ["full", "partial"].contains(profile["refunds"]?.stringValue)
            case (.paymentGateway, "begin_save_method"), (.paymentGateway, "complete_save_method"), (.paymentGateway, "delete_method"):
                profile["save_methods"]?.boolValue == true
            case (.paymentGateway, "parse_webhook"), (.twoFactor, "parse_callback"): profile["webhook"]?.mapValue != nil
            case (.twoFactor, "deliver_code"): profile["style"]?.stringValue == "delivered"
            case (.twoFactor, "begin_enrollment"), (.twoFactor, "complete_enrollment"), (.twoFactor, "begin_challenge"):
                ["local", "remote"].contains(profile["style"]?.stringValue)
            case (.twoFactor, "verify_challenge"): profile["style"]?.stringValue == "local"
            case (.twoFactor, "poll_challenge"): profile["style"]?.stringValue == "remote"
            case (.notifier, "send_batch"): profile["batch_max"]?.intValue ?? 1 > 1
            case (.notifier, "parse_receipt"): profile["receipts"]?.boolValue == true
            default: operation.need == .required
            }
        guard applies else { return nil }
        switch operation.need {
        case .required: return "every \(operation.kind.rawValue) has it"
        case .when(let condition): return "it is required when \(condition)"
        case .optional: return nil
        }
    }

    /// Operations that contradict the declaration, with the reason.
    private static func excluded(_ kind: PluginKind, _ profile: Value) -> [String: String] {
        var excluded: [String: String] = [:]
        if let way = profile["webhook"]?["verify"]?.stringValue {
            if way != "custom" { excluded["verify_webhook"] = "\"verify\" is \"\(way)\", which the host does itself" }
        } else {
            for name in ["verify_webhook", "parse_webhook", "parse_callback"] { excluded[name] = "no webhook is declared" }
        }
        switch kind {
        case .paymentGateway:
            if profile["refunds"]?.stringValue == "none" {
                for name in ["refund_payment", "get_refund"] { excluded[name] = "\"refunds\" is \"none\"" }
            }
        case .twoFactor:
            let byStyle: [String: [String]] = [
                "delivered": ["normalize_destination", "deliver_code"],
                "local": ["begin_enrollment", "complete_enrollment", "begin_challenge", "verify_challenge", "revoke_credential"],
                "remote": [
                    "begin_enrollment", "complete_enrollment", "begin_challenge", "poll_challenge", "cancel_challenge", "parse_callback",
                    "revoke_credential",
                ],
            ]
            guard let style = profile["style"]?.stringValue, let allowed = byStyle[style] else { return excluded }
            for name in Set(byStyle.values.flatMap { $0 }) where !allowed.contains(name) { excluded[name] = "the style is \(style)" }
        case .notifier:
            if profile["receipts"]?.boolValue != true { excluded["parse_receipt"] = "no receipts are declared" }
        }
        return excluded
    }
}
