// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import GRDB
import Security

#if canImport(Glibc)
    import Glibc
#endif

/// The file on disk: its rights, and errors that say what to do about it.
enum DatabaseFile {
    /// Creates the file with mode 0600 before SQLite does it with a wider one; SQLite gives the WAL the same mode.
    static func prepare(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StorageError(
                .unwritable, "\(path): cannot be opened for writing (\(reason(errno))): check the data directory and its owner")
        }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else {
            throw StorageError(.unwritable, "\(path): belongs to another user: start as its owner or choose another data directory")
        }
    }

    /// Runs a body while no other process runs one for a database of the same directory.
    ///
    /// The first switch to WAL makes SQLite refuse a second process at once, whatever it was told about waiting.
    static func alone<Result>(_ path: String, _ body: () throws -> Result) rethrows -> Result {
        let descriptor = ParentDirectory.open(of: path)
        // Where nothing can be locked, two may meet all the same, and one of them says so.
        if descriptor >= 0 { while flock(descriptor, LOCK_EX) != 0, errno == EINTR {} }
        defer { if descriptor >= 0 { close(descriptor) } }
        return try body()
    }

    /// One line that names the file.
    static func describe(_ error: any Error, path: String) -> StorageError {
        let error = (error as? DatabaseError).map(SQLiteErrors.translate) ?? error
        guard let error = error as? StorageError else { return StorageError(.failed, "\(path): \(error)") }
        if error.message.hasPrefix(path) { return error }
        if error.code == .readOnly {
            return StorageError(.unwritable, "\(path): cannot be written: check the rights of the file and of its folder")
        }
        return StorageError(error.code, "\(path): \(error.message)")
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
