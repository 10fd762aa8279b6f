// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Glibc

/// Where the root keys come from.
///
/// The environment wins over a systemd credential, which wins over the file.
public enum KEKSource: Sendable, Hashable, CustomStringConvertible {
    /// The variable `PANELHOST_KEKS`.
    case environment
    /// A file that systemd has decrypted for this service: `$CREDENTIALS_DIRECTORY/panelhost-keks`.
    case credential(String)
    /// A file of mode 0400 or 0600 that belongs to this user or to root.
    case file(String)

    static let variable = "PANELHOST_KEKS"
    static let credentialName = "panelhost-keks"

    /// The source that is there; the file when there is no other, whether it exists or not.
    public static func find(file: String) -> KEKSource {
        if getenv(variable) != nil { return .environment }
        if let directory = getenv("CREDENTIALS_DIRECTORY").map({ String(cString: $0) }) {
            let path = "\(directory)/\(credentialName)"
            if access(path, F_OK) == 0 { return .credential(path) }
        }
        return .file(file)
    }

    /// For an operator to read.
    public var description: String {
        switch self {
        case .environment: Self.variable
        case .credential(let path): "systemd credential \(path)"
        case .file(let path): "file \(path)"
        }
    }

    /// Reads the text; from the environment only once, since it is overwritten there.
    func read() throws(KEKRingError) -> Secret {
        switch self {
        case .environment: try Self.takeVariable()
        // With access lists in force the mask stands in the group's bits, so the group is not looked at.
        case .credential(let path): try Self.readFile(path, forbidden: 0o007, checksOwner: false)
        case .file(let path): try Self.readFile(path, forbidden: 0o077, checksOwner: true)
        }
    }

    private static func takeVariable() throws(KEKRingError) -> Secret {
        guard let text = EnvironmentSecret.take(variable) else { throw KEKRingError(description: "\(variable) is not set any more") }
        return text
    }

    private static func readFile(_ path: String, forbidden: mode_t, checksOwner: Bool) throws(KEKRingError) -> Secret {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw KEKRingError(description: "cannot read the key file \(path): \(reason())") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw KEKRingError(description: "\(path) is not a file")
        }
        guard status.st_mode & forbidden == 0 else {
            throw KEKRingError(
                description: "others may read the key file \(path): run 'chmod 600 \(path)', and rotate the keys if they did")
        }
        guard !checksOwner || status.st_uid == geteuid() || status.st_uid == 0 else {
            throw KEKRingError(description: "the key file \(path) belongs to another user: run 'chown $(id -u) \(path)'")
        }
        guard status.st_size <= KEKRing.maximumByteCount else {
            throw KEKRingError(
                description: "the key file \(path) has more than \(KEKRing.maximumByteCount) bytes: it is not a ring of keys")
        }
        return try Secret(byteCount: Int(status.st_size)) { (buffer: UnsafeMutableRawBufferPointer) throws(KEKRingError) in
            var filled = 0
            while filled < buffer.count {
                let count = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw KEKRingError(description: "cannot read the key file \(path): \(reason())") }
                filled += count
            }
        }
    }

    /// What tells one state of the file from another; nil for what never changes.
    var stamp: [Int]? {
        guard case .file(let path) = self else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { return [] }
        return [Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }

    static func reason() -> String { String(cString: strerror(errno)) }
}
