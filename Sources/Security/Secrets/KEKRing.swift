// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Why root keys could not be read.
///
/// Names the entry and what to write, never a key.
public struct KEKRingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// For an operator to read.
    public let description: String
}

/// The root keys of an installation.
///
/// Everything else is wrapped under one of them or derived from it.
///
/// Read from the environment variable `PANELHOST_KEKS` or from a file: entries `id:key`, apart by line breaks, blanks or
/// commas, with `#` comments; a key is 32 bytes in hex (64 digits) or in base64. The first entry is written with; the
/// others only open what they closed, so a new key goes in front and an old one stays until nothing needs it.
public struct KEKRing: Sendable {
    /// The jobs that keys are derived for; each has its own, so that no two can be played against each other.
    public enum Purpose: String, Sendable, Hashable, CaseIterable {
        /// Wrapping tenants' keys.
        case wrap
        /// Hashing passwords in front of argon2.
        case pepper
        /// Signing access tokens.
        case accessToken = "access_token"
        /// Deriving a refresh token from the one before.
        case refresh
        /// Signing audit checkpoints.
        case audit
        /// Signing the cookies of devices.
        case device
        /// Sealing page cursors.
        case cursor
    }

    /// One root key, as what was derived from it; the key itself is not kept.
    struct Root: Sendable {
        let id: String
        let derived: [Purpose: Secret]
    }

    let roots: [Root]

    /// The ids, the written-with one first.
    public var ids: [String] { roots.map(\.id) }

    /// Reads the keys from a text.
    public init(parsing text: String) throws(KEKRingError) {
        var roots: [Root] = []
        var seen: Set<[UInt8]> = []
        for line in text.split(whereSeparator: \.isNewline) {
            let entries = line.prefix { $0 != "#" }.split { $0 == "," || $0.isWhitespace }
            for entry in entries {
                let position = "root key \(roots.count + 1)"
                let root = try Self.parse(entry, position, seen: &seen)
                guard !roots.contains(where: { $0.id == root.id }) else {
                    throw KEKRingError(description: "\(position): the id \(root.id) is there twice; give each key its own id")
                }
                roots.append(root)
            }
        }
        guard !roots.isEmpty else {
            throw KEKRingError(description: "there is no root key; write one as ID:KEY, with KEY from `openssl rand -hex 32`")
        }
        self.roots = roots
    }

    static let maximumByteCount = 64 * 1024

    /// Reads the keys from the bytes of a file.
    public init(parsing bytes: [UInt8]) throws(KEKRingError) {
        guard bytes.count <= Self.maximumByteCount, let text = String(validating: bytes, as: UTF8.self) else {
            throw KEKRingError(description: "the root keys are not a text of at most 64 KiB")
        }
        try self.init(parsing: text)
    }

    init(parsing secret: Secret) throws(KEKRingError) {
        try self.init(parsing: secret.revealedBytes())
    }

    /// A new random key as `ID:KEY`.
    static func generateEntry() -> (id: String, entry: Secret) {
        let id = "k" + Hex.encode(SecureRandom.bytes(4))
        let key = Hex.encode(SecureRandom.bytes(32))
        return (id, Secret("\(id):\(key)"))
    }

    /// The content of a new key file with one random key.
    public static func generate() -> Secret {
        let entry = generateEntry().entry.revealedText() ?? ""
        return Secret(
            """
            # Root keys of this installation, ID:KEY. Whoever has them can read every stored secret;
            # without them nobody can. Keep a copy apart from the backups of the data.
            \(entry)

            """)
    }

    /// The derived key to write with.
    public func key(for purpose: Purpose) -> (id: String, key: Secret) {
        let root = roots[0]
        return (root.id, root[purpose])
    }

    /// The derived keys to check with, the written-with one first.
    public func keys(for purpose: Purpose) -> [(id: String, key: Secret)] {
        roots.map { ($0.id, $0[purpose]) }
    }

    /// The derived key of one root.
    public func key(for purpose: Purpose, id: String) -> Secret? {
        roots.first { $0.id == id }?[purpose]
    }

    private static func parse(_ entry: Substring, _ position: String, seen: inout Set<[UInt8]>) throws(KEKRingError) -> Root {
        guard let colon = entry.firstIndex(of: ":") else {
            throw KEKRingError(description: "\(position): there is no `:`; write it as ID:KEY")
        }
        let id = String(entry[..<colon])
        guard (1...32).contains(id.utf8.count), id.utf8.allSatisfy(isIDByte) else {
            throw KEKRingError(description: "\(position): the id must be 1 to 32 of a-z, 0-9 and -")
        }
        let text = entry[entry.index(after: colon)...]
        guard let bytes = Hex.decode(text) ?? Base64.decode(text) else {
            throw KEKRingError(description: "\(position) (\(id)): the key is neither hex nor base64; write 64 hex digits")
        }
        guard bytes.count == AESGCMKey.keyByteCount else {
            throw KEKRingError(
                description: "\(position) (\(id)): the key has \(bytes.count) bytes and needs 32; make one with `openssl rand -hex 32`")
        }
        guard Set(bytes).count >= 8 else {
            throw KEKRingError(description: "\(position) (\(id)): the key is not random; make one with `openssl rand -hex 32`")
        }
        guard seen.insert(Hash.sha256(bytes)).inserted else {
            throw KEKRingError(description: "\(position) (\(id)): another id has the same key; a new id needs a new key")
        }
        return try derive(id, from: Secret(bytes))
    }

    private static func derive(_ id: String, from key: Secret) throws(KEKRingError) -> Root {
        var derived: [Purpose: Secret] = [:]
        for purpose in Purpose.allCases {
            do throws(CryptoError) {
                derived[purpose] = try HKDF.derive(
                    from: key, info: LengthPrefixed("panelhost.root.v1", purpose.rawValue).bytes, byteCount: 32)
            } catch {
                throw KEKRingError(description: "root key \(id): \(error)")
            }
        }
        return Root(id: id, derived: derived)
    }

    private static func isIDByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "-")
    }
}

extension KEKRing.Root {
    subscript(_ purpose: KEKRing.Purpose) -> Secret {
        guard let key = derived[purpose] else { preconditionFailure("each purpose is derived when a root key is read") }
        return key
    }
}

extension KEKRing: CustomStringConvertible, CustomDebugStringConvertible {
    /// The ids only.
    public var description: String { "KEKRing(\(ids.joined(separator: ", ")))" }
    /// The ids only.
    public var debugDescription: String { description }
}
