// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Glibc
import Security
import Storage
import Testing
import Values

extension StateTests {
    /// `panelhost keys` as processes: killed in the middle, and beside a host that serves.
    @Suite("Key rotation at the command line", .serialized)
    struct KeyCommandTests {
        private static let rows = 1_500
        private static let people = 900

        @Test(
            "rewrap and reencrypt that are killed again and again complete; everything opens, nothing is in plain text",
            arguments: Engine.here)
        func killed(engine: Engine) async throws {
            let house = try await House.shared(engine)
            let vault = try await Vault(house)
            try await vault.fill(rows: Self.rows, people: Self.people)
            var random = Seeded("keys killed on \(engine)")
            let old = try await house.roots()
            try await house.must("keys", "rotate", "root")
            try await house.must("keys", "rotate", "tenant")

            for (command, total) in [("rewrap", Self.people), ("reencrypt", Self.rows)] {
                // Points over the whole range, the first one before the first page.
                let points = ([0] + (0..<4).map { _ in Int.random(in: 1..<(total * 9 / 10), using: &random) }).sorted()
                var kills = 0
                for point in points {
                    let code = try await house.kill(["keys", command]) { try await vault.done(command) >= Int64(point) }
                    if code == 128 + SIGKILL { kills += 1 }
                }
                let output = try await house.must("keys", command)
                #expect(kills >= 3, "\(command) was too quick to be killed at \(points)")
                #expect(output.contains("(100 %)") && output.contains("done"), "\(output)")
            }
            for id in old { try await house.must("keys", "drop-root", id) }

            #expect(try await house.roots().count == 1)
            try await vault.checkThatEverythingOpens(version: 2)
            #expect(try await vault.job("rewrap") == .done)
            #expect(try await vault.job("reencrypt") == .done)
            let found = try await house.dump().finds([Vault.canary])
            #expect(found.isEmpty, "in plain text")
            // The host that ran meanwhile has followed.
            let paid = try await house.signIn().post(House.payments, Load.charge("after-keys"), key: "after-keys")
            #expect(paid.json["status"] == "succeeded", "\(paid)")
        }

        @Test("every rotation happens under load, and no request fails for it", arguments: Engine.here)
        func underLoad(engine: Engine) async throws {
            let house = try await House.shared(engine)
            let first = try await house.login().json["access_token"]?.stringValue ?? ""
            let load = try await KeyLoad(house)
            let audit = try await load.run {
                // First, since a new token key signs only when every host has had time to learn of it.
                try await house.must("keys", "rotate", "jwt")
                let old = try await house.roots()
                try await house.must("keys", "rotate", "root")
                try await house.must("keys", "rewrap")
                for id in old { try await house.must("keys", "drop-root", id) }
                for _ in 0..<2 {
                    try await house.must("keys", "rotate", "tenant")
                    try await house.must("keys", "rewrap")
                    try await house.must("keys", "reencrypt", "--retire")
                }
                try await house.must("keys", "rotate", "pepper")
                let audit = try await house.must("keys", "rotate", "audit")
                await load.waitForOtherTokenKey(than: first)
                return audit
            }

            let report = load.report
            print(
                "keys under load on \(engine): \(report.counts.sorted { $0.key < $1.key }.map { "\($0.value)× \($0.key)" }.joined(separator: ", "))"
            )
            #expect(report.failures.isEmpty, "\(report.failures.prefix(5))")
            #expect(report.counts.count == 5 && report.counts.values.allSatisfy { $0 >= 5 })
            #expect(house.peer.charged.allSatisfy { $0.value == 1 })
            // A session of before every rotation is still one.
            #expect(try await house.api.signedIn(first).get(House.plugin).status == 200)
            let keys = try await house.must("audit", "public-key").split(separator: "\n").map(String.init)
            #expect(audit.contains("auditors") && keys.count >= 2 && audit.contains("\n\(keys[0])\n"), "\(audit)")
            #expect(try NoteVerifier(keys[0]).publicKey != NoteVerifier(keys[1]).publicKey)
            #expect(try await house.must("audit", "verify").contains("whole"))
        }
    }
}

