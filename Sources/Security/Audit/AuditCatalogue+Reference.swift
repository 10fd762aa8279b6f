// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension AuditCatalogue {
    /// The page `docs/audit-events.md`.
    package static var markdown: String {
        """
        # Audit events

        Every kind of event that this host writes into audit trails. Made from the catalogue by `make docs`; do not edit.

        An event's name is its `action`. A name with a note in brackets is in the `event` of the detail of that action. Severity is that of an event
        that went as intended; the classes are those of OCSF, the terms those of the OWASP logging vocabulary. See [audit-format.md](audit-format.md).

        | event | what happened | OCSF class | activity | severity | OWASP |
        |---|---|---|---|---|---|

        """ + types.map(\.row).joined()
    }
}

extension AuditEventType {
    fileprivate var row: String {
        let cells = [
            refines.map { "`\(name)` (in `\($0)`)" } ?? "`\(name)`", summary,
            "\(activity.eventClass.caption) (\(activity.eventClass.rawValue))",
            "\(activity.caption) (\(activity.id))", severity.caption, owasp.map { "`\($0)`" } ?? "",
        ]
        return "| " + cells.joined(separator: " | ") + " |\n"
    }
}
