// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Why a backup key could not be read.
///
/// Says what to write, never a key.
public struct BackupKeyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// For an operator to read.
    public let description: String
}

/// The key that backups are encrypted with: 256 random bits of its own, so that whoever keeps backups need not hold the root keys.
///
/// It is never used itself: each file has a key derived from it, from the file's random salt and from the file's header.
public struct BackupKey: Sendable {
    private let key: Secret
    /// Names the key without telling it; every backup carries the id of its key.
    public let id: String

    /// Reads a key from a text: 64 hex digits, with `#` comments around them.
    public init(parsing text: String) throws(BackupKeyError) {
        let entries = text.split(whereSeparator: \.isNewline).flatMap { $0.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace) }
        guard entries.count == 1, let bytes = Hex.decode(entries[0]), bytes.count == AESGCMKey.keyByteCount else {
            throw BackupKeyError(
                description: "a backup key is one line of 64 hex digits; make one with 'panelhost backup keygen --out FILE'")
        }
        guard Set(bytes).count >= 8 else {
            throw BackupKeyError(description: "the backup key is not random; make one with 'panelhost backup keygen --out FILE'")
        }
        key = Secret(bytes)
        id = Hex.encode(HMAC.authenticate(LengthPrefixed("panelhost.backup.key-id.v1").bytes, key: key).prefix(8))
    }

    /// The content of a new key file.
    public static func generate() -> Secret {
        Secret(
            """
            # Backup key. Whoever has it can read the backups; without it nobody can restore them.
            # Keep copies apart from the backups and apart from the root keys of the installation.
            \(Hex.encode(SecureRandom.bytes(32)))

            """)
    }

    /// The key of one file: other bytes in the header give another key, so the header is authenticated by the first chunk.
    package func fileKey(salt: [UInt8], header: [UInt8]) throws(CryptoError) -> AESGCMKey {
        var info = LengthPrefixed("panelhost.backup.file.v1")
        info.append(header)
        return try AESGCMKey(HKDF.derive(from: key, salt: salt, info: info.bytes, byteCount: AESGCMKey.keyByteCount))
    }
}

extension BackupKey: CustomStringConvertible, CustomDebugStringConvertible {
    /// The id only.
    public var description: String { "BackupKey(\(id))" }
    /// The id only.
    public var debugDescription: String { description }
}
