// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Host
import Logging
import PluginAPI
import Sandbox
import Security
import Storage
import Testing
import Values

/// What becomes of a tenant's plugins when it is suspended, on every host.
@Suite("Suspended tenants", .timeLimit(.minutes(5)))
struct TenantSuspensionTests {
    private static let plugin = TestPlugin(
        limits: ["wall_ms": 30_000, "instructions": 500_000_000], actions: ["hello": "return 'x'", "spin": "while true do end"])

    private static var patient: HostConfiguration {
        var configuration = HostConfiguration(isDevelopment: true)
        configuration.caps.cpu = .seconds(20)
        return configuration
    }

    private func order() throws -> TenantOrder { try TenantOrder(try #require(TenantSlug("acme")), reason: "test", confirmation: "acme") }

    private func who(_ rig: Rig) -> TenantOperator { TenantOperator(commandLineOf: rig.authority, trail: rig.platform.id) }

    /// As the command line has it: nothing but the database.
    private func administration(_ rig: Rig) -> TenantAdministration {
        TenantAdministration(
            database: rig.database, encryption: rig.encryption, authority: rig.authority,
            sequencer: AuditSequencer(
                database: rig.database, authority: rig.authority,
                signers: AuditSigners(AuditSigningKeys(HostKeys(derivedFrom: rig.ring)), installation: rig.platform.id)))
    }

    private func refusal(_ body: () async throws -> some Any) async -> HostError.Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? HostError)?.code
        }
    }

    @Test("ends the tenant's calls on every host, starts none, leaves the other tenant alone, and runs again when resumed")
    func everywhere() async throws {
        try await Rig.with(Self.patient) { rig in
            let plugin = try await rig.enable(Self.plugin)
            try await rig.enable(Self.plugin, for: rig.globex)
            let other = try await rig.anotherHost()
            try await rig.watching(rig.host, other) {
                let reports = try await withThrowingTaskGroup(of: InvocationReport.self) { group in
                    for host in [rig.host, other] { group.addTask { try await rig.call(plugin, "spin", on: host) } }
                    // Both run before anything is suspended.
                    while rig.host.sandbox.statistics.running + other.sandbox.statistics.running < 2 { await Task.yield() }
                    _ = try await administration(rig).suspend(order(), who(rig), Rig.trace)
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(reports.count == 2 && reports.allSatisfy { $0.failure?.message == "the tenant is not in service" })
                for host in [rig.host, other] {
                    #expect(await refusal { try await rig.call(plugin, "hello", on: host) } == .tenantClosed)
                    #expect(try await rig.call(plugin, "hello", tenant: rig.globex, on: host).failure == nil)
                }
                _ = try await administration(rig).resume(order(), who(rig), Rig.trace)
                for host in [rig.host, other] {
                    await host.stopWatch.look()
                    #expect(try await rig.call(plugin, "hello", on: host).failure == nil)
                }
            }
            await other.shutdown()
        }
    }

    @Test("a call that was let in a moment before finds no cell")
    func letInBefore() async throws {
        try await Rig.with(Self.patient) { rig in
            let plugin = try await rig.enable(Self.plugin)
            let permit = rig.permit(.invokeNotifier)
            let instance = try await rig.host.directory.instance(for: permit, plugin: plugin)

            _ = try await rig.host.tenants.suspend(order(), who(rig), Rig.trace)

            let report = try await rig.host.pipeline.run(
                Invocation(
                    permit: permit, instance: instance, operation: "send", request: ["do": "hello", "with": [:]],
                    subject: AuditSubject(resource: "notification:test", correlation: "test"))
            ) { report, _ in report }
            #expect(report.failure?.message == "the tenant is not in service")
        }
    }

    @Test("purging drops the tenant's keys from the memory of every host, and the configuration opens nowhere")
    func purge() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(Self.plugin)
            try await rig.enable(Self.plugin, for: rig.globex)
            let other = try await rig.anotherHost()
            let place = SealedLocation(tenant: rig.acme.id, plugin: plugin, field: "plugin_config.key", record: "one")
            let sealed = try await rig.host.encryption.seal([1], as: place)
            for host in [rig.host, other] {
                #expect(try await rig.call(plugin, "hello", on: host).failure == nil)
                #expect(try await host.encryption.open(sealed, at: place).count == 1)
                #expect(host.encryption.keysInMemory(of: rig.acme.id) > 0)
            }
            await rig.host.stopWatch.look()
            await other.stopWatch.look()
            _ = try await rig.host.tenants.delete(order(), graceDays: 0, who(rig), Rig.trace)

            let purge = try await rig.host.tenants.purge(order(), abandoningMoney: false, who(rig), Rig.trace)

            await other.stopWatch.look()
            for host in [rig.host, other] {
                #expect(host.encryption.keysInMemory(of: rig.acme.id) == 0)
                await #expect(throws: EncryptionError.self) { try await host.encryption.open(sealed, at: place) }
                #expect(try await rig.call(plugin, "hello", tenant: rig.globex, on: host).failure == nil)
                #expect(await refusal { try await rig.call(plugin, "hello", on: host) } == .pluginNotEnabled)
            }
            #expect(purge.keys > 0 && purge.rows > 0 && purge.tenant.sweptAt != nil && purge.trailSize > 0)
            #expect(try await rig.trail().first?.detail.contains("emptied") == true)
            await other.shutdown()
        }
    }

    @Test("the record of a call names everybody in it: caller, plugin, tenant")
    func chain() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(Self.plugin)
            _ = try await rig.call(plugin, "hello")
            let record = try #require(try await rig.trail(action: "plugin.invoke.notifier").first { $0.outcome == "success" })
            let detail = try JSON.parse(Array(record.detail.utf8))
            #expect(detail["chain"] == ["system:test", .string("plugin:\(plugin)"), .string("tenant:\(rig.acme.id)")])
        }
    }
}
