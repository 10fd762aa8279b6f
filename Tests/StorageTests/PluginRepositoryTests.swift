// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

extension TestDatabase {
    /// Installs `stripe` 1.0.0 and 1.1.0.
    func installStripe() async throws -> [InstalledPlugin] {
        let versions = ["1.0.0", "1.1.0"].enumerated().map { index, version in
            InstalledPlugin(
                id: plugin("stripe"), version: version, hash: "hash-\(version)", kind: "payment_gateway", name: "Stripe",
                manifest: "{}", isSigned: true, installedAt: Self.now + Int64(index), installedBy: "user:1")
        }
        try await database.platform(platform) { tx in
            for version in versions {
                try PluginCatalogue(tx).install(
                    version, files: [PluginFile(path: "main.lua", sha256: "00", content: Array("return {}\u{0}".utf8))])
            }
        }
        return versions
    }

    /// Gives `acme` the plugin `stripe` and answers its default instance.
    func enableStripe(for tenant: TenantRecord? = nil) async throws -> PluginInstance {
        try await write(tenant) { tx in
            let plugins = PluginRepository(tx)
            try plugins.decide(
                plugin("stripe"), version: "1.0.0", hash: "hash-1.0.0", status: .enabled, approved: ["storage": ["quota": 10]],
                by: "user:1", at: Self.now)
            return try plugins.instance(of: plugin("stripe"), at: Self.now)
        }
    }
}

@Suite("PluginCatalogue", .everyEngine)
struct PluginCatalogueTests {
    @Test("keeps versions beside each other and finds the one installed last")
    func versions() async throws {
        let test = try await TestDatabase()
        let versions = try await test.installStripe()

        let (all, newest, first, files) = try await test.database.platformRead(test.platform) { tx in
            let catalogue = PluginCatalogue(tx)
            return try (
                catalogue.all(), catalogue.find(plugin("stripe")), catalogue.find(plugin("stripe"), version: "1.0.0"),
                catalogue.files(of: plugin("stripe"), version: "1.0.0")
            )
        }

        #expect(all == versions)
        #expect(newest == versions[1])
        #expect(first == versions[0])
        #expect(files.map(\.content) == [Array("return {}\u{0}".utf8)])
        // Both tenants see what the host offers.
        #expect(try await test.read(test.globex) { try PluginRepository($0).catalogue() } == versions)
    }

    @Test("never changes what is installed under a version")
    func duplicate() async throws {
        let test = try await TestDatabase()
        let versions = try await test.installStripe()

        let code = await StorageError.code {
            try await test.database.platform(test.platform) { try PluginCatalogue($0).install(versions[0], files: []) }
        }

        #expect(code == .duplicate)
    }

    @Test("keeps the first publisher of a plugin, even when the plugin goes")
    func publisher() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()

        let pinned = try await test.database.platform(test.platform) { tx in
            let catalogue = PluginCatalogue(tx)
            let first = try catalogue.pinPublisher("one", of: plugin("stripe"), at: 1)
            for version in ["1.0.0", "1.1.0"] { try catalogue.remove(plugin("stripe"), version: version) }
            return try [first, catalogue.pinPublisher("two", of: plugin("stripe"), at: 2), catalogue.publisher(of: plugin("stripe")) ?? ""]
        }

        #expect(pinned == ["one", "one", "one"])
    }

    @Test("does not remove what a tenant uses")
    func inUse() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        _ = try await test.enableStripe()
        func remove(_ version: String) async -> StorageError.Code? {
            await StorageError.code {
                try await test.database.platform(test.platform) { try PluginCatalogue($0).remove(plugin("stripe"), version: version) }
            }
        }

        #expect(await remove("1.0.0") == .conflict)
        #expect(await remove("1.1.0") == nil)
        #expect(await remove("1.1.0") == .notFound)
    }
}

@Suite("PluginRepository", .everyEngine)
struct PluginRepositoryTests {
    @Test("keeps a tenant's decision to that tenant")
    func decide() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        let instance = try await test.enableStripe()

