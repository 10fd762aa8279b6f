// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The Lua sources that a cell loads, once, before its first invocation.
package struct Program: Sendable {
    /// The content hash, for ``Sandbox/kill(program:)`` and for people; the sandbox does not compute it.
    package var hash: String
    /// The name of the file that returns the table of operations.
    package var entry: String
    /// Every file that `require` may find, the entry included.
    package var files: [(name: String, source: [UInt8])]

    /// A program of these files.
    package init(hash: String, entry: String, files: [(name: String, source: [UInt8])]) {
        self.hash = hash
        self.entry = entry
        self.files = files
    }
}
