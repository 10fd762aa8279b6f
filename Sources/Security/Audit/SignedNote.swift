// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Why a signed note, a checkpoint or a key was refused.
public enum NoteError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It is longer than anything that is ever written.
    case tooLong
    /// It is not the text of a signed note.
    case malformedNote
    /// A signature line is not one.
    case malformedSignature
    /// There are more than ``SignedNote/maximumSignatures`` signatures.
    case tooManySignatures
    /// One key signs twice.
    case duplicateSignature
    /// The signed text is not a checkpoint.
    case malformedCheckpoint
    /// The text of a public key is not `NAME+ID+KEY`, or its parts do not belong together.
    case malformedKey
    /// None of the signatures is from a known key.
    case unknownKey
    /// A signature that a known key is said to have made is not its signature.
    case badSignature
    /// The key that signed has no say about this log.
    case foreignOrigin

    /// For a person to read.
    public var description: String {
        switch self {
        case .tooLong: "the note is too long"
        case .malformedNote: "this is not a signed note"
        case .malformedSignature: "a signature line is malformed"
        case .tooManySignatures: "the note has too many signatures"
        case .duplicateSignature: "the note has two signatures of one key"
        case .malformedCheckpoint: "the signed text is not a checkpoint"
        case .malformedKey: "the public key is not NAME+ID+KEY, or its parts do not belong together"
        case .unknownKey: "no signature is from a known key"
        case .badSignature: "a signature is not valid"
        case .foreignOrigin: "the key that signed has no say about this log"
        }
    }
}

/// One signature line of a note.
public struct NoteSignature: Hashable, Sendable {
    /// The key's name.
    public let name: LogName
    /// The key's id: the first four bytes of a hash over name and key.
    public let keyID: UInt32
    /// What the key's algorithm made of the text.
    public let signature: [UInt8]

    /// A signature as it was made.
    public init(name: LogName, keyID: UInt32, signature: [UInt8]) {
        self.name = name
        self.keyID = keyID
        self.signature = signature
    }

    /// The line with its line break.
    var line: String { "\u{2014} \(name) \(Base64.encode(keyID.bigEndianBytes + signature))\n" }

    init(parsing line: Substring) throws(NoteError) {
        let parts = line.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map(Substring.init)
        guard parts.count == 3, parts[0].utf8.elementsEqual("\u{2014}".utf8), let name = LogName(String(parts[1])),
            let bytes = Base64.decode(parts[2]), bytes.count > 4
        else { throw .malformedSignature }
        self.init(name: name, keyID: UInt32(bigEndianBytes: bytes), signature: Array(bytes.dropFirst(4)))
    }
}

/// A text with signatures, in the form of C2SP signed-note.
///
/// What it says is worth nothing before ``verify(with:)``.
public struct SignedNote: Hashable, Sendable {
    /// What is signed; ends with a line break.
    public let text: String
    /// Who signed.
    public let signatures: [NoteSignature]

    /// Bytes of a note, at most.
    public static let maximumBytes = 64 * 1024
    /// Signatures of a note, at most.
    public static let maximumSignatures = 32

    /// The note that some keys sign.
    public init(_ text: String, signers: [NoteSigner]) throws {
        let signatures = try signers.map { try $0.sign(text) }
        self.init(text: text, signatures: signatures)
        // What this writes, it must also read.
        guard try SignedNote(parsing: description) == self else { throw NoteError.malformedNote }
    }

    private init(text: String, signatures: [NoteSignature]) {
        self.text = text
        self.signatures = signatures
    }

    /// Reads a note.
    public init(parsing note: String) throws(NoteError) {
        guard note.utf8.count <= Self.maximumBytes else { throw .tooLong }
        guard note.utf8.allSatisfy({ $0 >= 0x20 || $0 == UInt8(ascii: "\n") }) else { throw .malformedNote }
        let lines = note.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // The last line break ends the last signature; the empty line before the signatures is the last one there is.
        guard lines.last?.isEmpty == true, let gap = lines.dropLast().lastIndex(where: \.isEmpty), gap > 0, gap < lines.count - 2 else {
            throw .malformedNote
        }
        let signed = lines[(gap + 1)..<(lines.count - 1)]
        guard signed.count <= Self.maximumSignatures else { throw .tooManySignatures }
        var signatures: [NoteSignature] = []
        for line in signed {
            let signature = try NoteSignature(parsing: Substring(line))
            guard !signatures.contains(where: { $0.name == signature.name && $0.keyID == signature.keyID }) else {
                throw .duplicateSignature
            }
            signatures.append(signature)
        }
        self.init(text: String(note[..<lines[gap].startIndex]), signatures: signatures)
    }

    /// Reads a note from bytes, which must be UTF-8.
    public init(parsing bytes: [UInt8]) throws(NoteError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLong }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformedNote }
        try self.init(parsing: text)
    }

    /// Checks every signature of a known key; at least one there must be.
    ///
    /// Answers the keys that signed. Signatures of unknown keys are passed over: an older verifier does not know a newer key.
    @discardableResult
    public func verify(with verifiers: [NoteVerifier]) throws(NoteError) -> [NoteVerifier] {
        var signers: [NoteVerifier] = []
        for signature in signatures {
            guard let verifier = verifiers.first(where: { $0.name == signature.name && $0.keyID == signature.keyID }) else { continue }
            guard verifier.isValid(signature, for: text) else { throw .badSignature }
            signers.append(verifier)
        }
        guard !signers.isEmpty else { throw .unknownKey }
        return signers
    }

    /// The checkpoint that is signed, after its signatures were checked and one of the keys was found to cover the log.
    public func checkpoint(with verifiers: [NoteVerifier]) throws(NoteError) -> Checkpoint {
        let signers = try verify(with: verifiers)
        let checkpoint = try Checkpoint(parsing: text)
        guard signers.contains(where: { $0.name.covers(checkpoint.origin) }) else { throw .foreignOrigin }
        return checkpoint
    }

    /// The bytes of ``description``.
    public var bytes: [UInt8] { Array(description.utf8) }
}

extension SignedNote: CustomStringConvertible {
    /// The note as it is written.
    public var description: String { text + "\n" + signatures.map(\.line).joined() }
}

extension UInt32 {
    var bigEndianBytes: [UInt8] { stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> UInt32($0)) } }

    /// The number in the first four bytes.
    init(bigEndianBytes bytes: some Sequence<UInt8>) {
        self = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}
