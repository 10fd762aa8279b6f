// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import AsyncHTTPClient
import Glibc
import HTTPServer
import Host
import Logging
import PluginAPI
import Sandbox
import Security
import ServiceLifecycle
import Storage
import Testing
import Values

/// The API as it is served: the real service on a free port of 127.0.0.1, over a host with a database in a folder of its own and real cells.
///
/// Two tenants, acme and globex, beside the operators' own; the plugin `probe` is installed and acme has enabled it.
final class Panel: Sendable {
    let host: Host
    let database: SealingDatabase
    let authority = SystemAuthority()
    let ring: KEKRing
    let acme: TenantRecord
    let globex: TenantRecord
    let platform: TenantRecord
    let client = HTTPClient(eventLoopGroupProvider: .singleton)
    let port: Int
    /// An API key of acme for every route.
    let key: String
    private let installation: Installation

    private init(_ installation: Installation, port: Int, key: String) {
        (self.installation, self.port, self.key) = (installation, port, key)
        (host, database, ring) = (installation.host, installation.database, installation.ring)
        (acme, globex, platform) = (installation.acme, installation.globex, installation.platform)
    }

    static let policy = Result { try AuthenticationPolicy(issuer: "test", audience: "test", environment: "test") }
    static let trace = CallOrigin(correlation: "set-up")
    static let password = "correct-horse-battery-staple-9"
    static let email = "admin@acme.example"

    /// Every permission that a route names.
    static var everything: [String] {
        Set(RouteTable.panel.routes.compactMap { route in if case .permission(let action) = route.access { action.rawValue } else { nil } })
            .union([Action.pluginApproveCapabilities.rawValue]).sorted()
    }

    /// Runs a body against a served API and takes everything down afterwards.
    ///
    /// - Parameters:
    ///   - table: what is served beside the panel's own routes.
    ///   - base: where the rows are; a file of its own unless said otherwise.
    ///   - listen: how; plain HTTP with the standard budget unless said otherwise.
    static func with(
        edge: EdgeRules = EdgeRules(), more table: [Route] = [], on base: (any Storage.Database)? = nil,
        listen: (ListenAddress) -> Listener = { Listener("api", $0) },
        _ body: (Panel) async throws -> Void
    ) async throws {
        let installation = try await Installation(on: base)
        let served = RouteTable(RouteTable.panel.routes + table)
        try await serving({
            HTTPService(host: installation.host, table: served, on: listen($0), edge: edge, logger: $1, onListening: $2)
        }) { port in
            let panel = Panel(installation, port: port, key: try await installation.key(for: installation.acme, everything))
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(panel)) } catch { outcome = .failure(error) }
            try await panel.client.shutdown()
            try outcome.get()
        }
        await installation.close()
    }

    /// Runs a body against a second host on the same data, which has a memory of its own.
    func beside(_ body: (Panel) async throws -> Void) async throws {
        let other = try installation.anotherHost()
        try await Self.serving({ HTTPService(host: other, address: $0, logger: $1, onListening: $2) }) { port in
            let panel = Panel(installation, port: port, key: key)
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(panel)) } catch { outcome = .failure(error) }
            try await panel.client.shutdown()
            try outcome.get()
        }
    }

    /// Runs a body while a service serves on a free port of 127.0.0.1.
    static func serving<Served: Service>(
        _ make: (ListenAddress, Logger, @escaping @Sendable (Int) async -> Void) -> Served, _ body: (Int) async throws -> Void
    ) async throws {
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let service = make(
            ListenAddress(host: "127.0.0.1", port: 0), Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { listening.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { listening.finish() }
                try await service.run()
            }
            var iterator = ports.makeAsyncIterator()
            if let port = await iterator.next() {
                try await body(port)
                tasks.cancelAll()
            }
            // Ended by being cancelled; why it did not start is an error of its own.
            do { try await tasks.waitForAll() } catch is CancellationError {}
        }
    }

    /// A new API key with these permissions.
    func key(for tenant: TenantRecord, _ permissions: [String]) async throws -> String {
        try await installation.key(for: tenant, permissions)
    }

    // MARK: What is stored

    /// Everything in the database but the audit trail and the keys that seal what it tells of persons, row by row, so that not even an update goes unseen.
    func state() async throws -> [String: [Row]] {
        try await database.platformRead(authority.platform("tests")) { tx in
            var state: [String: [Row]] = [:]
            for row in try tx.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'", []) {
                let name = try row.text("name")
                if !["audit_", "forest_", "sequencer_"].contains(where: name.hasPrefix), name != "keys" {
                    // When something was last used is noted beside the request.
                    let columns = try tx.query("SELECT name FROM pragma_table_info($1)", [.text(name)]).map { try $0.text("name") }
                        .filter { $0 != "last_used_at" && $0 != "last_seen_at" }
                    state[name] = try tx.query("SELECT \(columns.joined(separator: ", ")) FROM \"\(name)\"", [])
                }
            }
            return state
        }
    }

    /// The audit trail of a tenant, newest first.
    func trail(_ tenant: TenantRecord, action: String? = nil) async throws -> [AuditEntry] {
        try await host.audit.search(AuditQuery(action: action, limit: 500), authority.permit(.auditRead, in: tenant.id, as: "test"))
    }

    /// How many events there are over all tenants.
    func auditCount() async throws -> Int64 {
        try await database.platformRead(authority.platform("tests")) { tx in
            try tx.query("SELECT count(*) AS n FROM audit_events", []).first?.int("n") ?? 0
        }
    }

    /// Runs a body and expects that it changes nothing, and that the trail grows by so many events.
    func unchanged(auditing events: Int64 = 0, _ comment: String, _ body: () async throws -> Void) async throws {
        let (before, audited) = (try await state(), try await auditCount())
        try await body()
        let after = try await state()
        for (name, rows) in before {
            let isSame = state(rows, after[name])  // apart from the expectation, which would print both tables
            #expect(isSame, "\(comment): the table \(name) changed")
        }
        #expect(try await auditCount() == audited + events, "\(comment): events in the audit trail")
    }

    private func state(_ one: [Row], _ other: [Row]?) -> Bool {
        guard let other else { return false }
        return one.map(\.values) == other.map(\.values)
    }
}
