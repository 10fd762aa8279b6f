// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Everything that somebody needs who holds one event and a public key, and nothing else: the `.proof` file.
///
/// ```
/// panelhost.audit.proof/v1
/// event BASE64
///
/// (a tlog-proof: the event in the tenant's log)
///
/// (a tlog-proof: the tenant's checkpoint in the host's log; may be missing)
/// ```
public struct ProofFile: Hashable, Sendable {
    /// The leaf's data, as it was hashed.
    public let event: [UInt8]
    /// The event in the tenant's log.
    public let log: TreeProof
    /// The tenant's checkpoint in the host's log, whose leaves are checkpoints.
    public let forest: TreeProof?

    static let header = "panelhost.audit.proof/v1"

    /// A file from its parts.
    public init(event: [UInt8], log: TreeProof, forest: TreeProof? = nil) {
        self.event = event
        self.log = log
        self.forest = forest
    }

    /// Reads a file.
    public init(parsing bytes: [UInt8]) throws(ProofError) {
        guard bytes.count <= ProofLines.maximumBytes else { throw .tooLong }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed(line: 1) }
        try self.init(parsing: text)
    }

    /// Reads a file.
    public init(parsing text: String) throws(ProofError) {
        var lines = try ProofLines(text)
        guard try lines.next() == Self.header else { throw lines.malformed }
        guard let event = Base64.decode(try lines.next(after: "event ")), !event.isEmpty else { throw lines.malformed }
        guard try lines.next().isEmpty else { throw lines.malformed }
        let log = try TreeProof(&lines)
        var forest: TreeProof?
        if !lines.isAtEnd {
            guard try lines.next().isEmpty else { throw lines.malformed }
            forest = try TreeProof(&lines)
        }
        guard lines.isAtEnd else { throw lines.malformed }
        self.init(event: event, log: log, forest: forest)
    }

    /// The file's text.
    public var text: String {
        "\(Self.header)\nevent \(Base64.encode(event))\n\n\(log.text)" + (forest.map { "\n\($0.text)" } ?? "")
    }

    /// What a file proves.
    public struct Verified: Hashable, Sendable {
        /// Whose log it is.
        public let tenant: TenantID
        /// The leaf's data.
        public let event: [UInt8]
        /// Its place in the tenant's log.
        public let index: Int64
        /// The checkpoint of the tenant's log.
        public let checkpoint: Checkpoint
        /// The checkpoint of the host's log, if the file goes that far.
        public let forest: Checkpoint?
    }

    /// Checks all that the file claims; nothing in it is to be believed before.
    public func verify(with verifiers: [NoteVerifier]) throws(ProofError) -> Verified {
        let checkpoint = try log.verify(leaf: event, with: verifiers)
        // A leaf of the host's log is no event.
        guard let tenant = verifiers.lazy.compactMap({ checkpoint.origin.tenant(beneath: $0.name) }).first else {
            throw .note(.foreignOrigin)
        }
        let forest = try verifyForest(checkpoint, verifiers)
        return Verified(tenant: tenant, event: event, index: log.index, checkpoint: checkpoint, forest: forest)
    }

    private func verifyForest(_ checkpoint: Checkpoint, _ verifiers: [NoteVerifier]) throws(ProofError) -> Checkpoint? {
        guard let forest else { return nil }
        let above: Checkpoint
        do throws(ProofError) {
            above = try forest.verify(leaf: AuditForest.leaf(of: log.note), with: verifiers)
        } catch { throw .forest(error) }
        guard checkpoint.origin.tenant(beneath: above.origin) != nil else { throw .foreignForest }
        return above
    }
}

/// The host's log: its leaves are the signed checkpoints of the tenants' logs, so that who watches it watches them all
/// and sees nothing of any.
public enum AuditForest {
    /// A leaf's data: the tenant's checkpoint with its signatures, byte by byte; its first line is the log's origin.
    public static func leaf(of note: SignedNote) -> [UInt8] { note.bytes }

    /// The hash of that leaf.
    public static func leafHash(of note: SignedNote) -> MerkleHash { MerkleTree.leafHash(leaf(of: note)) }
}
