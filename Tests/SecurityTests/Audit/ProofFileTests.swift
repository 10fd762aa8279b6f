// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

/// Two tenants' logs and the host's log above them, signed with one key.
struct Forest {
    let name: LogName
    let signer: NoteSigner
    let events: [[UInt8]]
    let log: KeptTree
    let note: SignedNote
    let forest: KeptTree
    let forestNote: SignedNote

    init(events count: Int = 11, name text: String = "panel.example/audit", seed: UInt8 = 7) throws {
        name = try #require(LogName(text))
        signer = NoteSigner(name: name, key: try Ed25519.PrivateKey(seed: Secret([UInt8](repeating: seed, count: 32))))
        events = (0..<count).map { Array("event \($0)".utf8) }
        log = KeptTree(events)
        note = try Self.sign(log, name.tenant(Fixture.acme), signer)
        let before = try [
            Self.sign(KeptTree([[1]]), name.tenant(Fixture.globex), signer),
            Self.sign(KeptTree([[1], [2]]), name.tenant(Fixture.globex), signer),
        ]
        forest = KeptTree((before + [note]).map { AuditForest.leaf(of: $0) })
        forestNote = try Self.sign(forest, name, signer)
    }

    static func sign(_ tree: KeptTree, _ origin: LogName?, _ signer: NoteSigner) throws -> SignedNote {
        let checkpoint = Checkpoint(origin: try #require(origin), size: tree.frontier.size, root: tree.frontier.root)
        return try signer.sign(try #require(checkpoint))
    }

    func proof(_ index: Int) throws -> ProofFile {
        let path = try MerkleTree.inclusionPath(index: Int64(index), size: log.frontier.size, node: log.node)
        let above = try MerkleTree.inclusionPath(index: 2, size: forest.frontier.size, node: forest.node)
        return ProofFile(
            event: events[index], log: TreeProof(index: Int64(index), path: path, note: note),
            forest: TreeProof(index: 2, path: above, note: forestNote))
    }
}

@Suite("Proof files")
struct ProofFileTests {
    @Test("a proof verifies with nothing but the public key")
    func verifies() throws {
        let forest = try Forest()
        let verifier = try NoteVerifier(forest.signer.verifier.description)
        for index in forest.events.indices {
            let proof = try forest.proof(index)
            let read = try ProofFile(parsing: Array(proof.text.utf8))
            #expect(read == proof && read.text == proof.text)

            let verified = try read.verify(with: [verifier])

            #expect(verified.event == forest.events[index] && verified.index == Int64(index) && verified.tenant == Fixture.acme)
            #expect(verified.checkpoint.size == 11 && verified.checkpoint.root == forest.log.frontier.root)
            #expect(verified.forest?.size == 3 && verified.forest?.origin == forest.name)
        }
    }

    private static func refusal(_ proof: ProofFile, _ forest: Forest) -> ProofError? {
        do throws(ProofError) {
            _ = try proof.verify(with: [forest.signer.verifier])
            return nil
        } catch { return error }
    }

    private static func refusal(_ text: String) -> ProofError? {
        do throws(ProofError) {
            _ = try ProofFile(parsing: text)
            return nil
        } catch { return error }
    }

    @Test("a proof is refused for another event, index, path or checkpoint, and says why")
    func refused() throws {
        let forest = try Forest()
        let (good, other) = (try forest.proof(5), try forest.proof(6))
        #expect(Self.refusal(good, forest) == nil)
        func with(event: [UInt8]? = nil, index: Int64? = nil, path: [MerkleHash]? = nil, note: SignedNote? = nil) -> ProofError? {
            let log = TreeProof(index: index ?? good.log.index, path: path ?? good.log.path, note: note ?? good.log.note)
            return Self.refusal(ProofFile(event: event ?? good.event, log: log), forest)
        }
        #expect(with(event: other.event) == .tree(.rootMismatch) && with(index: 6) == .tree(.rootMismatch))
        #expect(with(event: other.event, index: 6) == .tree(.rootMismatch) && with(path: other.log.path) == .tree(.rootMismatch))
        #expect(with(index: 11) == .tree(.indexBeyondSize) && with(index: .max) == .tree(.indexBeyondSize))
        #expect(with(path: good.log.path.dropLast()) == .tree(.tooFewHashes))
        #expect(with(path: good.log.path + [MerkleTree.emptyRoot]) == .tree(.tooManyHashes))
        #expect(with(path: good.log.path.reversed()) == .tree(.rootMismatch))

        let name = try #require(forest.name.tenant(Fixture.acme))
        let smaller = try Forest.sign(KeptTree(Array(forest.events.prefix(10))), name, forest.signer)
        let empty = try forest.signer.sign(Checkpoint.known(name, size: 0, root: MerkleTree.emptyRoot))
        #expect(with(note: smaller) != nil && with(note: empty) == .tree(.emptyTree))
        // Nobody's key, the right key under another name, and another key under the right name.
        let stranger = try Forest(seed: 8)
        #expect(with(note: stranger.note) == .note(.unknownKey))
        #expect(with(note: try Forest(name: "other.example/audit").note) == .note(.unknownKey))
        #expect(Self.refusal(try stranger.proof(5), forest) == .note(.unknownKey))
        // A leaf of the host's log is no event.
        let leaf = ProofFile(event: AuditForest.leaf(of: forest.note), log: try #require(good.forest))
        #expect(Self.refusal(leaf, forest) == .note(.foreignOrigin))
    }

    @Test("the host's log must hold this very checkpoint, and be the log above the tenant's")
    func forestRefused() throws {
        let forest = try Forest()
        let good = try forest.proof(5)
        let above = try #require(good.forest)
        func with(_ part: TreeProof) -> ProofError? { Self.refusal(ProofFile(event: good.event, log: good.log, forest: part), forest) }
        #expect(with(above) == nil)
        #expect(with(TreeProof(index: 1, path: above.path, note: above.note)) != nil)
        #expect(with(TreeProof(index: 3, path: above.path, note: above.note)) == .forest(.tree(.indexBeyondSize)))
        #expect(with(TreeProof(index: 2, path: [], note: above.note)) == .forest(.tree(.tooFewHashes)))
        #expect(with(TreeProof(index: 2, path: above.path, note: try Forest(seed: 8).forestNote)) == .forest(.note(.unknownKey)))
        // The same leaves in a log of another name, which the key may speak for.
        let elsewhere = try LogName.known("panel.example/audit/elsewhere")
        let note = try Forest.sign(forest.forest, elsewhere, forest.signer)
        #expect(with(TreeProof(index: 2, path: above.path, note: note)) == .foreignForest)
        // The checkpoint with one more signature is another leaf.
        let again = try SignedNote(forest.note.text, signers: [forest.signer, try Forest(seed: 9).signer])
        let log = TreeProof(index: 5, path: good.log.path, note: again)
        #expect(Self.refusal(ProofFile(event: good.event, log: log, forest: above), forest) == .forest(.tree(.rootMismatch)))
        #expect(Self.refusal(ProofFile(event: good.event, log: log), forest) == nil)
    }

    @Test("only the one form of a file is read, and the line that is wrong is named")
    func strict() throws {
        let text = try Forest().proof(5).text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        func replacing(_ line: Int, _ new: String...) -> ProofError? {
            Self.refusal((lines[..<(line - 1)] + new + lines[line...]).joined(separator: "\n"))
        }
        #expect(Self.refusal(text) == nil && Self.refusal("") == .malformed(line: 1))
        #expect(replacing(1, "panelhost.audit.proof/v2") == .malformed(line: 1))
        #expect(replacing(2, "event ") == .malformed(line: 2) && replacing(2, "event  AAAA") == .malformed(line: 2))
        #expect(replacing(2, "event AAB=") == .malformed(line: 2) && replacing(2, "Event AAAA") == .malformed(line: 2))
        #expect(replacing(3) == .malformed(line: 3) && replacing(3, "", "") == .malformed(line: 4))
        #expect(replacing(4, "c2sp.org/tlog-proof@v2") == .malformed(line: 4))
        for index in ["05", "+5", "-1", "", "5 ", "9223372036854775808"] {
            #expect(replacing(5, "index \(index)") == .malformed(line: 5), "\(index)")
        }
        #expect(replacing(6, "AAAA") == .malformed(line: 6))
        #expect(replacing(6, String(repeating: "0", count: 64)) == .malformed(line: 6))
        #expect(replacing(6, [String](repeating: lines[5], count: 64).joined(separator: "\n")) == .malformed(line: 69))
        #expect(lines[9].isEmpty && replacing(10) != nil)
        #expect(replacing(12, "011") == .note(.malformedCheckpoint))
        #expect(replacing(13, lines[12], "an extension line") == .note(.malformedNote))
        #expect(replacing(15, lines[14], lines[14]) == .note(.duplicateSignature))
        #expect(Self.refusal(text + "\n") != nil && Self.refusal(String(text.dropLast())) != nil && Self.refusal("\n" + text) != nil)
        #expect(Self.refusal(text.replacing("\n", with: "\r\n")) != nil)
        #expect(Self.refusal(String(repeating: "x", count: 2 * 1024 * 1024 + 1)) == .tooLong)
        #expect(throws: ProofError.malformed(line: 1)) { try ProofFile(parsing: [0xFF]) }
        // Each part can be given to other tools.
        let parts = try Forest().proof(5)
        #expect(try TreeProof(parsing: parts.log.text) == parts.log && TreeProof(parsing: try #require(parts.forest).text) == parts.forest)
    }

    @Test("a file in which any one byte is changed or missing proves nothing")
    func everyByte() throws {
        let forest = try Forest()
        let text = Array(try forest.proof(5).text.utf8)
        for position in text.indices {
            var (changed, shorter) = (text, text)
            changed[position] ^= 1
            shorter.remove(at: position)
            for bytes in [changed, shorter, Array(text[..<position])] {
                guard let proof = try? ProofFile(parsing: bytes), Self.refusal(proof, forest) == nil else { continue }
                // Cut between its two parts, what is left is a whole proof that claims less.
                #expect(proof.forest == nil && proof.event == forest.events[5], "byte \(position)")
            }
        }
    }
}
