// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

#if canImport(Glibc)
    import Glibc
#endif

/// Restores into a new SQLite file, which gets its name only when everything in it was checked.
enum RestoredFile {
    /// - Parameter path: the database file; neither it nor the files that SQLite keeps beside it may exist.
    static func restore(
        _ backup: String, key: BackupKey, to path: String, scope: PlatformScope, migrations known: [Migration],
        progress: @escaping @Sendable (BackupProgress) -> Void
    ) async throws -> BackupReader.Summary {
        for name in [path, path + "-wal", path + "-shm", path + "-journal"] where access(name, F_OK) == 0 {
            throw BackupError(.notEmpty, "\(name) exists: nothing is ever overwritten; move it away, or name a new directory")
        }
        let migrations = try BackupFile.migrations(of: backup, key: key, known: known)
        let unfinished = path + ".restoring"
        // What a restore that was killed has left; nobody takes it for a database.
        remove(unfinished)
        do {
            let summary = try await fill(unfinished, from: backup, key: key, scope: scope, migrations: migrations, progress: progress)
            if migrations.count < known.count { try SQLiteDatabase(path: unfinished, migrations: known).close() }
            guard access(unfinished + "-wal", F_OK) != 0 else {
                throw BackupError(.file, "\(unfinished) could not be closed: another process has it open; end it and restore again")
            }
            guard rename(unfinished, path) == 0 else {
                throw BackupError(.file, "cannot name the database \(path): \(String(cString: strerror(errno)))")
            }
            try BackupFile.synchroniseFolder(of: path)
            return summary
        } catch {
            remove(unfinished)
            throw error
        }
    }

    private static func fill(
        _ path: String, from backup: String, key: BackupKey, scope: PlatformScope, migrations: [Migration],
        progress: @escaping @Sendable (BackupProgress) -> Void
    ) async throws -> BackupReader.Summary {
        let database = try SQLiteDatabase(path: path, migrations: migrations)
        do {
            let summary = try await database.platform(scope) { tx in
                try BackupFile.read(backup) { source in
                    try BackupRestore(into: tx, progress: progress).run(BackupReader(key: key, from: source))
                }
            }
            try database.close()
            return summary
        } catch {
            try? database.close()
            throw error
        }
    }

    static func remove(_ path: String) {
        for name in [path, path + "-wal", path + "-shm", path + "-journal"] { unlink(name) }
    }
}
