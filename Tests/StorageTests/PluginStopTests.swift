// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

@Suite("Plugin stops", .everyEngine)
struct PluginStopTests {
    private func registry<T: Sendable>(
        _ test: TestDatabase, _ body: @escaping @Sendable (PluginStopRegistry) throws -> T
    ) async throws -> T {
        try await test.database.platform(test.platform) { try body(PluginStopRegistry($0)) }
    }

    @Test("a kill concerns every tenant, keeps its first reason, and is lifted once")
    func kill() async throws {
        let test = try await TestDatabase()

        let first = try await registry(test) { try $0.kill("p1", reason: "leaks", by: "user:1", at: 5) }
        let again = try await registry(test) { try $0.kill("p1", reason: "other", by: "user:2", at: 6) }

        #expect(first && !again)
        let stop = PluginStop(program: "p1", reason: "leaks", since: 5, by: "user:1")
        #expect(stop.kind == .killed)
        for tenant in [test.acme, test.globex] {
            #expect(try await test.read(tenant) { try PluginStopRepository($0).find("p1") } == stop)
            #expect(try await test.read(tenant) { try PluginStopRepository($0).find("p2") } == nil)
        }
        #expect(try await registry(test) { try $0.revive("p1") } == stop)
        #expect(try await registry(test) { try $0.revive("p1") } == nil)
        #expect(try await test.read { try PluginStopRepository($0).find("p1") } == nil)
    }

    @Test("a quarantine concerns one tenant, and the other one neither sees nor lifts it")
    func quarantine() async throws {
        let test = try await TestDatabase()

        let first = try await test.write { try PluginStopRepository($0).quarantine("p1", reason: "3 crashes", by: "s", at: 7) }
        let again = try await test.write { try PluginStopRepository($0).quarantine("p1", reason: "more", by: "s", at: 8) }

        #expect(first && !again)
        let stop = PluginStop(program: "p1", tenant: test.acme.id, reason: "3 crashes", since: 7, by: "s")
        #expect(stop.kind == .quarantined)
        #expect(try await test.read { try PluginStopRepository($0).find("p1") } == stop)
        #expect(try await test.read { try PluginStopRepository($0).find("p2") } == nil)
        #expect(try await test.read(test.globex) { try PluginStopRepository($0).find("p1") } == nil)
        #expect(try await test.write(test.globex) { try PluginStopRepository($0).release("p1") } == nil)
        #expect(try await registry(test) { try $0.revive("p1") } == nil)
        #expect(try await test.write { try PluginStopRepository($0).release("p1") } == stop)
        #expect(try await registry(test) { try $0.all() } == [])
    }

    @Test("a kill is told before a quarantine, and releasing the tenant leaves it")
    func both() async throws {
        let test = try await TestDatabase()
        _ = try await test.write { try PluginStopRepository($0).quarantine("p1", reason: "3 crashes", by: "s", at: 7) }
        _ = try await registry(test) { try $0.kill("p1", reason: "leaks", by: "user:1", at: 8) }

        #expect(try await test.read { try PluginStopRepository($0).find("p1")?.kind } == .killed)
        #expect(try await test.write { try PluginStopRepository($0).release("p1")?.kind } == .quarantined)
        #expect(try await test.read { try PluginStopRepository($0).find("p1")?.kind } == .killed)
        #expect(try await registry(test) { try $0.all().map(\.kind) } == [.killed])
    }

    @Test("the revision goes up with every change, and with nothing else")
    func revision() async throws {
        let test = try await TestDatabase()
        var seen = [try await registry(test) { try $0.revision() }]
        func step(_ body: @escaping @Sendable (PluginStopRegistry) throws -> Void) async throws {
            try await registry(test, body)
            seen.append(try await registry(test) { try $0.revision() })
        }

        try await step { try $0.kill("p1", reason: "a", by: "u", at: 1) }
        try await step { try $0.kill("p1", reason: "b", by: "u", at: 2) }
        try await step { _ = try $0.revive("p1") }
        try await step { _ = try $0.revive("p1") }
        _ = try await test.write { try PluginStopRepository($0).quarantine("p1", reason: "r", by: "s", at: 3) }
        try await step { _ in }
        _ = try await test.write { try PluginStopRepository($0).release("p1") }
        try await step { _ in }
        _ = try await test.write { try PluginStopRepository($0).release("p1") }
        try await step { _ in }

        #expect(seen == [0, 1, 1, 2, 2, 3, 4, 4])
    }

    @Test("the tenants that have a program are found by its hash")
    func tenants() async throws {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        _ = try await test.enableStripe()

        let found = try await registry(test) { try $0.tenants(with: "hash-1.0.0").map { "\($0.tenant) \($0.plugin)" } }

        #expect(found == ["\(test.acme.id) stripe"])
        #expect(try await registry(test) { try $0.tenants(with: "hash-1.1.0").count } == 0)
    }
}
