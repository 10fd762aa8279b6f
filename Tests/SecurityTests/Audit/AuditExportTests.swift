// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("Audit export")
struct AuditExportTests {
    private static let hash = MerkleTree.leafHash([1])

    private static func row(
        action: String = "plugin.enable", actor: String = "user:u1", resource: String = "plugin:stripe", outcome: String = "success",
        detail: String = #"{"label":"main"}"#, address: String? = "203.0.113.9", personal: Value? = nil,
        proof: AuditExportRow.Proof? = nil
    ) -> AuditExportRow {
        AuditExportRow(
            id: "e1", occurredAt: 1_795_325_400_123, tenant: "t1", actor: actor, action: action, resource: resource, outcome: outcome,
            detail: detail, correlation: "c1", address: address, personal: personal, proof: proof)
    }

    private static func text(_ format: AuditExportFormat, _ row: AuditExportRow) -> String {
        String(decoding: format.line(row), as: UTF8.self)
    }

    private static func json(_ format: AuditExportFormat, _ row: AuditExportRow) throws -> Value {
        let line = format.line(row)
        #expect(line.last == UInt8(ascii: "\n") && line.count { $0 == UInt8(ascii: "\n") } == 1)
        return try JSON.parse(Array(line.dropLast()))
    }

    @Test("JSON Lines carry every column, and the proof where there is one")
    func jsonLines() throws {
        let proof = AuditExportRow.Proof(index: 7, leafHash: Self.hash, file: "line one\nline two\n")
        let object = try Self.json(.jsonLines, Self.row(proof: proof))
        #expect(object["time"] == "2026-11-22T05:30:00.123Z" && object["occurred_at"] == 1_795_325_400_123)
        #expect(object["detail"]?["label"] == "main" && object["address"] == "203.0.113.9")
        #expect(object["leaf_index"] == 7 && object["leaf_hash"] == .string(Self.hash.hex) && object["proof"] == "line one\nline two\n")
        let told = try Self.json(.jsonLines, Self.row(personal: ["email": "ada@acme.test"]))
        #expect(told["personal"]?["email"] == "ada@acme.test" && object["personal"] == nil)
        let plain = try Self.json(.jsonLines, Self.row(detail: "{broken", address: nil))
        #expect(plain["leaf_index"] == nil && plain["address"] == nil && plain["detail"] == "{broken")
    }

    @Test(
        "a cell that a spreadsheet would run is a text",
        arguments: [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=\u{301}1", "\u{FF1D}1", "\u{FF0B}1", "\u{FF0D}1", "\u{FF20}A",
        ])
    func formulas(cell: String) throws {
        let cells = try Self.cells(Self.text(.csv, Self.row(actor: cell, resource: cell + ",\"x\"")))
        #expect(cells[4] == "'" + cell && cells[6] == "'" + cell + ",\"x\"")
    }

