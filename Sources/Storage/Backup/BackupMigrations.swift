// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

extension BackupFile {
    /// The migrations of a backup, without reading further than that.
    static func migrations(of path: String, key: BackupKey, known: [Migration]) throws -> [Migration] {
        try read(path) { source in
            let reader = try BackupReader(key: key, from: source)
            return try reader.contents().migrations(from: known, engine: reader.header.engine)
        }
    }
}

extension BackupContents {
    /// The migrations to run before the rows go in: those of the backup. Later ones run afterwards, over its rows.
    ///
    /// - Parameter engine: the engine that the backup was read from; checksums differ between engines.
    package func migrations(from known: [Storage.Migration] = Storage.Migration.all, engine: String) throws(BackupError) -> [Storage
        .Migration]
    {
        guard let dialect = Dialect(rawValue: engine) else {
            throw BackupError(
                .newer, "the backup comes from an engine that this program does not know: use the newer panelhost that made it")
        }
        let numbers = Set(known.map(\.number))
        if let newer = migrations.map(\.number).filter({ !numbers.contains(Int($0)) }).max() {
            throw BackupError(
                .newer,
                "the backup has migration \(newer), this program knows \(numbers.max() ?? 0): restore with the newer panelhost that made it"
            )
        }
        let applied = Dictionary(migrations.map { (Int($0.number), $0.checksum) }, uniquingKeysWith: { first, _ in first })
        let prefix = known.prefix { applied[$0.number] != nil }
        guard prefix.count == applied.count else {
            throw BackupError(.incompatible, "the backup's schema lacks a migration in between: restore with the panelhost that made it")
        }
        for migration in prefix where applied[migration.number] != migration.checksum(for: dialect) {
            throw BackupError(
                .incompatible,
                "migration \(migration.number) (\(migration.name)) was another one when the backup was made: restore with the panelhost that made it"
            )
        }
        return Array(prefix)
    }
}
