// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// Reads and writes plain files, whatever has been put in their place.
package enum PlainFile {
    /// Why a file was not read or written, in words.
    package struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// Reads a file to its end.
    ///
    /// Nothing but a plain file is ever opened: a FIFO would wait for its writer, a device may act. A link is followed when told so.
    package static func read(_ path: [UInt8], maximum: Int, followingLink: Bool = false) throws(Refusal) -> [UInt8] {
        let path = terminated(path)
        var status = stat()
        guard (followingLink ? stat(path, &status) : lstat(path, &status)) == 0 else { throw unreadable() }
        try check(status)
        // Whatever it has become meanwhile: nothing is waited for.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (followingLink ? 0 : O_NOFOLLOW))
        guard file >= 0 else { throw unreadable() }
        defer { close(file) }
        guard fstat(file, &status) == 0 else { throw unreadable() }
        try check(status)
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable() }
            if count == 0 { return content }
            content += buffer[..<count]
            guard content.count <= maximum else { throw Refusal(description: "the file is larger than \(maximum) bytes") }
        }
    }

    /// Makes a file that only its owner can read; false when there is one of that name already.
    package static func create(_ path: String, _ content: [UInt8]) throws(Refusal) -> Bool {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            if errno == EEXIST { return false }
            throw Refusal(description: "\(path) cannot be made: \(reason())")
        }
        defer { close(file) }
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let refusal = Refusal(description: "\(path) cannot be written: \(reason())")
                unlink(path)
                throw refusal
            }
            rest = rest.dropFirst(count)
        }
        return true
    }

    static func terminated(_ path: [UInt8]) -> [CChar] { path.map { CChar(bitPattern: $0) } + [0] }

    static func reason() -> String { String(cString: strerror(errno)) }

    private static func unreadable() -> Refusal { Refusal(description: "the file cannot be read: \(reason())") }

    private static func check(_ status: stat) throws(Refusal) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: return
        case S_IFLNK: throw Refusal(description: "a symbolic link; name the file itself")
        case S_IFIFO: throw Refusal(description: "a FIFO, not a file")
        case S_IFSOCK: throw Refusal(description: "a socket, not a file")
        case S_IFDIR: throw Refusal(description: "a folder, not a file")
        default: throw Refusal(description: "a device, not a file")
        }
    }
}
