// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Why the storage refused or failed, in words that are safe to show and to log: never a value of a row.
package struct StorageError: Error, Hashable, Sendable {
    /// What a caller may want to react to.
    package enum Code: String, Hashable, Sendable {
        /// The data directory or file cannot be opened for writing.
        case unwritable
        /// The file exists and is not a database, or is damaged.
        case notADatabase
        case damaged
        case diskFull
        /// Another process holds the database for longer than the busy timeout.
        case busy
        /// An applied migration has other SQL than this program knows.
        case migrationChanged
        /// The database was written by a newer program.
        case newerSchema
        /// The schema lacks what this program needs, and this connection may not add it.
        case olderSchema
        /// A unique or primary key exists already.
        case duplicate
        /// A foreign key points to nothing, or something still points here.
        case brokenReference
        /// Another rule of the schema refused the row.
        case constraint
        /// A row that may only be added was about to be changed.
        case appendOnly
        /// A write in a read transaction.
        case readOnly
        /// A record the caller named does not exist in its scope.
        case notFound
        /// The caller's change lost against another one.
        case conflict
        /// Another host has taken over the job that the change belongs to.
        case leaseLost
        /// A plugin's storage would grow beyond its quota.
        case quotaExceeded
        /// A row in the database does not have the form that this program writes.
        case unexpectedValue
        /// The database server cannot be reached, or was lost before anything was committed.
        case unavailable
        /// The server gave up on a statement or a transaction that took too long.
        case timedOut
        /// The connection was lost during a commit: the change may or may not be there.
        case unknownCommit
        /// The database's own rights forbid it to the role of this program.
        case forbidden
        case failed
    }

    package let code: Code
    /// One line, safe to show.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension StorageError {
    /// The same words on every engine, and for everybody's rows.
    static let duplicateKey = StorageError(.duplicate, "a row with this key exists already")
    static let brokenKey = StorageError(.brokenReference, "a row points to another one that is not there, or is still pointed to")
}

extension StorageError: CustomStringConvertible {
    package var description: String { message }
}
