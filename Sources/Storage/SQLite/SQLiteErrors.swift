// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import GRDB

/// Turns SQLite's result codes into ``StorageError``, so that no other file knows them.
enum SQLiteErrors {
    static func translated<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw translate(error)
        }
    }

    /// Keeps SQLite's message, which names tables and columns, and drops statement and arguments, which hold data.
    ///
    /// Which key it was is not said: a key of the whole installation would tell one tenant what another one has.
    static func translate(_ error: DatabaseError) -> StorageError {
        let message = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY:
            return .duplicateKey
        case .SQLITE_CONSTRAINT_FOREIGNKEY:
            return .brokenKey
        case .SQLITE_CONSTRAINT_TRIGGER:
            return StorageError(.appendOnly, message)
        default:
            break
        }
        switch error.resultCode {
        case .SQLITE_CONSTRAINT: return StorageError(.constraint, message)
        case .SQLITE_FULL: return StorageError(.diskFull, "no space left for the database: free some and try again")
        case .SQLITE_NOTADB: return StorageError(.notADatabase, "the file is not an SQLite database")
        case .SQLITE_CORRUPT: return StorageError(.damaged, "the database file is damaged (\(message)): restore it from a backup")
        case .SQLITE_CANTOPEN:
            return StorageError(.unwritable, "the database file cannot be opened: check that its folder exists and is writable")
        case .SQLITE_READONLY: return StorageError(.readOnly, message)
        case .SQLITE_BUSY: return StorageError(.busy, "the database is in use by another process")
        default: return StorageError(.failed, message)
        }
    }
}
