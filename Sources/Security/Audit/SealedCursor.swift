// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// A page cursor that was not made here, not for this tenant, or not for this query.
///
/// It says no more on purpose.
public struct InvalidCursor: Error, Sendable, Hashable, CustomStringConvertible {
    /// For a person to read.
    public let description = "the cursor is not valid for this query; start again without one"

    init() {}
}

/// The last row that a page showed: a number to order by, and an id that tells equal numbers apart.
public struct CursorPosition: Hashable, Sendable {
    /// Such as a leaf index or a time.
    public let number: Int64
    /// At most 64 bytes; empty where the number alone is enough.
    public let id: String

    /// A position.
    public init(_ number: Int64, id: String = "") {
        self.number = number
        self.id = id
    }
}

/// Makes and opens page cursors that show nothing and cannot be bent.
///
/// A cursor holds where the next page starts, encrypted and bound to tenant and query: it cannot be read, edited, or taken
/// along to another tenant or another filter, and what comes out of it is typed before it comes near SQL.
/// Each cursor has a key of its own, derived with 24 random bytes, so that there is no number of them after which nonces repeat.
public struct SealedCursor: Sendable {
    private static let version: UInt8 = 1
    private static let saltByteCount = 24
    private static let maximumTextBytes = 256

    private let keys: [Secret]

    /// Cursors under the root keys: made with the first, opened with any.
    public init(_ ring: KEKRing) {
        keys = ring.keys(for: .cursor).map(\.key)
    }

    /// The text of a cursor, in canonical base64url.
    ///
    /// `query` is everything that decides which rows there are and in what order, in one spelling.
    public func seal(_ position: CursorPosition, tenant: TenantID, query: some Collection<UInt8>) throws -> String {
        guard let key = keys.first, position.id.utf8.count <= 64 else { throw CryptoError.invalidLength }
        let salt = SecureRandom.bytes(Self.saltByteCount)
        var plaintext = LengthPrefixed()
        plaintext.append(position.number)
        plaintext.append(position.id)
        let (cipher, nonce) = try Self.cipher(key, salt)
        let (content, tag) = try plaintext.bytes.withUnsafeBytes { bytes in
            try cipher.seal(bytes, nonce: nonce, authenticating: Self.associated(tenant, query))
        }
        return Base64.encode([Self.version] + salt + content + tag, url: true)
    }

    /// The position in a cursor, if it was made here for this tenant and this query.
    public func open(_ text: String, tenant: TenantID, query: some Collection<UInt8>) throws(InvalidCursor) -> CursorPosition {
        guard text.utf8.count <= Self.maximumTextBytes, let bytes = Base64.decode(text, url: true), bytes.first == Self.version,
            bytes.count > 1 + Self.saltByteCount + AESGCMKey.tagByteCount
        else { throw InvalidCursor() }
        let salt = Array(bytes[1...Self.saltByteCount])
        let content = Array(bytes[(1 + Self.saltByteCount)..<(bytes.count - AESGCMKey.tagByteCount)])
        let tag = Array(bytes.suffix(AESGCMKey.tagByteCount))
        let associated = Self.associated(tenant, query)
        for key in keys {
            guard let (cipher, nonce) = try? Self.cipher(key, salt),
                let plaintext = try? cipher.open(content, nonce: nonce, tag: tag, authenticating: associated)
            else { continue }
            return try Self.position(plaintext.revealedBytes())
        }
        throw InvalidCursor()
    }

    private static func cipher(_ key: Secret, _ salt: [UInt8]) throws(CryptoError) -> (AESGCMKey, nonce: [UInt8]) {
        let size = AESGCMKey.keyByteCount
        let derived = try HKDF.derive(
            from: key, salt: salt, info: LengthPrefixed("panelhost.cursor.v1").bytes, byteCount: size + AESGCMKey.nonceByteCount)
        return try derived.withBytes { (bytes) throws(CryptoError) in
            (try AESGCMKey(Secret(bytes[..<size])), Array(bytes[size...]))
        }
    }

    private static func associated(_ tenant: TenantID, _ query: some Collection<UInt8>) -> [UInt8] {
        var fields = LengthPrefixed("panelhost.cursor.v1", tenant.description)
        fields.append(query)
        return fields.bytes
    }

    /// Reads what ``seal(_:tenant:query:)`` wrote: two fields, each with its length in front.
    private static func position(_ bytes: [UInt8]) throws(InvalidCursor) -> CursorPosition {
        guard bytes.count >= 24 else { throw InvalidCursor() }
        let number = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
        guard let id = String(validating: bytes[24...], as: UTF8.self) else { throw InvalidCursor() }
        let position = CursorPosition(Int64(bitPattern: number), id: id)
        var again = LengthPrefixed()
        again.append(position.number)
        again.append(position.id)
        guard again.bytes == bytes else { throw InvalidCursor() }
        return position
    }
}
