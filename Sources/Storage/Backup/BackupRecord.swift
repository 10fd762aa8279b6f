// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// One line of a backup's content: strict JSON in canonical form.
///
///     {"contents":{"audit":[…],"migrations":[…],"tables":["tenants",…]}}
///     {"columns":["id","slug",…],"table":"tenants"}
///     ["0192…","acme",…]                                        one line a row; a blob is {"hex":"…"}
///     {"digest":"…","end":"tenants","rows":2}
///     {"digest":"…","rows":4711,"whole":true}                   the last line
package enum BackupRecord: Sendable, Hashable {
    /// What follows, so that nothing can be missing unnoticed.
    case contents(BackupContents)
    case table(String, columns: [String])
    case row([SQLValue])
    /// SHA-256 of the table's lines.
    case end(String, rows: Int64, digest: String)
    /// SHA-256 of all lines before.
    case whole(rows: Int64, digest: String)

    /// More than any row has: a plugin's file is the largest.
    static let mostBytes = 256 << 20
    static let limits = ValueLimits(maxBytes: mostBytes, maxDepth: 5, maxNodes: 2_000_000)

    /// The line, with its end.
    package var line: [UInt8] {
        let value: Value =
            switch self {
            case .contents(let contents): ["contents": contents.value]
            case .table(let name, let columns): ["table": .string(name), "columns": .array(columns.map(Value.string))]
            case .row(let values): .array(values.map(Self.value(of:)))
            case .end(let name, let rows, let digest): ["end": .string(name), "rows": .int(rows), "digest": .string(digest)]
            case .whole(let rows, let digest): ["whole": true, "rows": .int(rows), "digest": .string(digest)]
            }
        return JSON.serialize(value) + [0x0A]
    }

    /// Reads one line without its end.
    package init(parsing line: some Collection<UInt8>) throws(BackupError) {
        let malformed = BackupError.damaged("a line of it is not a record")
        guard let value = try? JSON.parse(line, limits: Self.limits) else { throw malformed }
        switch value {
        case .array(let elements):
            var values: [SQLValue] = []
            values.reserveCapacity(elements.count)
            for element in elements {
                guard let value = Self.column(of: element) else { throw malformed }
                values.append(value)
            }
            self = .row(values)
        case .map(let members):
            if let contents = members["contents"], members.count == 1 {
                guard let contents = BackupContents(contents) else { throw malformed }
                self = .contents(contents)
            } else if let name = members["table"]?.stringValue, let columns = members["columns"]?.texts, members.count == 2 {
                self = .table(name, columns: columns)
            } else if let digest = members["digest"]?.stringValue, case .int(let rows)? = members["rows"], members.count == 3 {
                if let name = members["end"]?.stringValue {
                    self = .end(name, rows: rows, digest: digest)
                } else if members["whole"] == .bool(true) {
                    self = .whole(rows: rows, digest: digest)
                } else {
                    throw malformed
                }
            } else {
                throw malformed
            }
        default: throw malformed
        }
    }

    private static func value(of column: SQLValue) -> Value {
        switch column {
        case .null: .null
        case .int(let int): .int(int)
        // Its bits: JSON has no infinity, and 1.0 must not come back as an integer.
        case .double(let double): ["bits": .int(Int64(bitPattern: double.bitPattern))]
        case .text(let text): .string(text)
        case .blob(let bytes): ["hex": .string(Hex.encode(bytes))]
        }
    }

    private static func column(of value: Value) -> SQLValue? {
        switch value {
        case .null: return .null
        case .int(let int): return .int(int)
        case .string(let text): return .text(text)
        case .map(let members) where members.count == 1:
            if case .int(let bits)? = members["bits"] { return .double(Double(bitPattern: UInt64(bitPattern: bits))) }
            return members["hex"]?.stringValue.flatMap { Hex.decode($0, lowerCaseOnly: true) }.map(SQLValue.blob)
        default: return nil
        }
    }
}

extension Value {
    var texts: [String]? {
        guard case .array(let elements) = self else { return nil }
        let texts = elements.compactMap(\.stringValue)
        return texts.count == elements.count ? texts : nil
    }
}
