// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// One audit event on its way out of the host.
public struct AuditExportRow: Sendable, Hashable {
    /// The event's id.
    public var id: String
    /// Milliseconds since 1970.
    public var occurredAt: Int64
    /// The tenant's id.
    public var tenant: String
    /// Who.
    public var actor: String
    /// What.
    public var action: String
    /// To what.
    public var resource: String
    /// How it ended.
    public var outcome: String
    /// The named facts, as canonical JSON.
    public var detail: String
    /// What ties the events of one request together.
    public var correlation: String
    /// Where the request came from.
    public var address: String?
    /// Other facts about a person, or the word for why they do not open; nil when there is nothing to say.
    public var personal: Value?
    /// What the tenant's log says about it; nil when nobody asked.
    public var proof: Proof?

    /// The place of an event in its tenant's log.
    public struct Proof: Sendable, Hashable {
        /// From 0.
        public var index: Int64
        /// The leaf's hash.
        public var leafHash: MerkleHash
        /// The text of the event's `.proof` file; nil when only the place is wanted.
        public var file: String?

        /// A place.
        public init(index: Int64, leafHash: MerkleHash, file: String? = nil) {
            (self.index, self.leafHash, self.file) = (index, leafHash, file)
        }
    }

    /// A row from its columns.
    public init(
        id: String, occurredAt: Int64, tenant: String, actor: String, action: String, resource: String, outcome: String,
        detail: String, correlation: String, address: String?, personal: Value? = nil, proof: Proof? = nil
    ) {
        self.id = id
        self.occurredAt = occurredAt
        self.tenant = tenant
        self.actor = actor
        self.action = action
        self.resource = resource
        self.outcome = outcome
        self.detail = detail
        self.correlation = correlation
        self.address = address
        self.personal = personal
        self.proof = proof
    }

    /// The detail as a value; a text that does not parse is shown as it is.
    var detailValue: Value { (try? JSON.parse(Array(detail.utf8))) ?? .string(detail) }

    /// What the catalogue says.
    var type: AuditEventType? { AuditCatalogue.type(action: action, event: detailValue["event"]?.stringValue) }

    /// `2026-11-22T05:30:00.000Z`.
    public var time: String { UTCTime.text(occurredAt) }
}

/// The forms in which audit events leave the host.
public enum AuditExportFormat: String, Sendable, Hashable, CaseIterable {
    /// One JSON object a line.
    case jsonLines = "jsonl"
    /// A table, safe to open in a spreadsheet.
    case csv
    /// One event of the Open Cybersecurity Schema Framework a line, as JSON.
    case ocsf

    /// For the `Content-Type` of a download.
    public var mediaType: String {
        switch self {
        case .jsonLines, .ocsf: "application/x-ndjson"
        case .csv: "text/csv; charset=utf-8; header=present"
        }
    }

    /// What comes before the first row.
    public var head: [UInt8] { self == .csv ? AuditCSV.head : [] }

    /// One row; rows can be written one after the other, in constant memory.
    public func line(_ row: AuditExportRow) -> [UInt8] {
        switch self {
        case .jsonLines: AuditJSONLines.line(row)
        case .csv: AuditCSV.line(row)
        case .ocsf: AuditOCSF.line(row)
        }
    }
}

/// Rows as JSON objects.
enum AuditJSONLines {
    static func line(_ row: AuditExportRow) -> [UInt8] {
        var members: [String: Value] = [
            "id": .string(row.id), "time": .string(row.time), "occurred_at": .int(row.occurredAt), "tenant": .string(row.tenant),
            "actor": .string(row.actor), "action": .string(row.action), "resource": .string(row.resource),
            "outcome": .string(row.outcome), "detail": row.detailValue, "correlation": .string(row.correlation),
        ]
        members["address"] = row.address.map(Value.string)
        members["personal"] = row.personal
        members.merge(row.proof?.members ?? [:]) { own, _ in own }
        return JSON.serialize(.map(members)) + [UInt8(ascii: "\n")]
    }
}

extension AuditExportRow.Proof {
    var members: [String: Value] {
        var members: [String: Value] = ["leaf_index": .int(index), "leaf_hash": .string(leafHash.hex)]
        members["proof"] = file.map(Value.string)
        return members
    }
}

/// Times as RFC 3339 writes them.
package enum UTCTime {
    /// Milliseconds since 1970 as `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    package static func text(_ milliseconds: Int64) -> String {
        // Nothing here overflows, whatever stands in a row.
        let days = milliseconds / 86_400_000 - (milliseconds % 86_400_000 < 0 ? 1 : 0)
        let rest = (milliseconds % 86_400_000 + 86_400_000) % 86_400_000
        // Years from March, so that the leap day is the last (Hinnant, "chrono-compatible low-level date algorithms").
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let clock = "\(pad(rest / 3_600_000)):\(pad(rest / 60_000 % 60)):\(pad(rest / 1000 % 60)).\(pad(rest % 1000, 3))"
        return "\(pad(year, 4))-\(pad(month))-\(pad(day))T\(clock)Z"
    }

    private static func pad(_ number: Int64, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
