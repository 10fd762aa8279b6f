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
        case .credential(let path): try Self.readFile(path, .credential)
        case .file(let path): try Self.readFile(path, .owner)
        }
    }

    private static func takeVariable() throws(KEKRingError) -> Secret {
        guard let text = EnvironmentSecret.take(variable) else { throw KEKRingError(description: "\(variable) is not set any more") }
        return text
    }

    private static func readFile(_ path: String, _ protection: KeyFile.Protection) throws(KEKRingError) -> Secret {
        do throws(KeyFileError) {
            return try KeyFile.read(path, atMost: KEKRing.maximumByteCount, protection)
        } catch {
            throw KEKRingError(description: error.description)
        }
    }

    /// What tells one state of the file from another; nil for what never changes.
    var stamp: [Int]? {
        guard case .file(let path) = self else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { return [] }
        return [Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }
}
