// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// An encrypted value and the key that opens it, in the columns that it is stored in.
public struct Sealed: Hashable, Sendable {
    /// `iv:authtag:content`, each in lower-case hex.
    public let text: String
    /// The key, which is also part of what the tag covers.
    public let keyID: String
    /// The key's version within its slot.
    public let keyVersion: Int

    /// A sealed value from its columns.
    public init(text: String, keyID: String, keyVersion: Int) {
        self.text = text
        self.keyID = keyID
        self.keyVersion = keyVersion
    }
}

/// Where a sealed value lives.
///
/// It opens nowhere else.
public struct SealedLocation: Hashable, Sendable {
    /// Whose it is.
    public let tenant: TenantID
    /// The plugin that it belongs to.
    public let plugin: PluginID
    /// `table.field`.
    public let field: String
    /// The row, by whatever identifies it within the table.
    public let record: String

    /// A place for one value.
    public init(tenant: TenantID, plugin: PluginID, field: String, record: String) {
        self.tenant = tenant
        self.plugin = plugin
        self.field = field
        self.record = record
    }

    /// The slot of the key for this place: one key for each table of each plugin of each tenant.
    var slot: KeySlot {
        let table = field.utf8.prefix { $0 != UInt8(ascii: ".") }
        return KeySlot(kind: .data, plugin: plugin.description, purpose: String(decoding: table, as: UTF8.self))
    }

    func associatedData(installation: String, keyID: String, version: Int) -> [UInt8] {
        var fields = LengthPrefixed(
            "panelhost.sealed.v1", installation, tenant.description, plugin.description, field, record, keyID)
        fields.append(Int64(version))
        return fields.bytes
    }
}

/// `iv:authtag:content`: what every encrypted column holds.
struct CipherText {
    let nonce: [UInt8]
    let tag: [UInt8]
    let content: [UInt8]

    init(nonce: [UInt8], tag: [UInt8], content: [UInt8]) {
        self.nonce = nonce
        self.tag = tag
        self.content = content
    }

    /// Reads the one accepted spelling; upper case, other lengths and a fourth part are refused.
    init?(_ text: String) {
        var text = text
        let parts: (nonce: [UInt8], tag: [UInt8], content: [UInt8])? = text.withUTF8 { text in
            // Nonce and tag have one length each, so everything has its place.
            guard text.count >= Self.contentStart, text[Self.tagStart - 1] == Self.colon, text[Self.contentStart - 1] == Self.colon,
                let nonce = Self.decode(text[..<(Self.tagStart - 1)]),
                let tag = Self.decode(text[Self.tagStart..<(Self.contentStart - 1)]),
                let content = Self.decode(text[Self.contentStart...])
            else { return nil }
            return (nonce, tag, content)
        }
        guard let parts else { return nil }
        self.init(nonce: parts.nonce, tag: parts.tag, content: parts.content)
    }

    var text: String {
        let count = 2 * (nonce.count + tag.count + content.count) + 2
        return String(unsafeUninitializedCapacity: count) { text in
            var end = 0
            for part in [nonce, tag, content] {
                if end > 0 {
                    text[end] = Self.colon
                    end += 1
                }
                end += part.withUnsafeBufferPointer { Hex.write($0, into: UnsafeMutableBufferPointer(rebasing: text[end...])) }
            }
            return end
        }
    }

    private static let colon = UInt8(ascii: ":")
    private static let tagStart = 2 * AESGCMKey.nonceByteCount + 1
    private static let contentStart = tagStart + 2 * AESGCMKey.tagByteCount + 1

    private static func decode(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8]? {
        Hex.decode(UnsafeBufferPointer(rebasing: digits), lowerCaseOnly: true)
    }
}

extension AESGCMKey {
    /// Encrypts under a fresh random nonce.
    func seal(_ plaintext: UnsafeRawBufferPointer, authenticating associated: [UInt8]) throws(CryptoError) -> CipherText {
        let nonce = SecureRandom.bytes(Self.nonceByteCount)
        let (content, tag) = try seal(plaintext, nonce: nonce, authenticating: associated)
        return CipherText(nonce: nonce, tag: tag, content: content)
    }

    func open(_ text: CipherText, authenticating associated: [UInt8]) throws(CryptoError) -> Secret {
        try open(text.content, nonce: text.nonce, tag: text.tag, authenticating: associated)
    }
}
