// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Signs notes with an Ed25519 key under a name.
public struct NoteSigner: Sendable {
    /// What verifies.
    public let verifier: NoteVerifier
    private let key: Ed25519.PrivateKey

    /// A signer; the name is that of the log, or of the logs beneath it.
    public init(name: LogName, key: Ed25519.PrivateKey) {
        verifier = NoteVerifier(name: name, key32: key.publicKey)
        self.key = key
    }

    /// The key's name.
    public var name: LogName { verifier.name }

    /// The signature line for a text, which must end with a line break.
    func sign(_ text: String) throws -> NoteSignature {
        guard text.utf8.last == UInt8(ascii: "\n") else { throw NoteError.malformedNote }
        return NoteSignature(name: name, keyID: verifier.keyID, signature: try key.sign(Array(text.utf8)))
    }

    /// A signed checkpoint.
    public func sign(_ checkpoint: Checkpoint) throws -> SignedNote {
        guard name.covers(checkpoint.origin) else { throw NoteError.foreignOrigin }
        return try SignedNote(checkpoint.text, signers: [self])
    }
}

/// Checks signatures of one Ed25519 key: all that somebody offline needs.
///
/// Its text is `NAME+ID+KEY`: the id in eight hex digits; the key as base64 of one byte 1, which stands for Ed25519, and 32 bytes.
public struct NoteVerifier: Hashable, Sendable, CustomStringConvertible {
    /// The key's name.
    public let name: LogName
    /// The first four bytes of `SHA-256(NAME || 0x0A || 0x01 || KEY)`.
    public let keyID: UInt32
    /// The 32 bytes of the key.
    public let publicKey: [UInt8]

    private static let ed25519: UInt8 = 1

    init(name: LogName, key32 publicKey: [UInt8]) {
        self.name = name
        self.publicKey = publicKey
        keyID = UInt32(bigEndianBytes: Hash.sha256(Array("\(name)\n".utf8) + [Self.ed25519] + publicKey))
    }

    /// A verifier for a public key; nil unless it has 32 bytes.
    public init?(name: LogName, publicKey: [UInt8]) {
        guard publicKey.count == 32 else { return nil }
        self.init(name: name, key32: publicKey)
    }

    /// Reads `NAME+ID+KEY`.
    public init(_ text: String) throws(NoteError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false).map(Substring.init)
        guard text.utf8.count <= 512, parts.count == 3, let name = LogName(String(parts[0])),
            let id = Hex.decode(parts[1], lowerCaseOnly: true), id.count == 4,
            let key = Base64.decode(parts[2]), key.count == 33, key[0] == Self.ed25519
        else { throw .malformedKey }
        self.init(name: name, key32: Array(key.dropFirst()))
        // A key that was exchanged in the text keeps the id of the old one.
        guard keyID == UInt32(bigEndianBytes: id) else { throw .malformedKey }
    }

    /// `NAME+ID+KEY`.
    public var description: String {
        "\(name)+\(Hex.encode(keyID.bigEndianBytes))+\(Base64.encode([Self.ed25519] + publicKey))"
    }

    func isValid(_ signature: NoteSignature, for text: String) -> Bool {
        Ed25519.isValid(signature.signature, for: Array(text.utf8), publicKey: publicKey)
    }
}
