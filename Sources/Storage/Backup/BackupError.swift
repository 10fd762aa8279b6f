// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Why a backup could not be made, read or restored, in words that are safe to show: never a value of a row.
package struct BackupError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The file is not a backup, or was changed.
        case damaged
        /// The file ends too early: its making or its copying was cut short.
        case truncated
        /// The file was encrypted under another key.
        case wrongKey
        /// A newer program made the backup.
        case newer
        /// The backup's schema is not one that this program can restore.
        case incompatible
        /// The place to restore into holds something already.
        case notEmpty
        /// What was read back is not what the backup holds, or its audit log does not verify.
        case notEqual
        /// Reading or writing a file failed.
        case file
    }

    package let code: Code
    /// One line: what is wrong, and what to do next.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    static func damaged(_ what: String) -> BackupError {
        BackupError(.damaged, "the backup is damaged: \(what); use another copy, or an earlier backup")
    }
}
