// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Security
import Values

/// A tree in memory, and how long it takes to grow it, to prove with it and to check what was proved.
struct Proofs {
    private static let rounds = 20_000

    private let size: Int
    private var levels: [[MerkleHash]]
    private var frontier = MerkleFrontier()
    private let data: [[UInt8]]

    init(events: Int) {
        size = events
        levels = [[MerkleHash]](repeating: [], count: 64)
        // The size of an event with a few facts; a thousand different ones are enough for a hash function.
        data = (0..<1000).map { SecureRandom.bytes(350 + $0 % 100) }
    }

    mutating func run() throws -> [String: Value] {
        var report: [String: Value] = ["events": Value(size)]
        func say(_ what: String, _ value: Double, _ unit: String) {
            report[what] = .double(value)
            write("\(what): \((value * 100).rounded() / 100) \(unit)", to: STDOUT_FILENO)
        }
        say("verify_all", seconds { verifyAll() }, "s for leaf hashes and frontier of \(size) events")
        seconds { keepNodes() }
        let (key, name) = (try Ed25519.PrivateKey.generate(), "panel.example/audit")
        guard let name = LogName(name), let origin = name.tenant(TenantID.make()),
            let checkpoint = Checkpoint(origin: origin, size: frontier.size, root: frontier.root)
        else { throw MerkleProofError.emptyTree }
        let signer = NoteSigner(name: name, key: key)
        let note = try signer.sign(checkpoint)
        let picked = (0..<Self.rounds).map { _ in Int.random(in: 0..<size) }
        let node = { [levels] (level: Int, index: Int64) in levels[level][Int(index)] }

        var proofs: [ProofFile] = []
        let length = Int64(size)
        say(
            "inclusion_path",
            try microseconds { for index in picked { _ = try MerkleTree.inclusionPath(index: Int64(index), size: length, node: node) } },
            "µs")
        say(
            "proof_file",
            try microseconds {
                for index in picked {
                    let path = try MerkleTree.inclusionPath(index: Int64(index), size: length, node: node)
                    proofs.append(ProofFile(event: data[index % 1000], log: TreeProof(index: Int64(index), path: path, note: note)))
                    _ = proofs[proofs.count - 1].text
                }
            }, "µs with its text")
        let verifiers = [signer.verifier]
        say("proof_file_verify", try microseconds { for proof in proofs { _ = try proof.verify(with: verifiers) } }, "µs with Ed25519")
        let texts = proofs.map(\.text)
        say("proof_file_parse", try microseconds { for text in texts { _ = try ProofFile(parsing: text) } }, "µs")
        say(
            "consistency_path",
            try microseconds { for index in picked { _ = try MerkleTree.consistencyPath(from: Int64(index + 1), to: length, node: node) } },
            "µs")
        say("sign_checkpoint", try microseconds { for _ in picked { _ = try signer.sign(checkpoint) } }, "µs")
        return report
    }

    /// What `audit verify` does for a whole log, apart from reading it.
    private mutating func verifyAll() {
        for index in 0..<size { frontier.append(MerkleTree.leafHash(data[index % 1000])) { _ in } }
    }

    private mutating func keepNodes() {
        frontier = MerkleFrontier()
        for index in 0..<size {
            let hash = MerkleTree.leafHash(data[index % 1000])
            levels[0].append(hash)
            frontier.append(hash) { levels[$0.level].append($0.hash) }
        }
    }

    /// Of processor time: none of this ever waits, and what else runs on the machine is not to be measured.
    @discardableResult
    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = Self.processorTime()
        try body()
        return Self.processorTime() - start
    }

    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func microseconds(_ body: () throws -> Void) rethrows -> Double {
        try seconds(body) * 1_000_000 / Double(Self.rounds)
    }
}
