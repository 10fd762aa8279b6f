// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("Signed notes")
struct SignedNoteTests {
    /// The example of golang.org/x/mod/sumdb/note, which C2SP signed-note describes.
    private static let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    private static let note = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

        """

    private static func signer(_ name: String = "panel.example/audit", seed: UInt8 = 7) throws -> NoteSigner {
        NoteSigner(name: try LogName.known(name), key: try Ed25519.PrivateKey(seed: Secret([UInt8](repeating: seed, count: 32))))
    }

    private static func refusal(_ text: String) -> NoteError? {
        do throws(NoteError) {
            _ = try SignedNote(parsing: text)
            return nil
        } catch { return error }
    }

    @Test("a note that another program signed verifies with its key")
    func foreignNote() throws {
        let verifier = try NoteVerifier(Self.vkey)
        let note = try SignedNote(parsing: Self.note)

        #expect(try note.verify(with: [verifier]) == [verifier])
        #expect(note.description == Self.note && verifier.description == Self.vkey && verifier.keyID == 0xc74f_20a3)
        #expect(throws: NoteError.malformedCheckpoint) { try note.checkpoint(with: [verifier]) }
        let changed = try SignedNote(parsing: Self.note.replacing("answer", with: "cause"))
        #expect(throws: NoteError.badSignature) { try changed.verify(with: [verifier]) }
    }

    @Test("what is signed here is written, read and verified the same")
    func roundTrip() throws {
        let (old, new, stranger) = (try Self.signer(seed: 1), try Self.signer(seed: 2), try Self.signer(seed: 3))
        let note = try SignedNote("one\n\ntwo\n", signers: [old, new])

        let read = try SignedNote(parsing: note.bytes)

        #expect(read == note && read.signatures.count == 2)
        // Each of the keys is enough: an old verifier does not know the new key.
        #expect(try read.verify(with: [old.verifier]) == [old.verifier])
        #expect(try read.verify(with: [stranger.verifier, new.verifier]) == [new.verifier])
        #expect(throws: NoteError.unknownKey) { try read.verify(with: [stranger.verifier]) }
        #expect(throws: NoteError.unknownKey) { try read.verify(with: []) }
        let renamed = try #require(NoteVerifier(name: LogName.known("other.example/audit"), publicKey: old.verifier.publicKey))
        #expect(throws: NoteError.unknownKey) { try read.verify(with: [renamed]) }
    }

    @Test("one bad signature of a known key condemns the note, however many others are good")
    func badSignature() throws {
        let (one, two) = (try Self.signer(seed: 1), try Self.signer(seed: 2))
        let good = try SignedNote("text\n", signers: [one])
        let wrong = NoteSignature(name: two.name, keyID: two.verifier.keyID, signature: [UInt8](repeating: 9, count: 64))
        let line = "\u{2014} \(wrong.name) \(Base64.encode(Hex.decode("\(Hex.encode(Self.bytes(wrong.keyID)))")! + wrong.signature))\n"
        let note = try SignedNote(parsing: good.description + line)

        #expect(throws: NoteError.badSignature) { try note.verify(with: [one.verifier, two.verifier]) }
        #expect(try note.verify(with: [one.verifier]) == [one.verifier])
    }

    @Test("only the one form of a note is read")
    func strict() throws {
        let line = String(Self.note.split(separator: "\n", omittingEmptySubsequences: false)[3])
        #expect(Self.refusal("text\n\n\(line)\n") == nil)
        #expect(Self.refusal("") == .malformedNote && Self.refusal("\n") == .malformedNote && Self.refusal("\n\n") == .malformedNote)
        #expect(Self.refusal("text\n\(line)\n") == .malformedNote)
        #expect(Self.refusal("text\n\n\(line)") == .malformedNote)
        #expect(Self.refusal("text\n\n") == .malformedNote)
        #expect(Self.refusal("\n\(line)\n") == .malformedNote)
        #expect(Self.refusal("text\r\n\n\(line)\n") == .malformedNote)
        #expect(Self.refusal("te\u{0}xt\n\n\(line)\n") == .malformedNote)
        #expect(Self.refusal("text\n\n\(line)\n\n") == .malformedNote)
        #expect(Self.refusal("text\n\n\(line)\n\(line)\n") == .duplicateSignature)
        #expect(Self.refusal("text\n\n\(line) \n") == .malformedSignature)
        #expect(Self.refusal("text\n\n-\(line.dropFirst())\n") == .malformedSignature)
        #expect(Self.refusal("text\n\n\(line.dropLast())\n") == .malformedSignature)
        #expect(Self.refusal("text\n\n\(line.replacing(" P", with: " +P"))\n") == .malformedSignature)
        #expect(Self.refusal("text\n\n\u{2014} name AAAAAA==\n") == .malformedSignature)
        let many = (0..<33).map { "\u{2014} name\($0) AAAAAAA=\n" }
        #expect(Self.refusal("text\n\n" + many.dropLast().joined()) == nil)
        #expect(Self.refusal("text\n\n" + many.joined()) == .tooManySignatures)
        #expect(Self.refusal(String(repeating: "x", count: 64 * 1024) + "\n\n\(line)\n") == .tooLong)
        #expect(throws: NoteError.malformedNote) { try SignedNote(parsing: [0xFF, 0x0A, 0x0A] + Array("\(line)\n".utf8)) }
        #expect(throws: NoteError.malformedNote) { try SignedNote("no line break", signers: [try Self.signer()]) }
    }

    @Test(
        "the text of a public key has one spelling, and its parts belong together",
        arguments: [
            "", "PeterNeumann", "PeterNeumann+c74f20a3", "PeterNeumann+c74f20a3+", "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX",
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
            " PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ])
    func malformedKeys(text: String) {
        #expect(throws: NoteError.malformedKey) { try NoteVerifier(text) }
    }

    private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}

@Suite("Checkpoints")
struct CheckpointTests {
    private static let root = MerkleTree.leafHash([1])

    private static func isTaken(_ text: String) -> Bool { (try? Checkpoint(parsing: text)) != nil }

    @Test("a checkpoint has one spelling")
    func spelling() throws {
        let origin = try LogName.known("panel.example/audit")
        let checkpoint = try Checkpoint.known(origin, size: 42, root: Self.root)
        #expect(checkpoint.text == "panel.example/audit\n42\n\(Self.root.base64)\n")
        #expect(try Checkpoint(parsing: checkpoint.text) == checkpoint)
        #expect(Checkpoint(origin: origin, size: -1, root: Self.root) == nil)

        let (good, root) = (checkpoint.text, Self.root.base64)
        for wrong in [
            "", "\n\n\n", String(good.dropLast()), good + "\n", good + "extension\n", "\n42\n\(root)\n", "a b\n42\n\(root)\n",
            "a+b\n42\n\(root)\n",
            "a\n042\n\(root)\n", "a\n+42\n\(root)\n", "a\n-1\n\(root)\n", "a\n\n\(root)\n", "a\n4 2\n\(root)\n", "a\n0x2\n\(root)\n",
            "a\n9223372036854775808\n\(root)\n", "a\n99999999999999999999\n\(root)\n", "a\n42\n\(root.dropLast())\n",
            "a\n42\n\(root.dropLast(2))==\n", "a\n42\n\(root)=\n", "a\r\n42\n\(root)\n", "a\n0\n\(root)\n", "\u{e9}\n42\n\(root)\n",
            "a\n42\n\(Hex.encode(Self.root.bytes))\n", "a\n٤٢\n\(root)\n",
        ] {
            #expect(!Self.isTaken(wrong), "\(wrong.debugDescription)")
        }
        #expect(Self.isTaken("a\n0\n\(MerkleTree.emptyRoot.base64)\n") && Self.isTaken("a\n9223372036854775807\n\(root)\n"))
    }

    @Test("a key speaks for the log of its name and for those beneath, not for its neighbours")
    func coverage() throws {
        let name = try LogName.known("panel.example/audit")
        let signer = NoteSigner(name: name, key: try Ed25519.PrivateKey.generate())
        let tenant = try #require(name.tenant(Fixture.acme))
        #expect(tenant.description == "panel.example/audit/tenant/\(Fixture.acme)")
        #expect(tenant.tenant(beneath: name) == Fixture.acme && name.tenant(beneath: name) == nil)
        for text in ["panel.example/audits", "panel.example", "panel.example/audit2/tenant/\(Fixture.acme)", "other/panel.example/audit"] {
            let other = try LogName.known(text)
            #expect(!name.covers(other) && other.tenant(beneath: name) == nil)
            let checkpoint = try Checkpoint.known(other, size: 1, root: Self.root)
            #expect(throws: NoteError.foreignOrigin) { try signer.sign(checkpoint) }
            let forced = try SignedNote(checkpoint.text, signers: [signer])
            #expect(throws: NoteError.foreignOrigin) { try forced.checkpoint(with: [signer.verifier]) }
        }
        let good = try signer.sign(Checkpoint.known(tenant, size: 1, root: Self.root))
        #expect(try good.checkpoint(with: [signer.verifier]).origin == tenant)
    }
}

extension LogName {
    static func known(_ text: String) throws -> LogName { try #require(LogName(text)) }
}

extension Checkpoint {
    static func known(_ origin: LogName, size: Int64, root: MerkleHash) throws -> Checkpoint {
        try #require(Checkpoint(origin: origin, size: size, root: root))
    }
}
