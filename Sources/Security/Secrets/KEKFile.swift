// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Glibc

/// Writes the file of root keys: whole or not at all, whenever the process ends.
enum KEKFile {
    /// Makes the file with one new key; another process that was first keeps its own.
    static func create(_ path: String) throws(KEKRingError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            throw KEKRingError(description: "cannot create the key file \(path): \(KEKSource.reason())")
        }
        defer { close(descriptor) }
        try write(KEKRing.generate(), to: descriptor, path)
        try syncDirectory(of: path)
    }

    /// Puts an entry in front of those that are there.
    ///
    /// Two processes that do this at once take turns.
    static func prepend(_ entry: Secret, to path: String) throws(KEKRingError) {
        let directory = try openDirectory(of: path)
        defer { close(directory) }
        guard flock(directory, LOCK_EX) == 0 else { throw failure("lock", path) }
        let old = try KEKSource.file(path).read()
        let new = Secret(byteCount: entry.count + old.count) { buffer in
            entry.withBytes { buffer.copyMemory(from: $0) }
            old.withBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[entry.count...]).copyMemory(from: $0) }
        }
        try replace(path, with: new)
    }

    /// Takes the line of one key out.
    static func remove(_ id: String, from path: String) throws(KEKRingError) {
        let directory = try openDirectory(of: path)
        defer { close(directory) }
        guard flock(directory, LOCK_EX) == 0 else { throw failure("lock", path) }
        let text = try KEKSource.file(path).read().withBytes { bytes in
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let kept = lines.filter { line in !line.drop { $0 == UInt8(ascii: " ") }.starts(with: "\(id):".utf8) }
            return Secret(Array(kept.joined(separator: [UInt8(ascii: "\n")])))
        }
        guard let ring = try? KEKRing(parsing: text), !ring.ids.contains(id) else {
            throw KEKRingError(description: "the root key \(id) does not stand alone on a line of \(path): take it out by hand")
        }
        try replace(path, with: text)
    }

    private static func replace(_ path: String, with content: Secret) throws(KEKRingError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure("look at", path) }
        let temporary = path + ".new"
        // Left over by a process that was killed while it wrote.
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("create", temporary) }
        defer { close(descriptor) }
        if status.st_uid != geteuid() { _ = fchown(descriptor, status.st_uid, status.st_gid) }
        guard fchmod(descriptor, status.st_mode & 0o600) == 0 else { throw failure("protect", temporary) }
        try write(content, to: descriptor, temporary)
        guard rename(temporary, path) == 0 else { throw failure("replace", path) }
        try syncDirectory(of: path)
    }

    private static func write(_ content: Secret, to descriptor: Int32, _ path: String) throws(KEKRingError) {
        let isWritten = content.withBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
        guard isWritten, fsync(descriptor) == 0 else { throw failure("write", path) }
    }

    private static func syncDirectory(of path: String) throws(KEKRingError) {
        let directory = try openDirectory(of: path)
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("write the directory of", path) }
    }

    private static func openDirectory(of path: String) throws(KEKRingError) -> Int32 {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open the directory of", path) }
        return descriptor
    }

    private static func failure(_ verb: String, _ path: String) -> KEKRingError {
        KEKRingError(description: "cannot \(verb) \(path): \(KEKSource.reason())")
    }
}
