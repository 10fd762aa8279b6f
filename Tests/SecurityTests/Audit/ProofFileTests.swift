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
}
