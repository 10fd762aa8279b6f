// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Rows as events of the Open Cybersecurity Schema Framework.
///
/// The class and activity come from ``AuditCatalogue``; an event that is not in it is API Activity, Other.
enum AuditOCSF {
    static let version = "1.3.0"

    static func line(_ row: AuditExportRow) -> [UInt8] {
        JSON.serialize(.map(event(row))) + [UInt8(ascii: "\n")]
    }

    private static func event(_ row: AuditExportRow) -> [String: Value] {
        let (type, outcome) = (row.type, AuditOutcome(rawValue: row.outcome))
        let activity = type?.activity ?? .other
        let severity = type?.severity(outcome) ?? .low
        let (category, status) = (activity.eventClass.category, status(outcome))
        var event: [String: Value] = [
            "activity_id": Value(activity.id), "activity_name": .string(activity.caption),
            "category_uid": Value(category.id), "category_name": .string(category.caption),
            "class_uid": Value(activity.eventClass.rawValue), "class_name": .string(activity.eventClass.caption),
            "type_uid": Value(activity.typeID), "type_name": .string("\(activity.eventClass.caption): \(activity.caption)"),
            "severity_id": Value(severity.rawValue), "severity": .string(severity.caption),
            "status_id": Value(status.id), "status": .string(status.caption), "status_detail": .string(row.outcome),
            "time": .int(row.occurredAt), "message": .string("\(row.action) \(row.resource): \(row.outcome)"),
            "metadata": metadata(row), "actor": ["user": user(row.actor)], "unmapped": unmapped(row, type?.owasp(outcome)),
            // A job of the host comes from no address, and the schema wants an endpoint.
            "src_endpoint": row.address.map { ["ip": .string($0)] } ?? ["name": "panelhost"],
        ]
        switch activity.eventClass {
        case .authentication:
            event["user"] = user(row.actor)
            event["service"] = ["name": "panelhost"]
        case .accountChange:
            event["user"] = user(row.resource)
        case .apiActivity:
            event["api"] = ["operation": .string(row.action)]
            event["resources"] = [resource(row.resource)]
        }
        return event
    }

    private static func metadata(_ row: AuditExportRow) -> Value {
        var members: [String: Value] = [
            "version": .string(version), "product": ["name": "Panelhost", "vendor_name": "Panelhost"], "log_name": "audit",
            "uid": .string(row.id), "event_code": .string(row.action), "correlation_uid": .string(row.correlation),
            "tenant_uid": .string(row.tenant),
        ]
        members["sequence"] = (row.proof?.index).map(Value.int)
        return .map(members)
    }

    private static func unmapped(_ row: AuditExportRow, _ owasp: String?) -> Value {
        var members: [String: Value] = ["detail": row.detailValue, "outcome": .string(row.outcome), "resource": .string(row.resource)]
        members["personal"] = row.personal
        members["owasp"] = owasp.map(Value.string)
        members.merge(row.proof?.members ?? [:]) { own, _ in own }
        return .map(members)
    }

    private static func status(_ outcome: AuditOutcome?) -> (id: Int, caption: String) {
        switch outcome {
        case .success: (1, "Success")
        case .denied, .failure: (2, "Failure")
        case .started: (99, "Started")
        case .abandoned, nil: (0, "Unknown")
        }
    }

    /// `user:ID`, `system:NAME` and the like: the whole is what tells them apart.
    private static func user(_ text: String) -> Value {
        switch kind(text).kind {
        case "user": ["uid": .string(text), "type_id": 1, "type": "User"]
        case "system": ["uid": .string(text), "type_id": 3, "type": "System"]
        default: ["uid": .string(text), "type_id": 99, "type": .string(kind(text).kind)]
        }
    }

    private static func resource(_ text: String) -> Value {
        let (kind, id) = kind(text)
        return ["type": .string(kind), "uid": .string(id)]
    }

    private static func kind(_ text: String) -> (kind: String, id: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : ("other", text)
    }
}
