// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Security
import Testing
import Values

private let docs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs").standardizedFileURL

/// `docs/audit-format.md` shows what is really written, and `docs/audit-events.md` is made from the catalogue.
@Suite("Audit reference", .enabled(if: FileManager.default.fileExists(atPath: docs.path)))
struct AuditReferenceTests {
    /// The fenced examples of the page that begin so.
    private static func example(_ beginning: String) throws -> String {
        let page = try String(contentsOf: docs.appending(path: "audit-format.md"), encoding: .utf8)
        let blocks = page.components(separatedBy: "```\n").filter { $0.hasPrefix(beginning) }
        #expect(blocks.count == 1, "one example that begins with \(beginning)")
        return try #require(blocks.first)
    }

    @Test("the proof of the page verifies with the key of the page, and is what this program writes")
    func proof() throws {
        let verifier = try NoteVerifier(String(try Self.example("panel.example/audit+").dropLast()))
        let text = try Self.example("panelhost.audit.proof/v1")
        let proof = try ProofFile(parsing: text)
        let verified = try proof.verify(with: [verifier])
        #expect(
            verified.event == Array("event 5".utf8) && verified.index == 5 && verified.checkpoint.size == 11 && verified.forest?.size == 2)

        let signer = NoteSigner(name: verifier.name, key: try Ed25519.PrivateKey(seed: Secret([UInt8](repeating: 7, count: 32))))
        #expect(signer.verifier == verifier)
        let tenant = try LogName.known("panel.example/audit/tenant/\(verified.tenant)")
        let tree = KeptTree((0..<11).map { Array("event \($0)".utf8) })
        let note = try Forest.sign(tree, tenant, signer)
        #expect(note.description == (try Self.example("panel.example/audit/tenant/")))
        let path = try MerkleTree.inclusionPath(index: 5, size: 11, node: tree.node)
        let written = ProofFile(event: Array("event 5".utf8), log: TreeProof(index: 5, path: path, note: note), forest: proof.forest)
        #expect(written.text == text)
    }

    @Test("docs/audit-events.md is what the catalogue says")
    func events() throws {
        let file = docs.appending(path: "audit-events.md")
        let text = AuditCatalogue.markdown
        if ProcessInfo.processInfo.environment["PANELHOST_WRITE_DOCS"] == "1" { try Data(text.utf8).write(to: file) }
        let isCurrent = (try? String(contentsOf: file, encoding: .utf8)) == text  // apart from the expectation, which would print both
        #expect(isCurrent, "docs/audit-events.md is out of date; run: make docs")
    }
}
