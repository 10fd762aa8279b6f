// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Security

/// Files that hold a key: readable by their owner alone, small, and never a link.
enum SecretFile {
    static func read(_ path: String) throws(Failure) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw Failure("cannot read the key file \(path): \(reason())") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw Failure("\(path) is not a file") }
        guard status.st_mode & 0o077 == 0 else {
            throw Failure("others may read the key file \(path): run 'chmod 600 \(path)', and make a new key if they did")
        }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw Failure("cannot read the key file \(path): \(reason())") }
        defer { bytes.withUnsafeMutableBytes { bytes in if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) } } }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else { throw Failure("the key file \(path) is not text") }
        return text
    }

    static func create(_ path: String, _ content: Secret) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("cannot create the key file \(path): \(reason())") }
        defer { close(descriptor) }
        let written = content.withBytes { bytes in write(descriptor, bytes.baseAddress, bytes.count) == bytes.count }
        guard written, fsync(descriptor) == 0 else { throw Failure("cannot write the key file \(path): \(reason())") }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