extension House {
    /// The ids of the root keys, the one in use first.
    func roots() async throws -> [String] {
        try String(contentsOfFile: world.data + "/keys", encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.compactMap { $0.split(separator: ":").first.map(String.init) }
    }
}

/// Many sealed rows and keys in a house, written as the host writes them.
struct Vault {
    static let canary = "canary-vault-4242"

    private let house: House
    private let instance: String
    private let scope: TenantScope
    private let platform = SystemAuthority().platform("tests")
    private let place = PersonalPlace(field: "test.person", record: "r")
    // swift-format-ignore: NeverForceUnwrap
    private let plugin = PluginID(BooksPlugins.gateway)!

    init(_ house: House) async throws {
        self.house = house
        let gateway = "plugin_instances WHERE plugin_id = '\(BooksPlugins.gateway)'"
        instance = try #require(try await house.texts("SELECT id AS value FROM \(gateway)").first)
        let id = try #require(try await house.texts("SELECT tenant_id AS value FROM \(gateway)").first.flatMap { TenantID($0) })
        scope = SystemAuthority().permit(.tenantManage, in: id, as: "tests").scope
    }

    /// As a process of its own would: with the root keys as they are in the file now.
    private func encryption() throws -> EncryptionService {
        try EncryptionService(ring: try RootKeys(.file(house.world.data + "/keys")), store: SQLKeyStore(house.database))
    }

    private func location(_ id: String) -> SealedLocation {
        SealedLocation(tenant: scope.tenant, plugin: plugin, field: "webhook_events.message", record: id)
    }

    func fill(rows: Int, people: Int) async throws {
        let encryption = try encryption()
        var sealed: [(id: String, value: Sealed)] = []
        for number in 0..<rows {
            let id = EventID.make().description
            sealed.append((id, try await encryption.seal(Array("\(Self.canary) \(number)".utf8), as: location(id))))
        }
        try await house.database.transaction(scope) { [sealed, instance] tx in
            for (id, value) in sealed {
                try tx.execute(
                    """
                    INSERT INTO webhook_events (tenant_id, id, instance_id, event_id, state, sealed, key_id, key_version, tries, received_at)
                    VALUES ($1, $2, $3, $2, 'ignored', $4, $5, $6, 0, 1)
                    """,
                    [tx.tenant, .text(id), .text(instance), .text(value.text), .text(value.keyID), .int(Int64(value.keyVersion))])
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                group.addTask { [self] in
                    for number in stride(from: lane, to: people, by: 8) {
                        _ = try await encryption.sealPersonal(
                            Array(Self.canary.utf8), subject: "\(Self.canary)-\(number)", at: place, scope)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// How far a job that runs has come; 0 while it does not run.
    func done(_ name: String) async throws -> Int64 {
        try await house.database.platformRead(platform) { tx in
            try tx.query("SELECT done FROM key_jobs WHERE name = $1 AND state = 'running'", [.text(name)]).first?.int("done") ?? -1
        }
    }

    func job(_ name: String) async throws -> KeyJob.State? {
        try await house.database.platformRead(platform) { tx in
            try KeyJob.Name(rawValue: name).flatMap { try KeyJob.find($0, on: tx)?.state }
        }
    }

    func checkThatEverythingOpens(version: Int) async throws {
        let encryption = try encryption()
        let rows = try await house.database.read(scope) { tx in
            try tx.query("SELECT id, sealed, key_id, key_version FROM webhook_events WHERE tenant_id = $1 AND received_at = 1", [tx.tenant])
                .map { (try $0.text("id"), try Sealed(text: $0["sealed"], keyID: $0["key_id"], keyVersion: $0["key_version"])) }
        }
        var texts: Set<String> = []
        for (id, sealed) in rows {
            #expect(sealed.keyVersion == version)
            texts.insert(try await encryption.open(sealed, at: location(id)).revealedText() ?? "")
        }
        #expect(texts.count == rows.count && texts.allSatisfy { $0.hasPrefix(Self.canary) })
    }
}
