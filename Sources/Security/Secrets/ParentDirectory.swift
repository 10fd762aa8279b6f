// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Glibc

/// The directory that a path lies in: what is locked, or brought to the disk after a new name.
package enum ParentDirectory {
    /// Opens it for `flock` or `fsync`; the caller closes it. Negative, with `errno`, when it cannot be opened.
    package static func open(of path: String) -> Int32 {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        return Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
}
