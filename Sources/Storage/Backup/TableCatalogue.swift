// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The tables that a database really has, as its own catalogue lists them: a table cannot be forgotten.
package struct TableCatalogue: Sendable {
    /// One table.
    package struct Table: Sendable, Hashable {
        package var name: String
        package var columns: [Column]
        /// The primary key's columns in order.
        package var key: [String]
        /// The tables that its foreign keys point to.
        package var references: Set<String>
    }

    /// One column.
    package struct Column: Sendable, Hashable {
        package var name: String
        package var isText: Bool
    }

    /// The Migrator's own record, which every place writes for itself.
    static let migrationTable = "schema_migrations"

    /// Every table but the Migrator's own, each after those that it refers to.
    package let tables: [Table]
    /// What the Migrator wrote down, in order.
    package let migrations: [BackupContents.Migration]

    /// Reads the catalogue of the engine behind the connection.
    package init(_ connection: any SQLConnection) throws {
        let all = try connection.dialect == .sqlite ? Self.sqlite(connection) : Self.postgresql(connection)
        guard all.contains(where: { $0.name == Self.migrationTable }) else {
            throw BackupError(.incompatible, "the database has no schema of panelhost: check --data or --database")
        }
        tables = try Self.ordered(all.filter { $0.name != Self.migrationTable })
        migrations = try connection.query("SELECT number, checksum FROM schema_migrations ORDER BY number", []).map { row in
            try BackupContents.Migration(number: row["number"], checksum: row["checksum"])
        }
    }

    package subscript(_ name: String) -> Table? { tables.first { $0.name == name } }

    private static func sqlite(_ connection: any SQLConnection) throws -> [Table] {
        let names = try connection.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", []).map {
            try $0.text("name")
        }
        return try names.filter { !$0.hasPrefix("sqlite_") }.map { name in
            let columns = try connection.query("SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid", [.text(name)])
            let key = try columns.filter { try $0.int("pk") > 0 }.sorted { try $0.int("pk") < $1.int("pk") }
            let references = try connection.query(#"SELECT DISTINCT "table" AS name FROM pragma_foreign_key_list($1)"#, [.text(name)])
            return Table(
                name: name, columns: try columns.map { Column(name: try $0.text("name"), isText: try $0.text("type") == "TEXT") },
                key: try key.map { try $0.text("name") }, references: Set(try references.map { try $0.text("name") }))
        }
    }

    private static func postgresql(_ connection: any SQLConnection) throws -> [Table] {
        // Names are cast: the catalogue's own types are not text.
        let names = try connection.query(
            """
            SELECT c.relname::text AS name FROM pg_catalog.pg_class c
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            ORDER BY c.relname::text COLLATE "C"
            """, []
        ).map { try $0.text("name") }
        return try names.map { name in
            let columns = try connection.query(
                """
                SELECT a.attname::text AS name, format_type(a.atttypid, NULL) AS type FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = format('%I', $1::text)::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                ORDER BY a.attnum
                """, [.text(name)])
            let key = try connection.query(
                """
                SELECT a.attname::text AS name FROM pg_catalog.pg_index i
                CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                WHERE i.indrelid = format('%I', $1::text)::regclass AND i.indisprimary ORDER BY k.place
                """, [.text(name)])
            let references = try connection.query(
                """
                SELECT DISTINCT r.relname::text AS name FROM pg_catalog.pg_constraint f
                JOIN pg_catalog.pg_class r ON r.oid = f.confrelid
                WHERE f.conrelid = format('%I', $1::text)::regclass AND f.contype = 'f'
                """, [.text(name)])
            return Table(
                name: name, columns: try columns.map { Column(name: try $0.text("name"), isText: try $0.text("type") == "text") },
                key: try key.map { try $0.text("name") }, references: Set(try references.map { try $0.text("name") }))
        }
    }

    /// By name, but never before a table that is referred to; the same order on every engine.
    static func ordered(_ tables: [Table]) throws -> [Table] {
        var waiting = tables.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var ordered: [Table] = []
        while !waiting.isEmpty {
            let open = Set(waiting.map(\.name))
            guard let next = waiting.firstIndex(where: { $0.references.subtracting([$0.name]).isDisjoint(with: open) }) else {
                throw BackupError(.incompatible, "the tables \(open.sorted().joined(separator: ", ")) refer to each other in a circle")
            }
            ordered.append(waiting.remove(at: next))
        }
        return ordered
    }
}

extension TableCatalogue.Table {
    /// All rows in an order that is the same on every engine: by the bytes of the key.
    func selection(for dialect: Dialect) -> String {
        let order = (key.isEmpty ? columns.map(\.name) : key).map { name in
            let isText = columns.contains { $0.name == name && $0.isText }
            return Self.quoted(name) + (isText && dialect == .postgresql ? #" COLLATE "C""# : "")
        }
        let names = columns.map { Self.quoted($0.name) }.joined(separator: ", ")
        return "SELECT \(names) FROM \(Self.quoted(name)) ORDER BY \(order.joined(separator: ", "))"
    }

    static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
