// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// The plugins that the host has installed, for every tenant to choose from.
package struct PluginCatalogue {
    private let tx: PlatformTransaction

    package init(_ tx: PlatformTransaction) { self.tx = tx }

    /// Adds one version with its files.
    ///
    /// The same version again is refused: content under a version never changes.
    package func install(_ plugin: InstalledPlugin, files: [PluginFile]) throws {
        do {
            try tx.execute(
                """
                INSERT INTO plugins (id, version, hash, kind, name, manifest, signed, installed_at, installed_by)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """,
                [
                    .text(plugin.id.description), .text(plugin.version), .text(plugin.hash), .text(plugin.kind), .text(plugin.name),
                    .text(plugin.manifest), .bool(plugin.isSigned), .int(plugin.installedAt), .text(plugin.installedBy),
                ])
        } catch let error as StorageError where error.code == .duplicate {
            throw StorageError(.duplicate, "\(plugin.id) \(plugin.version) is installed already")
        }
        for file in files {
            try tx.execute(
                "INSERT INTO plugin_files (plugin_id, version, path, sha256, content_hex) VALUES ($1, $2, $3, $4, $5)",
                [
                    .text(plugin.id.description), .text(plugin.version), .text(file.path), .text(file.sha256),
                    .text(Hex.encode(file.content)),
                ])
        }
    }

    /// Removes one version; refused while a tenant has it.
    package func remove(_ id: PluginID, version: String) throws {
        let parameters: [SQLValue] = [.text(id.description), .text(version)]
        let users = try tx.query("SELECT COUNT(*) AS n FROM tenant_plugins WHERE plugin_id = $1 AND version = $2", parameters)
        guard try users[0].int("n") == 0 else {
            throw StorageError(.conflict, "\(id) \(version) is in use by a tenant")
        }
        guard try tx.execute("DELETE FROM plugins WHERE id = $1 AND version = $2", parameters) == 1 else {
            throw StorageError(.notFound, "\(id) \(version) is not installed")
        }
    }

    /// Remembers who publishes a plugin, the first time; answers who was remembered.
    package func pinPublisher(_ publicKey: String, of id: PluginID, at now: Int64) throws -> String {
        try tx.execute(
            """
            INSERT INTO plugin_publishers (plugin_id, public_key, pinned_at) VALUES ($1, $2, $3)
            ON CONFLICT (plugin_id) DO NOTHING
            """, [.text(id.description), .text(publicKey), .int(now)])
        let rows = try tx.query("SELECT public_key FROM plugin_publishers WHERE plugin_id = $1", [.text(id.description)])
        return try rows[0]["public_key"]
    }

    /// Every installed version, newest installation last.
    package func all() throws -> [InstalledPlugin] { try Self.all(in: tx) }

    /// The version, or the one installed last.
    package func find(_ id: PluginID, version: String? = nil) throws -> InstalledPlugin? {
        try Self.find(id, version: version, in: tx)
    }

    /// The files of a version, by path.
    package func files(of id: PluginID, version: String) throws -> [PluginFile] {
        try Self.files(of: id, version: version, in: tx)
    }

    /// The publisher's key, when one was pinned.
    package func publisher(of id: PluginID) throws -> String? {
        try tx.query("SELECT public_key FROM plugin_publishers WHERE plugin_id = $1", [.text(id.description)]).first?["public_key"]
    }
}

// Tenants read the catalogue too, through PluginRepository.
extension PluginCatalogue {
    static let columns = "id, version, hash, kind, name, manifest, signed, installed_at, installed_by"

    static func all(in connection: any SQLConnection) throws -> [InstalledPlugin] {
        try connection.query("SELECT \(columns) FROM plugins ORDER BY id, installed_at, version", []).map(InstalledPlugin.init(row:))
    }

    static func find(_ id: PluginID, version: String?, in connection: any SQLConnection) throws -> InstalledPlugin? {
        let rows =
            if let version {
                try connection.query(
                    "SELECT \(columns) FROM plugins WHERE id = $1 AND version = $2", [.text(id.description), .text(version)])
            } else {
                try connection.query(
                    "SELECT \(columns) FROM plugins WHERE id = $1 ORDER BY installed_at DESC, version DESC LIMIT 1",
                    [.text(id.description)])
            }
        return try rows.first.map(InstalledPlugin.init(row:))
    }

    static func files(of id: PluginID, version: String, in connection: any SQLConnection) throws -> [PluginFile] {
        let rows = try connection.query(
            "SELECT path, sha256, content_hex FROM plugin_files WHERE plugin_id = $1 AND version = $2 ORDER BY path",
            [.text(id.description), .text(version)])
        return try rows.map { row in
            try PluginFile(path: row["path"], sha256: row["sha256"], content: row.hex("content_hex"))
        }
    }
}

extension InstalledPlugin {
    init(row: Row) throws {
        self.init(
            id: try row.plugin("id"), version: try row["version"], hash: try row["hash"], kind: try row["kind"], name: try row["name"],
            manifest: try row["manifest"], isSigned: try row["signed"], installedAt: try row["installed_at"],
            installedBy: try row["installed_by"])
    }
}
