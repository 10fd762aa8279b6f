// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import FoundationEssentials
import Security
import Storage
import Values

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Check, prove, search, export and ship the audit trail.",
        subcommands: [
            AuditVerifyCommand.self, AuditCheckpointCommand.self, AuditProofCommand.self, AuditSearchCommand.self,
            AuditExportCommand.self, AuditPublicKeyCommand.self, AuditPruneCommand.self, AuditEraseCommand.self,
            AuditSinksCommand.self,
        ], defaultSubcommand: AuditVerifyCommand.self)
}

struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check every tenant's trail and name the first record that is wrong, or check one .proof file.",
        discussion: """
            Without a file: recomputes each record's hash, each tree and each stored node, checks the signature of every checkpoint, and
            compares the tree over all tenants with what the tenants have. With --checkpoint, a file that 'panelhost audit checkpoint' wrote
            earlier and that was kept elsewhere, the trails must also continue that checkpoint: a database that was put back to an older state
            is found no other way.

            With a file: checks the proof offline, with nothing but the public key ('panelhost audit public-key', written down in time).

            Exits with 1 when anything is wrong.
            """)

    @Argument(help: ArgumentHelp("A .proof file.", valueName: "file"))
    var proof: String?

    @Option(name: .long, help: ArgumentHelp("The key that a .proof file is checked with: NAME+ID+KEY. May be repeated.", valueName: "key"))
    var publicKey: [String] = []

    @Option(name: .long, help: "Only this tenant.")
    var tenant: String?

    @Option(name: .long, help: ArgumentHelp("A checkpoint that was kept elsewhere. May be repeated.", valueName: "file"))
    var checkpoint: [String] = []

    @OptionGroup var options: DataOptions

    func run() async throws {
        if let proof { return try verifyFile(proof) }
        let installation = try await Installation(at: options.location, creating: false)
        let names = Dictionary(uniqueKeysWithValues: try await installation.tenants().map { ($0.id, $0.slug.description) })
        let only = try await installation.tenantID(tenant)
        let signer = try await installation.auditSigners().load()
        let held = try checkpoint.flatMap { try Self.checkpoints(in: $0, signer.verifiers) }
        let scope = installation.authority.platform("verify the audit trail")
        let report = try await installation.database.platformRead(scope) { tx in
            try AuditVerification.verify(tx, signer: signer, only: only, held: held)
        }
        for trail in report.trails {
            Console.line("\(names[trail.tenant] ?? "(no tenant) \(trail.tenant)"): \(Self.words(for: trail))")
        }
        if let fault = report.forestFault {
            Console.line("tree over all tenants: BROKEN at checkpoint \(fault.index): \(fault.kind.rawValue)")
        }
        let broken = report.trails.count { $0.fault != nil } + (report.forestFault == nil ? 0 : 1)
        if broken > 0 { throw Failure("\(broken) audit trail(s) are broken: keep the database as it is, and compare with a backup") }
    }

    private func verifyFile(_ path: String) throws {
        guard !publicKey.isEmpty else {
            throw ValidationError("--public-key: say which key the proof is checked with; 'panelhost audit public-key' prints it")
        }
        let keys = try publicKey.map { text in
            do {
                return try NoteVerifier(text)
            } catch {
                throw Failure("--public-key: \(error)")
            }
        }
        do {
            let verified = try ProofFile(parsing: try Self.bytes(of: path)).verify(with: keys)
            Console.line("proven: event \(verified.index) of \(verified.checkpoint.size) in the trail of tenant \(verified.tenant)")
            if let forest = verified.forest { Console.line("and its checkpoint is in the host's tree of \(forest.size)") }
            Console.line(Console.plain(String(decoding: verified.event, as: UTF8.self)))
        } catch let error as ProofError {
            throw Failure("\(path) proves nothing: \(error)")
        }
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Failure("cannot read \(path)")
        }
    }

    /// The notes of a file, one after the other; each ends with its signatures and an empty line.
    private static func checkpoints(in path: String, _ keys: [NoteVerifier]) throws -> [Checkpoint] {
        let text = String(decoding: try bytes(of: path), as: UTF8.self)
        let parts = text.split(separator: "\n\n", omittingEmptySubsequences: true).map(String.init)
        guard !parts.isEmpty, parts.count.isMultiple(of: 2) else { throw Failure("\(path): this is no checkpoint") }
        return try stride(from: 0, to: parts.count, by: 2).map { index in
            let note = "\(parts[index])\n\n\(parts[index + 1])" + (parts[index + 1].hasSuffix("\n") ? "" : "\n")
            do {
                return try SignedNote(parsing: note).checkpoint(with: keys)
            } catch {
                throw Failure("\(path): \(error)")
            }
        }
    }

    private static func words(for report: AuditReport) -> String {
        if let fault = report.fault {
            return
                "BROKEN at record \(fault.index) (\(fault.kind.rawValue)): \(fault); \(report.verified) records before it are proven good"
        }
        let waiting = report.waiting == 0 ? "" : ", \(report.waiting) more wait for the sequencer"
        let pruned = report.pruned == 0 ? "" : ", \(report.pruned) of them pruned"
        return "\(report.verified) records, whole\(pruned)\(waiting)"
    }
}
