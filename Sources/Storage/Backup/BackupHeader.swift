// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// The two lines in clear at the start of a backup: what it is, and which key opens it.
///
/// They are authenticated with the first chunk, which does not open under a changed header.
package struct BackupHeader: Sendable, Hashable {
    static let magic = Array("panelhost-backup 1\n".utf8)
    static let mostBytes = 1024
    static let saltByteCount = 32

    /// The engine that the rows were read from.
    package var engine: String
    /// The newest migration of the schema.
    package var schema: Int64
    /// The id of the installation's own tenant; empty when there is none yet.
    package var installation: String
    /// Milliseconds since 1970.
    package var createdAt: Int64
    /// The id of the backup key.
    package var key: String
    package var salt: [UInt8]

    package init(engine: String, schema: Int64, installation: String, createdAt: Int64, key: String, salt: [UInt8]) {
        self.engine = engine
        self.schema = schema
        self.installation = installation
        self.createdAt = createdAt
        self.key = key
        self.salt = salt
    }

    /// The bytes at the start of the file.
    package var bytes: [UInt8] {
        Self.magic
            + JSON.serialize([
                "created_at": .int(createdAt), "engine": .string(engine), "installation": .string(installation), "key": .string(key),
                "salt": .string(Hex.encode(salt)), "schema": .int(schema),
            ]) + [0x0A]
    }

    /// Reads both lines; they must be exactly what ``bytes`` writes.
    package init(parsing bytes: [UInt8]) throws(BackupError) {
        guard bytes.starts(with: Self.magic) else {
            guard !bytes.starts(with: Array("panelhost-backup ".utf8)) else {
                throw BackupError(.newer, "the backup has a format that this program does not know: use the newer panelhost that made it")
            }
            throw BackupError(.damaged, "the file is not a backup of panelhost: check its name")
        }
        let limits = ValueLimits(maxBytes: Self.mostBytes, maxDepth: 1, maxNodes: 16)
        guard let value = try? JSON.parse(Array(bytes[Self.magic.count...]), limits: limits), case .map(let members) = value,
            members.count == 6, let engine = members["engine"]?.stringValue, let installation = members["installation"]?.stringValue,
            let key = members["key"]?.stringValue, let salt = members["salt"]?.stringValue.flatMap({ Hex.decode($0) }),
            salt.count == Self.saltByteCount, case .int(let schema)? = members["schema"], case .int(let createdAt)? = members["created_at"]
        else { throw .damaged("its header cannot be read") }
        self.init(engine: engine, schema: schema, installation: installation, createdAt: createdAt, key: key, salt: salt)
        guard self.bytes == bytes else { throw .damaged("its header is not written as panelhost writes it") }
    }
}