        let (mine, instances) = try await test.read { tx in
            try (PluginRepository(tx).find(plugin("stripe")), PluginRepository(tx).instances())
        }
        #expect(mine?.status == .enabled)
        #expect(mine?.approved == ["storage": ["quota": 10]])
        #expect(mine?.revision == 1)
        #expect(instances == [instance])
        let foreign = try await test.read(test.globex) { tx in
            let plugins = PluginRepository(tx)
            return try (plugins.find(plugin("stripe")), plugins.all(), plugins.instances(), plugins.instance(instance.id))
        }
        #expect(foreign.0 == nil && foreign.1.isEmpty && foreign.2.isEmpty && foreign.3 == nil)
        #expect(
            await StorageError.code {
                try await test.write(test.globex) { try PluginRepository($0).setStatus(.disabled, of: plugin("stripe"), by: "x", at: 1) }
            } == .notFound)
    }

    @Test("counts the revisions of a decision and keeps when it was first made")
    func revisions() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        _ = try await test.enableStripe()

        let upgraded = try await test.write { tx in
            try PluginRepository(tx).decide(
                plugin("stripe"), version: "1.1.0", hash: "hash-1.1.0", status: .enabled, approved: [:], by: "user:2", at: 5)
        }
        let disabled = try await test.write { try PluginRepository($0).setStatus(.disabled, of: plugin("stripe"), by: "user:3", at: 6) }

        #expect(upgraded.revision == 2 && upgraded.createdAt == TestDatabase.now && upgraded.version == "1.1.0")
        #expect(disabled.revision == 3 && disabled.status == .disabled && disabled.updatedBy == "user:3")
    }

    @Test("writes no decision over one that its author did not see")
    func unseen() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        @Sendable func decide(after current: TenantPlugin?, _ actor: String) async throws -> TenantPlugin? {
            try await test.write { tx in
                try PluginRepository(tx).decide(
                    plugin("stripe"), version: "1.0.0", hash: "hash-1.0.0", status: .enabled, approved: [:], by: actor, after: current,
                    at: 5)
            }
        }
        let first = try #require(try await decide(after: nil, "user:1"))
        #expect(try await decide(after: nil, "user:2") == nil)
        let second = try #require(try await decide(after: first, "user:2"))
        #expect(second.revision == 2)
        #expect(try await decide(after: first, "user:3") == nil)
        #expect(try await test.read { try PluginRepository($0).find(plugin("stripe")) } == second)
    }

    @Test("enables nothing that is not installed")
    func absent() async throws {
        let test = try await TestDatabase()

        #expect(await StorageError.code { try await test.enableStripe() } == .brokenReference)
    }

    @Test("keeps one instance per label, and several labels")
    func labels() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        let first = try await test.enableStripe()

        let (again, second) = try await test.write { tx in
            let plugins = PluginRepository(tx)
            return try (plugins.instance(of: plugin("stripe"), at: 9), plugins.instance(of: plugin("stripe"), label: "eu", at: 9))
        }

        #expect(again == first)
        #expect(second.id != first.id)
        #expect(try await test.read { try PluginRepository($0).instances(of: plugin("stripe")).map(\.label) } == ["default", "eu"])
    }
}

@Suite("PluginConfigRepository", .everyEngine)
struct PluginConfigRepositoryTests {
    private let sealed = Sealed(text: "aa:bb:cc", keyID: "k", keyVersion: 3)

    @Test("keeps plain fields as JSON and secrets sealed, in their own tenant")
    func fields() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        let instance = try await test.enableStripe().id
        let plain = PluginConfigField(field: "account", content: .plain(["id": "acct_1", "n": 2.5]), updatedAt: 1, updatedBy: "user:1")
        let secret = PluginConfigField(
            field: "secret_key", content: .sealed(sealed, fingerprint: "0011"), updatedAt: 2, updatedBy: "user:1")

        try await test.write { tx in for field in [plain, secret] { try PluginConfigRepository(tx).set(field, of: instance) } }