    @Test("cells are quoted as RFC 4180 says, and no column is lost")
    func csv() throws {
        let head = String(decoding: AuditExportFormat.csv.head, as: UTF8.self)
        #expect(
            head
                == "time,occurred_at,tenant,id,actor,action,resource,outcome,address,personal,correlation,detail,leaf_index,leaf_hash,proof\r\n"
        )
        let proof = AuditExportRow.Proof(index: 0, leafHash: Self.hash, file: "a\nb,\"c\"\r\n")
        let row = Self.row(actor: "a,b", resource: "say \"x\"", detail: #"{"n":"=1"}"#, address: nil, personal: "erased", proof: proof)
        let cells = try Self.cells(Self.text(.csv, row))
        #expect(
            cells == [
                "2026-11-22T05:30:00.123Z", "1795325400123", "t1", "e1", "a,b", "plugin.enable", "say \"x\"", "success", "", "erased", "c1",
                #"{"n":"=1"}"#, "0", Self.hash.hex, "a\nb,\"c\"\r\n",
            ])
        #expect(try Self.cells(Self.text(.csv, Self.row())).suffix(3) == ["", "", ""])
        #expect(AuditExportFormat.jsonLines.head.isEmpty && AuditExportFormat.ocsf.head.isEmpty)
    }

    @Test("an event becomes what its type says in OCSF")
    func ocsf() throws {
        let enabled = try Self.json(.ocsf, Self.row(proof: AuditExportRow.Proof(index: 7, leafHash: Self.hash)))
        #expect(enabled["class_uid"] == 6003 && enabled["activity_id"] == 3 && enabled["type_uid"] == 600_303)
        #expect(enabled["category_uid"] == 6 && enabled["severity_id"] == 2 && enabled["status_id"] == 1)
        #expect(enabled["api"]?["operation"] == "plugin.enable" && enabled["src_endpoint"]?["ip"] == "203.0.113.9")
        #expect(try Self.json(.ocsf, Self.row(personal: "erased"))["unmapped"]?["personal"] == "erased")
        #expect(enabled["metadata"]?["sequence"] == 7 && enabled["metadata"]?["event_code"] == "plugin.enable")
        #expect(enabled["actor"]?["user"]?["uid"] == "user:u1" && enabled["unmapped"]?["leaf_hash"] == .string(Self.hash.hex))
        #expect(enabled["resources"] == [["type": "plugin", "uid": "stripe"]] && enabled["unmapped"]?["owasp"] == "authz_admin")

        let refused = try Self.json(.ocsf, Self.row(action: "session.sign_in", resource: "user:u1", outcome: "denied", address: nil))
        #expect(refused["class_uid"] == 3002 && refused["type_uid"] == 300_201 && refused["status_id"] == 2 && refused["severity_id"] == 2)
        #expect(refused["user"]?["uid"] == "user:u1" && refused["service"]?["name"] == "panelhost" && refused["api"] == nil)
        #expect(refused["unmapped"]?["owasp"] == "authn_login_fail" && refused["src_endpoint"]?["name"] == "panelhost")

        let code = try Self.json(
            .ocsf, Self.row(action: "plugin.invoke.two_factor", outcome: "failure", detail: #"{"event":"two_factor.locked"}"#))
        #expect(code["class_uid"] == 3002 && code["severity_id"] == 3 && code["unmapped"]?["owasp"] == "authn_login_lock")

        let changed = try Self.json(.ocsf, Self.row(action: "user.manage", actor: "system:cli", resource: "user:u2"))
        #expect(changed["class_uid"] == 3001 && changed["user"]?["uid"] == "user:u2" && changed["actor"]?["user"]?["type"] == "System")

        let denied = try Self.json(.ocsf, Self.row(outcome: "denied"))
        #expect(denied["unmapped"]?["owasp"] == "authz_fail" && denied["status_detail"] == "denied")

        let unknown = try Self.json(.ocsf, Self.row(action: "no.such", outcome: "nonsense"))
        #expect(unknown["class_uid"] == 6003 && unknown["activity_id"] == 99 && unknown["status_id"] == 0)
    }

    @Test("every type of the catalogue becomes a whole OCSF event for every outcome")
    func everyType() throws {
        for type in AuditCatalogue.types {
            let detail = type.refines == nil ? "{}" : #"{"event":"\#(type.name)"}"#
            for outcome in AuditOutcome.allCases {
                let event = try Self.json(
                    .ocsf, Self.row(action: type.refines ?? type.name, outcome: outcome.rawValue, detail: detail))
                #expect(event["class_uid"] == Value(type.activity.eventClass.rawValue), "\(type.name)")
                for name in [
                    "activity_id", "category_uid", "class_uid", "metadata", "severity_id", "status_id", "time", "type_uid", "actor",
                    "src_endpoint",
                ] {
                    #expect(event[name] != nil, "\(type.name): \(name)")
                }
                switch type.activity.eventClass {
                case .authentication: #expect(event["user"] != nil && event["service"] != nil)
                case .accountChange: #expect(event["user"] != nil)
                case .apiActivity: #expect(event["api"] != nil && event["resources"] != nil)
                }
            }
        }
    }

    @Test(
        "times are those of the calendar",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (1_795_325_400_007, "2026-11-22T05:30:00.007Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func times(milliseconds: Int64, text: String) throws {
        var row = Self.row()
        row.occurredAt = milliseconds
        #expect(try Self.json(.jsonLines, row)["time"] == .string(text))
    }

    @Test("a time that no program wrote stops nobody", arguments: [Int64.min, .min + 1, .max, -86_400_001])
    func foreignTimes(milliseconds: Int64) {
        var row = Self.row()
        row.occurredAt = milliseconds
        for format in AuditExportFormat.allCases { #expect(!format.line(row).isEmpty) }
    }

    /// A reader of RFC 4180 for one record.
    private static func cells(_ line: String) throws -> [String] {
        var (cells, cell, isQuoted) = ([String](), [UInt8](), false)
        let bytes = Array(line.utf8)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if isQuoted {
                if byte != UInt8(ascii: "\"") {
                    cell.append(byte)
                } else if position < bytes.count, bytes[position] == byte {
                    cell.append(byte)
                    position += 1
                } else {
                    isQuoted = false
                }
            } else if byte == UInt8(ascii: "\""), cell.isEmpty {
                isQuoted = true
            } else if byte == UInt8(ascii: ",") || byte == 0x0D {
                cells.append(String(decoding: cell, as: UTF8.self))
                cell = []
                if byte == 0x0D {
                    try #require(position == bytes.count - 1 && bytes[position] == 0x0A, "the record ends here")
                    return cells
                }
            } else {
                try #require(byte != UInt8(ascii: "\""), "a quote needs quotes around the cell")
                cell.append(byte)
            }
        }
        throw MissingMember(name: "the end of the record")
    }
}
