// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Rows as a table in the form of RFC 4180 that no spreadsheet takes for a program.
///
/// A cell that begins like a formula gets an apostrophe in front, which spreadsheets show as text.
enum AuditCSV {
    private static let columns = [
        "time", "occurred_at", "tenant", "id", "actor", "action", "resource", "outcome", "address", "personal", "correlation", "detail",
        "leaf_index", "leaf_hash", "proof",
    ]

    static let head = line(columns)

    static func line(_ row: AuditExportRow) -> [UInt8] {
        line([
            row.time, String(row.occurredAt), row.tenant, row.id, row.actor, row.action, row.resource, row.outcome, row.address ?? "",
            row.personal.map { $0.stringValue ?? JSON.text($0) } ?? "", row.correlation, row.detail,
            row.proof.map { String($0.index) } ?? "", row.proof?.leafHash.hex ?? "", row.proof?.file ?? "",
        ])
    }

    private static func line(_ cells: [String]) -> [UInt8] {
        Array((cells.map(cell).joined(separator: ",") + "\r\n").utf8)
    }

    static func cell(_ text: String) -> String {
        let safe = isFormula(text) ? "'" + text : text
        guard safe.utf8.contains(where: { [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0D, 0x0A].contains($0) }) else { return safe }
        return "\"" + String(decoding: safe.utf8.flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] }, as: UTF8.self) + "\""
    }

    /// By the first scalar, not the first character: what combines with `=` is still a formula.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first else { return false }
        // The wide forms are formulas to spreadsheets in some languages.
        return "=+-@\t\r\n\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains(first)
    }
}
