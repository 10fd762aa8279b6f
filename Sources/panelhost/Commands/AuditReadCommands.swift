// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Host
import Security
import Storage
import Values

struct AuditPublicKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "public-key", abstract: "Print the keys that verify checkpoints and proofs, the one in use first.",
        discussion: "Write them down where whoever administers this machine cannot change them.")

    @OptionGroup var options: DataOptions

    func run() async throws {
        let installation = try await Installation(at: options.location, creating: false)
        for key in try await installation.auditSigners().load().verifiers { Console.line(key.description) }
    }
}

struct AuditCheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Print the newest signed checkpoints, to be kept elsewhere.",
        discussion: """
            Prints the host's, which covers every tenant, or a tenant's with --tenant. 'panelhost audit verify --checkpoint FILE' later finds
            a trail that does not continue it.
            """)

    @Option(name: .long, help: "The tenant; the tree over all tenants unless given.")
    var tenant: String?

    @OptionGroup var options: DataOptions

    func run() async throws {
        let installation = try await Installation(at: options.location, creating: false)
        let only = try await installation.tenantID(tenant)
        let scope = installation.authority.platform("read the audit checkpoint")
        let point = try await installation.database.platformRead(scope) { tx in try AuditProofs.checkpoint(of: only, on: tx) }
        guard let point else { throw Failure("there is no checkpoint yet: the first one is signed when the host runs") }
        Console.write(point.note)
    }
}

struct AuditProofCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof", abstract: "Print the .proof file of one event.",
        discussion: "Whoever has the file and the public key can check it offline: panelhost audit verify FILE --public-key KEY")

    @Argument(help: "The event's id.")
    var event: String

    @Option(name: .long, help: "The tenant.")
    var tenant: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        guard let event = EventID(event) else { throw ValidationError("an event's id has the form 0192f0c1-7a3e-7b44-9d5e-3f2a1b0c9d8e") }
        let installation = try await Installation(at: options.location, creating: false)
        let tenant = try await installation.tenant(tenant).id
        let scope = installation.auditScope(of: tenant)
        do {
            let proof = try await installation.database.read(scope) { tx in try AuditProofs.proof(of: event, in: tenant, on: tx) }
            Console.write(proof.text)
        } catch let error as StorageError where error.code == .notFound || error.code == .conflict {
            throw Failure(error.message)
        }
    }
}

struct AuditSearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "List events of one tenant, newest first, one JSON object a line.")

    @Option(name: .long, help: "The tenant.")
    var tenant: String
    @Option(name: .long, help: "Only this actor, for example user:….")
    var actor: String?
    @Option(name: .long, help: "Only this action, for example payment.create.")
    var action: String?
    @Option(name: .long, help: "Only what was done to this, for example payment:….")
    var resource: String?
    @Option(name: .long, help: "Only the events of one request.")
    var correlation: String?
    @Option(name: .long, help: "Only requests from this network address.")
    var address: String?
    @Option(name: .long, help: "Only this outcome: \(AuditOutcome.allCases.map(\.rawValue).joined(separator: ", ")).")
    var outcome: String?
    @Option(name: .long, help: "Only events from this time on, in milliseconds since 1970.")
    var from: Int64?
    @Option(name: .long, help: "Only events before this time, in milliseconds since 1970.")
    var until: Int64?
    @Option(name: .long, help: "At most so many events.")
    var limit = 50

    @OptionGroup var options: DataOptions

    func run() async throws {
        let wanted = try outcome.map { text in
            guard let outcome = AuditOutcome(rawValue: text) else { throw ValidationError("--outcome \(text): there is no such outcome") }
            return outcome
        }
        let installation = try await Installation(at: options.location, creating: false)
        let scope = installation.auditScope(of: try await installation.tenant(tenant).id)
        var query = AuditQuery(
            from: from, until: until, action: action, actor: actor, resource: resource, correlation: correlation, outcome: wanted,
            address: address, limit: limit)
        if let address { query.addressTag = try await installation.encryption.addressTag(of: address, scope) }
        var left = limit
        while left > 0 {
            query.limit = min(left, 500)
            let rows = try await installation.database.read(scope) { [query] tx in try AuditRepository(tx).search(query) }
            let exported = try await installation.encryption.exported(rows.map { AuditProofs.ProvenRow(row: $0) })
            for row in exported { Console.write(AuditExportFormat.jsonLines.line(row)) }
            guard rows.count == query.limit, let last = rows.last else { return }
            query.before = last.id
            left -= rows.count
        }
    }
}

struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write all events of one tenant to standard output, in the order of their places.",
        discussion: "CSV is safe to open in a spreadsheet. With --proofs each event carries its .proof file.")

    @Option(name: .long, help: "The tenant.")
    var tenant: String
    @Option(name: .long, help: "The form: \(AuditExportFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = AuditExportFormat.jsonLines.rawValue
    @Option(name: .long, help: ArgumentHelp("The first place, from 0.", valueName: "index"))
    var fromIndex: Int64 = 0
    @Flag(name: .long, help: "With the proof of each event.")
    var proofs = false

    @OptionGroup var options: DataOptions

    func run() async throws {
        guard let form = AuditExportFormat(rawValue: format) else {
            throw ValidationError("--format \(format): use one of \(AuditExportFormat.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let installation = try await Installation(at: options.location, creating: false)
        let tenant = try await installation.tenant(tenant).id
        let scope = installation.auditScope(of: tenant)
        let export = try await AuditExport(installation.database, installation.encryption, scope, from: fromIndex, proofs: proofs)
        Console.write(form.head)
        for try await rows in export { Console.write(rows.flatMap { form.line($0) }) }
    }
}

extension Installation {
    /// The tenant of that slug; nil when none was named.
    func tenantID(_ slug: String?) async throws(Failure) -> TenantID? {
        guard let slug else { return nil }
        return try await tenant(slug).id
    }

    /// Reads one tenant's trail for an operator.
    fileprivate func auditScope(of tenant: TenantID) -> TenantScope { authority.permit(.auditRead, in: tenant, as: "cli").scope }
}
