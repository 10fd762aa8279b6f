// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Glibc
internal import Values

/// Why a file that holds a key was not read or written.
public struct KeyFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What callers tell apart.
    public enum Reason: Sendable, Hashable {
        /// There is a file of that name; it was left as it is.
        case exists
        /// Others may read or replace it.
        case unprotected
        /// Anything else.
        case failed
    }

    /// What callers tell apart.
    public let reason: Reason
    /// What happened, where, and what to do next.
    public let description: String

    init(_ reason: Reason, _ description: String) { (self.reason, self.description) = (reason, description) }

    init(_ description: String) { self.init(.failed, description) }
}

/// Files that hold a key: readable by their owner alone, small, never a link, and written whole or not at all.
public enum KeyFile {
    /// Who else may be able to read a file.
    enum Protection: Sendable {
        /// Nobody, and the file belongs to this user or to root.
        case owner
        /// What systemd decrypts for a service: with access lists in force the mask stands in the group's bits, which are not looked at.
        case credential

        var forbidden: mode_t { self == .owner ? 0o077 : 0o007 }
    }

    /// Reads the whole file.
    public static func read(_ path: String, atMost maximum: Int = 65_536) throws(KeyFileError) -> Secret {
        try read(path, atMost: maximum, .owner)
    }

    static func read(_ path: String, atMost maximum: Int, _ protection: Protection) throws(KeyFileError) -> Secret {
        // A pipe of that name must not block, nor be taken for a file.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw errno == ELOOP
                ? KeyFileError(.unprotected, "the key file \(path) is a link: name the file itself") : failure("read", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw KeyFileError("\(path) is not a file") }
        guard status.st_mode & protection.forbidden == 0 else {
            throw KeyFileError(
                .unprotected, "others may read the key file \(path): run 'chmod 600 \(path)', and make a new key if they did")
        }
        guard protection == .credential || status.st_uid == geteuid() || status.st_uid == 0 else {
            throw KeyFileError(.unprotected, "the key file \(path) belongs to another user: run 'chown $(id -u) \(path)'")
        }
        guard status.st_size <= maximum else { throw KeyFileError("\(path) has more than \(maximum) bytes: it is not a key file") }
        return try Secret(byteCount: Int(status.st_size)) { (buffer: UnsafeMutableRawBufferPointer) throws(KeyFileError) in
            var filled = 0
            while filled < buffer.count {
                let count = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw count == 0 ? KeyFileError("\(path) became shorter while it was read") : failure("read", path) }
                filled += count
            }
        }
    }

    /// Makes a file that is not there yet; one that is there is never overwritten.
    public static func create(_ path: String, _ content: Secret) throws(KeyFileError) {
        // Under another name until it is whole: nobody finds half a key, and a crash leaves none in the way.
        let temporary = "\(path).\(Hex.encode(SecureRandom.bytes(8))).new"
        let descriptor = try make(temporary)
        defer {
            close(descriptor)
            unlink(temporary)
        }
        try write(content, to: descriptor, temporary)
        guard link(temporary, path) == 0 else { throw errno == EEXIST ? exists(path) : failure("create", path) }
        try syncDirectory(of: path)
    }

    /// Puts other content in the place of a file, which keeps its owner.
    static func replace(_ path: String, with content: Secret) throws(KeyFileError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure("look at", path) }
        let temporary = path + ".new"
        // Left over by a process that was killed while it wrote.
        unlink(temporary)
        let descriptor = try make(temporary)
        defer {
            close(descriptor)
            // Gone by its rename when all went well.
            unlink(temporary)
        }
        if status.st_uid != geteuid() { _ = fchown(descriptor, status.st_uid, status.st_gid) }
        guard fchmod(descriptor, status.st_mode & 0o600) == 0 else { throw failure("protect", temporary) }
        try write(content, to: descriptor, temporary)
        guard rename(temporary, path) == 0 else { throw failure("replace", path) }
        try syncDirectory(of: path)
    }

    /// Runs a body while no other process does so for a file of the same directory.
    static func exclusively<Result>(_ path: String, _ body: () throws(KeyFileError) -> Result) throws(KeyFileError) -> Result {
        let directory = try openDirectory(of: path)
        defer { close(directory) }
        guard flock(directory, LOCK_EX) == 0 else { throw failure("lock", path) }
        return try body()
    }

    private static func make(_ path: String) throws(KeyFileError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw errno == EEXIST ? exists(path) : failure("create", path)
        }
        return descriptor
    }

    private static func exists(_ path: String) -> KeyFileError {
        KeyFileError(.exists, "\(path) exists: a key is never overwritten; name another file")
    }

    private static func write(_ content: Secret, to descriptor: Int32, _ path: String) throws(KeyFileError) {
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

    private static func syncDirectory(of path: String) throws(KeyFileError) {
        let directory = try openDirectory(of: path)
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("write the directory of", path) }
    }

    private static func openDirectory(of path: String) throws(KeyFileError) -> Int32 {
        let descriptor = ParentDirectory.open(of: path)
        guard descriptor >= 0 else { throw failure("open the directory of", path) }
        return descriptor
    }

    private static func failure(_ verb: String, _ path: String) -> KeyFileError {
        KeyFileError("cannot \(verb) the key file \(path): \(String(cString: strerror(errno)))")
    }
}
