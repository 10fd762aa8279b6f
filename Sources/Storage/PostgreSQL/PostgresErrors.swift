// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CPostgres

/// What the server, or the lack of one, said about a statement.
struct PostgresFailure: Error, Sendable {
    /// Five characters; empty when the connection ended without a word.
    let sqlState: String
    /// The primary message: may quote values, so it is shown for mistakes in SQL only.
    let message: String
    /// Whether the connection is gone with it.
    let isLost: Bool
    /// Whether the server itself said, in place of an earlier statement's answer, that it ends: then it never came to a later COMMIT.
    var isBeforeCommit = false

    static let lost = PostgresFailure(sqlState: "", message: "the connection ended", isLost: true)
    static let silent = PostgresFailure(sqlState: "", message: "the server did not answer in time", isLost: true)

    init(sqlState: String, message: String, isLost: Bool) {
        self.sqlState = sqlState
        self.message = message
        self.isLost = isLost
    }

    /// Reads a result that is an error.
    init(_ result: OpaquePointer, isConnectionBad: Bool) {
        func field(_ code: Character) -> String {
            guard let text = PQresultErrorField(result, Int32(code.asciiValue ?? 0)) else { return "" }
            return String(cString: text)
        }
        let severity = field("V")
        let state = field("C")
        self.init(
            sqlState: state, message: field("M"),
            isLost: isConnectionBad || severity == "FATAL" || severity == "PANIC" || state.hasPrefix("08") && state != "08P01")
    }

    /// The transaction lost against another one and may be run again.
    var isSerialization: Bool { sqlState == "40001" || sqlState == "40P01" }

    /// The server cannot be written to: it was demoted, or it is a standby.
    var isReadOnlyServer: Bool { sqlState == "25006" }

    /// A prepared statement that no longer fits the schema; a new connection prepares it again.
    var isStalePlan: Bool { sqlState == "0A000" || sqlState == "26000" }
}

/// Turns SQLSTATEs into ``StorageError``, so that no other file knows them.
enum PostgresErrors {
    /// A text that says nothing about any row: the server's own messages quote keys, and another tenant's among them.
    static func translate(_ failure: PostgresFailure) -> StorageError {
        if failure.isLost, failure.sqlState.isEmpty || failure.sqlState.hasPrefix("08") || failure.sqlState.hasPrefix("57P") {
            return StorageError(
                .unavailable, "the connection to the database was lost: \(failure.sqlState.isEmpty ? failure.message : "it was ended")")
        }
        switch failure.sqlState {
        case "23505": return .duplicateKey
        case "23503": return .brokenKey
        case "PH001": return StorageError(.appendOnly, "this table is append-only")
        case "25006": return StorageError(.readOnly, "a write in a read-only transaction")
        case "40001", "40P01": return StorageError(.conflict, "the change lost against others, several times: try again")
        case "55P03": return StorageError(.busy, "another transaction holds the row for too long")
        case "57014": return StorageError(.timedOut, "the statement took longer than it may")
        case "25P03", "25P04": return StorageError(.timedOut, "the transaction was idle for longer than it may")
        case "53100": return StorageError(.diskFull, "no space left for the database: free some and try again")
        case "53300", "53400":
            return StorageError(.busy, "the database takes no more connections: raise max_connections or start fewer hosts")
        case "58030": return StorageError(.failed, "the database cannot read or write its files")
        case "42501": return StorageError(.forbidden, "the database role may not do this, or the row belongs to another tenant")
        default: break
        }
        switch failure.sqlState.prefix(2) {
        case "22", "23": return StorageError(.constraint, "a rule of the schema refused the row (SQLSTATE \(failure.sqlState))")
        case "XX": return StorageError(.damaged, "the database reports damage (SQLSTATE \(failure.sqlState)): see its log")
        case "28": return StorageError(.unavailable, "the database refused the user name or the password: check the URL")
        case "3D": return StorageError(.unavailable, "the database that the URL names does not exist: create it, or correct the URL")
        case "42": return StorageError(.failed, "the database refused a statement: \(failure.message) (SQLSTATE \(failure.sqlState))")
        default: return StorageError(.failed, "the database refused a statement (SQLSTATE \(failure.sqlState))")
        }
    }
}
