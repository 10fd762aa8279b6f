// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

#if canImport(Glibc)
    import Glibc
#endif

/// Files of backups: written beside their name first, so that a file of that name is always whole.
package enum BackupFile {
    /// Gives `body` a sink, and the file its name once everything is on the disk.
    ///
    /// A process that dies in between leaves `PATH.partial`, which no command takes for a backup and the next one overwrites.
    package static func write<T>(to path: String, _ body: (@escaping ([UInt8]) throws -> Void) throws -> T) throws -> T {
        guard access(path, F_OK) != 0 else {
            throw BackupError(.file, "\(path) exists already: a backup never overwrites another; name a new file")
        }
        let partial = path + ".partial"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("cannot create \(partial)") }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw BackupError(.file, "\(partial) is being written by another process: wait for it, or name another file")
        }
        do {
            guard fchmod(descriptor, 0o600) == 0, ftruncate(descriptor, 0) == 0 else { throw failure("cannot write \(partial)") }
            let result = try body { try write($0, to: descriptor, named: partial) }
            guard fsync(descriptor) == 0 else { throw failure("cannot write \(partial)") }
            guard access(path, F_OK) != 0 else { throw BackupError(.file, "\(path) exists by now: name a new file") }
            guard rename(partial, path) == 0 else { throw failure("cannot name the backup \(path)") }
            try synchroniseFolder(of: path)
            return result
        } catch {
            unlink(partial)
            throw error
        }
    }

    /// All bytes to a descriptor.
    package static func write(_ bytes: [UInt8], to descriptor: Int32, named name: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("cannot write \(name)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Gives `body` a source that reads the file from its start.
    package static func read<T>(_ path: String, _ body: (@escaping (Int) throws -> [UInt8]) throws -> T) throws -> T {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot read \(path)") }
        defer { close(descriptor) }
        return try body { most in
            var bytes = [UInt8](repeating: 0, count: most)
            while true {
                let count = Glibc.read(descriptor, &bytes, most)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw failure("cannot read \(path)") }
                return Array(bytes.prefix(count))
            }
        }
    }

    /// Makes a name in a folder outlive a power cut.
    package static func synchroniseFolder(of path: String) throws {
        let folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot open the folder of \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("cannot write the folder of \(path)") }
    }

    private static func failure(_ what: String) -> BackupError {
        BackupError(.file, "\(what): \(String(cString: strerror(errno)))")
    }
}
