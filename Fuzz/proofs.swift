// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

// What somebody brings to be verified: notes, checkpoints, keys, proofs and cursors are refused, or read and written the
// same; and no path leads to a tree's root but the one that proves.

private let name = LogName("panel.example/audit")
private let key = try? Ed25519.PrivateKey(seed: Secret([UInt8](repeating: 7, count: 32)))
private let cursors = (try? KEKRing(parsing: "k1:f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff00")).map {
    SealedCursor($0)
}
private let tenant = TenantID("0198f0c0-0000-7000-8000-000000000001")

private func note(_ bytes: [UInt8]) {
    guard let note = try? SignedNote(parsing: bytes) else { return }
    require(note.bytes == bytes, "a note has two spellings")
    require(!note.signatures.isEmpty && note.signatures.count <= SignedNote.maximumSignatures, "\(note.signatures.count) signatures")
    guard let name, let key else { return require(false, "there is no key") }
    // Whatever verifies is what the key once signed: the corpus, and nothing that was made from it.
    if let checkpoint = try? note.checkpoint(with: [NoteSigner(name: name, key: key).verifier]) {
        require(checkpoint.text == note.text && name.covers(checkpoint.origin), "another checkpoint than the one that is signed")
    }
}

private func texts(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let checkpoint = try? Checkpoint(parsing: text) { require(checkpoint.text == text, "a checkpoint has two spellings") }
    if let verifier = try? NoteVerifier(text) { require(verifier.description == text, "a key has two spellings") }
    if let hash = MerkleHash(base64: text) { require(hash.base64 == text, "a hash has two spellings") }
}

private func proof(_ bytes: [UInt8]) {
    guard let proof = try? ProofFile(parsing: bytes) else { return }
    require(Array(proof.text.utf8) == bytes, "a proof has two spellings")
    guard let name, let key else { return require(false, "there is no key") }
    let verifier = NoteSigner(name: name, key: key).verifier
    if let verified = try? proof.verify(with: [verifier]) {
        require(verified.event == proof.event && (verified.forest == nil) == (proof.forest == nil), "something else was verified")
    }
}

private func cursor(_ bytes: [UInt8]) {
    guard let cursors, let tenant else { return require(false, "there are no cursors") }
    let text = String(decoding: bytes, as: UTF8.self)
    require((try? cursors.open(text, tenant: tenant, query: bytes.prefix(3))) == nil, "a cursor that nobody made opens")
    // One that was made, changed at a place that the input names.
    guard bytes.count >= 3, let made = try? cursors.seal(CursorPosition(Int64(bytes[2]), id: "a"), tenant: tenant, query: [1]),
        var changed = Base64.decode(made, url: true)
    else { return }
    changed[Int(bytes[0]) % changed.count] ^= bytes[1]
    let opened = try? cursors.open(Base64.encode(changed, url: true), tenant: tenant, query: [1])
    require((opened != nil) == (bytes[1] == 0), "a changed cursor opens, or one that was not changed does not")
}

private let leaves = (UInt8(0)..<40).map { MerkleTree.leafHash([$0]) }

/// A tree's size, two indexes and edits of the path, all from the input.
private func tree(_ bytes: [UInt8]) {
    guard bytes.count >= 4 else { return }
    let size = 1 + Int(bytes[0]) % leaves.count
    let (leaf, claimed, older) = (Int(bytes[1]) % size, Int64(Int8(bitPattern: bytes[2])), 1 + Int(bytes[3]) % size)
    let root = MerkleTree.root(of: leaves[..<size])
    func node(_ level: Int, _ index: Int64) -> MerkleHash {
        MerkleTree.root(of: leaves[(Int(index) << level)..<((Int(index) + 1) << level)])
    }
    guard let path = try? MerkleTree.inclusionPath(index: Int64(leaf), size: Int64(size), node: node),
        let between = try? MerkleTree.consistencyPath(from: Int64(older), to: Int64(size), node: node)
    else { return require(false, "a proof cannot be made for leaf \(leaf), size \(older) of \(size)") }

    let edits = bytes.dropFirst(4)
    let accepted: Void? = try? MerkleTree.verifyInclusion(
        of: leaves[leaf], index: claimed, size: Int64(size), root: root, path: edited(path, edits))
    require((accepted != nil) == (claimed == leaf && edited(path, edits) == path), "leaf \(leaf) at \(claimed) of \(size)")
    let olderRoot = MerkleTree.root(of: leaves[..<older])
    let consistent: Void? = try? MerkleTree.verifyConsistency(
        from: Int64(older), to: Int64(size), olderRoot: olderRoot, newerRoot: root, path: edited(between, edits))
    require((consistent != nil) == (edited(between, edits) == between), "\(older) of \(size)")
}

private func edited(_ path: [MerkleHash], _ edits: ArraySlice<UInt8>) -> [MerkleHash] {
    var path = path
    for edit in edits.prefix(6) {
        let place = Int(edit >> 2)
        switch edit & 3 {
        case 0 where !path.isEmpty: path.remove(at: place % path.count)
        case 1: path.insert(leaves[place % leaves.count], at: place % (path.count + 1))
        case 2 where path.count > 1: path.swapAt(place % path.count, (place + 1) % path.count)
        case 3 where !path.isEmpty: path[place % path.count] = leaves[place % leaves.count]
        default: break
        }
    }
    return path
}

/// Takes one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    switch input.choice % 5 {
    case 0: note(input.bytes)
    case 1: texts(input.bytes)
    case 2: proof(input.bytes)
    case 3: cursor(input.bytes)
    default: tree(input.bytes)
    }
    return 0
}
