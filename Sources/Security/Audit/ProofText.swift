// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A proof that a leaf is in a log, in the text form of C2SP tlog-proof: index, path and signed checkpoint.
public struct TreeProof: Hashable, Sendable {
    /// The leaf's place in the log.
    public let index: Int64
    /// The hashes from the leaf's sibling upwards.
    public let path: [MerkleHash]
    /// The signed checkpoint of the tree that the path leads to.
    public let note: SignedNote

    /// The first line of the text form.
    static let header = "c2sp.org/tlog-proof@v1"
    /// No tree below 2^63 leaves is higher.
    static let maximumPath = 63

    /// A proof from its parts.
    public init(index: Int64, path: [MerkleHash], note: SignedNote) {
        self.index = index
        self.path = path
        self.note = note
    }

    /// Reads the text form.
    public init(parsing text: String) throws(ProofError) {
        var lines = try ProofLines(text)
        try self.init(&lines)
        guard lines.isAtEnd else { throw lines.malformed }
    }

    init(_ lines: inout ProofLines) throws(ProofError) {
        guard try lines.next() == Self.header else { throw lines.malformed }
        guard let index = Decimal.parse(try lines.next(after: "index ")) else { throw lines.malformed }
        var path: [MerkleHash] = []
        while true {
            let line = try lines.next()
            if line.isEmpty { break }
            guard path.count < Self.maximumPath, let hash = MerkleHash(base64: line) else { throw lines.malformed }
            path.append(hash)
        }
        self.init(index: index, path: path, note: try lines.note())
    }

    /// Checks the checkpoint's signatures, and that a leaf with this data stands at the index of its tree.
    public func verify(leaf data: some Collection<UInt8>, with verifiers: [NoteVerifier]) throws(ProofError) -> Checkpoint {
        let checkpoint: Checkpoint
        do throws(NoteError) { checkpoint = try note.checkpoint(with: verifiers) } catch { throw .note(error) }
        do throws(MerkleProofError) {
            try MerkleTree.verifyInclusion(
                of: MerkleTree.leafHash(data), index: index, size: checkpoint.size, root: checkpoint.root, path: path)
        } catch { throw .tree(error) }
        return checkpoint
    }

    /// The text form.
    public var text: String {
        "\(Self.header)\nindex \(index)\n" + path.map { $0.base64 + "\n" }.joined() + "\n" + note.description
    }
}

/// Why a proof file was refused.
public enum ProofError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It is longer than anything that is ever written.
    case tooLong
    /// It is not written as a proof file is; the line from which it goes wrong.
    case malformed(line: Int)
    /// A checkpoint does not hold.
    case note(NoteError)
    /// A path does not hold.
    case tree(MerkleProofError)
    /// The part about the host's log speaks of another log than the one above the tenant's.
    case foreignForest
    /// The part about the host's log does not hold, and why.
    indirect case forest(ProofError)

    /// For a person to read.
    public var description: String {
        switch self {
        case .tooLong: "the proof is too long"
        case .malformed(let line): "line \(line) is not what belongs there in a proof"
        case .note(let error): "\(error)"
        case .tree(let error): "\(error)"
        case .foreignForest: "the host's log is not the one above the tenant's log"
        case .forest(let error): "in the part about the host's log: \(error)"
        }
    }
}

/// The lines of a proof, one after the other.
struct ProofLines {
    private let lines: [Substring]
    private var position = 0

    /// Bytes of a file, at most: an event, its base64 and two notes.
    static let maximumBytes = 2 * 1024 * 1024

    init(_ text: String) throws(ProofError) {
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLong }
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Substring.init)
        guard lines.last?.isEmpty == true else { throw .malformed(line: lines.count) }
        self.lines = lines.dropLast()
    }

    /// The error about the line that was read last.
    var malformed: ProofError { .malformed(line: max(1, position)) }
    var isAtEnd: Bool { position == lines.count }

    mutating func next() throws(ProofError) -> Substring {
        guard position < lines.count else { throw .malformed(line: lines.count + 1) }
        defer { position += 1 }
        return lines[position]
    }

    /// The rest of a line that starts with a word.
    mutating func next(after word: String) throws(ProofError) -> Substring {
        let line = try next()
        guard line.utf8.starts(with: word.utf8) else { throw malformed }
        return Substring(line.utf8.dropFirst(word.utf8.count))
    }

    /// A signed checkpoint: three lines, an empty one, and signatures up to the next empty line.
    mutating func note() throws(ProofError) -> SignedNote {
        let start = position
        for _ in 0..<4 { _ = try next() }
        while position < lines.count, !lines[position].isEmpty { position += 1 }
        do throws(NoteError) {
            let note = try SignedNote(parsing: lines[start..<position].map { $0 + "\n" }.joined())
            _ = try Checkpoint(parsing: note.text)
            return note
        } catch { throw .note(error) }
    }
}