        #expect(try await test.read { try PluginConfigRepository($0).fields(of: instance) } == [plain, secret])
        #expect(try await test.read(test.globex) { try PluginConfigRepository($0).fields(of: instance) } == [])
        #expect(try await !test.write(test.globex) { try PluginConfigRepository($0).remove("account", of: instance) })
        #expect(
            await StorageError.code { try await test.write(test.globex) { try PluginConfigRepository($0).set(plain, of: instance) } }
                == .brokenReference)
    }

    @Test("forgets the seal when a field becomes plain, and the other way round")
    func replace() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        let instance = try await test.enableStripe().id

        for content in [PluginConfigField.Content.plain("x"), .sealed(sealed, fingerprint: "00"), .plain(.null)] {
            let field = PluginConfigField(field: "f", content: content, updatedAt: 1, updatedBy: "user:1")
            try await test.write { try PluginConfigRepository($0).set(field, of: instance) }
            #expect(try await test.read { try PluginConfigRepository($0).fields(of: instance) } == [field])
        }
        #expect(try await test.write { try PluginConfigRepository($0).remove("f", of: instance) })
        #expect(try await test.read { try PluginConfigRepository($0).fields(of: instance) } == [])
    }
}

@Suite("PluginStorageRepository", .everyEngine)
struct PluginStorageRepositoryTests {
    private func store(_ tx: TenantTransaction) -> PluginStorageRepository { PluginStorageRepository(tx, plugin: plugin("stripe")) }

    @Test("keeps values of a plugin to its tenant")
    func isolation() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        for tenant in [test.acme, test.globex] { _ = try await test.enableStripe(for: tenant) }

        try await test.write { try store($0).set("customer", to: ["id": "cus_1"], quota: 1000, at: 1) }

        #expect(try await test.read { try store($0).get("customer") } == ["id": "cus_1"])
        #expect(try await test.read(test.globex) { try store($0).get("customer") } == nil)
        #expect(try await test.read(test.globex) { try store($0).list() } == [])
        #expect(try await !test.write(test.globex) { try store($0).delete("customer") })
        #expect(try await test.read(test.globex) { try store($0).usage() } == 0)
        #expect(try await test.read { try store($0).usage() } == Int64(#"customer{"id":"cus_1"}"#.utf8.count))
    }

    @Test("counts names and values against the quota, exactly")
    func quota() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        _ = try await test.enableStripe()
        func set(_ name: String, _ value: Value) async -> StorageError.Code? {
            await StorageError.code { try await test.write { try store($0).set(name, to: value, quota: 10, at: 1) } }
        }

        #expect(await set("a", "1234567") == nil)
        #expect(await set("b", .null) == .quotaExceeded)
        #expect(await set("a", "12345678") == .quotaExceeded)
        #expect(try await test.read { try store($0).get("a") } == "1234567")
        #expect(await set("a", 1) == nil)
        #expect(try await test.read { try store($0).usage() } == 2)
        #expect(await set("b", "12345") == nil)
        #expect(try await test.write { try store($0).delete("a") })
        #expect(try await !test.write { try store($0).delete("a") })
        #expect(try await test.read { try store($0).usage() } == 8)
    }

    @Test("lets a race for the last bytes have one winner")
    func race() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        _ = try await test.enableStripe()

        let winners = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask {
                    // Each takes 8 bytes; 5 of them fit.
                    await StorageError.code {
                        try await test.write { try store($0).set("key\(100 + number)", to: 10, quota: 43, at: 1) }
                    } == nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }

        #expect(winners == 5)
        #expect(try await test.read { try store($0).usage() } == 40)
        #expect(try await test.read { try store($0).list() }.count == 5)
    }

    @Test("lists names by prefix, in order and in pages, without wildcards")
    func list() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        _ = try await test.enableStripe()
        try await test.write { tx in
            for name in ["a", "a:2", "a:1", "a%", "b", "ä:1", "A:1"] { try store(tx).set(name, to: 1, quota: 1000, at: 1) }
        }

        #expect(try await test.read { try store($0).list(prefix: "a:") } == ["a:1", "a:2"])
        #expect(try await test.read { try store($0).list(prefix: "a%") } == ["a%"])
        #expect(try await test.read { try store($0).list(prefix: "ä") } == ["ä:1"])
        #expect(try await test.read { try store($0).list(prefix: "a", after: "a:1", limit: 1) } == ["a:2"])
        #expect(try await test.read { try store($0).list() }.count == 7)
    }

    @Test("belongs to a plugin that the tenant has")
    func unknownPlugin() async throws {
        let test = try await TestDatabase()

        #expect(await StorageError.code { try await test.write { try store($0).set("a", to: 1, quota: 10, at: 1) } } == .brokenReference)
    }
}
