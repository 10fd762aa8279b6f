// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import NIOHTTP1
import Security
import Storage
import Synchronization
import Testing
import Values

/// Every operation, from every tenant, by every role: what is expected is worked out from the route table and the definitions of the roles.
///
/// A new route, and a new role, are in it by themselves.
@Suite("The two-tenant matrix", .timeLimit(.minutes(10)))
struct TwoTenantMatrixTests {
    enum Engine: String, CaseIterable, CustomTestStringConvertible {
        case sqlite, postgresql

        var testDescription: String { rawValue }

        /// Those that this machine has.
        static var here: [Engine] { allCases.filter { $0 == .sqlite || ThrowawayServer.shared() != nil } }
    }

    @Test(
        "every operation answers every role in every tenant as its access says, and nobody learns of what others have",
        arguments: Engine.here)
    func matrix(engine: Engine) async throws {
        let missing = MatrixThings.missing(in: RouteTable.panel.routes)
        #expect(missing.isEmpty, "\(missing.joined(separator: "\n"))")
        let base = engine == .postgresql ? try await ThrowawayServer.shared()?.database() : nil
        try await Panel.with(on: base) { panel in
            let matrix = try await Matrix(panel)
            let globex = try await panel.rows(of: panel.globex)
            let routes = RouteTable.panel.routes.filter { $0.parameters.allSatisfy { MatrixThings.parameters[$0] != nil } }
            // First: what somebody asks for stands in their own trail, and so does another's id that they make up.
            for route in routes { try await matrix.leaks(route) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<4 {
                    group.addTask {
                        for (index, route) in routes.enumerated() where index % 4 == lane { try await matrix.row(of: route) }
                    }
                }
                try await group.waitForAll()
            }
            let after = try await panel.rows(of: panel.globex)
            for (table, rows) in globex {
                let changes = rows.symmetricDifference(after[table] ?? [])
                #expect(changes.isEmpty, "the other tenant's \(table) changed")
            }
            print(
                "two-tenant matrix on \(engine): \(RouteTable.panel.routes.count) operations, \(matrix.cells.load(ordering: .relaxed)) cells"
            )
            #expect(matrix.cells.load(ordering: .relaxed) > RouteTable.panel.routes.count * 40)
        }
    }
}

/// The callers, the tenants, and one column of cells after another.
private final class Matrix: Sendable {
    private let panel: Panel
    /// Of acme, and whoever exists at the operators' only.
    private let callers: [MatrixCaller]
    private let operators: [MatrixCaller]
    private let locked: [MatrixCaller]
    private let acme: MatrixThings
    private let globex: MatrixThings
    private let platform: MatrixThings
    private let initech: MatrixThings
    let cells = Atomic(0)
    private let suspendedPlace = "of a suspended tenant"

    init(_ panel: Panel) async throws {
        self.panel = panel
        let made = try await panel.database.platform(panel.authority.platform("tests")) { tx in
            try TenantRegistry(tx).create(
                slug: try #require(TenantSlug("initech")), name: "initech", by: "system:test", correlation: "set-up", at: 1)
        }
        var acme = try await MatrixCaller.roles(of: panel.acme, panel)
        let globex = try await MatrixCaller.roles(of: panel.globex, panel)
        var (operators, locked) = (try await MatrixCaller.roles(of: panel.platform, panel), try await MatrixCaller.roles(of: made, panel))
        func administrator(_ callers: [MatrixCaller]) throws -> MatrixCaller {
            try #require(callers.first { $0.name == BuiltInRole.admin.rawValue })
        }
        self.acme = try await .furnish(panel, panel.acme, word: "acmeword", administrator: administrator(acme))
        self.globex = try await .furnish(panel, panel.globex, word: "globexword", administrator: administrator(globex))
        platform = try await .furnish(panel, panel.platform, word: "operatorword", administrator: administrator(operators))
        initech = try await .furnish(panel, made, word: "initechword", administrator: administrator(locked))
        acme.append(try await .key(of: panel.acme, .pluginRead, panel))
        operators.append(try await .key(of: panel.platform, .pluginInstall, panel))
        locked.append(try await .key(of: made, .pluginRead, panel))
        try await panel.database.platform(panel.authority.platform("tests")) { tx in
            _ = try TenantLife(tx).suspend(TenantLife(tx).lock(made.slug), at: 2)
        }
        callers = acme + operators.filter { $0.name == BuiltInRole.superAdmin.rawValue }
        (self.operators, self.locked) = (operators, locked)
    }

    private func things(of tenant: TenantRecord) -> MatrixThings { tenant.id == panel.platform.id ? platform : acme }

    func row(of route: Route) async throws {
        try await own(route)
        try await other(route)
        try await crossed(route)
        try await withoutTenant(route)
        try await suspended(route)
    }

    /// A request that whoever may call is told to be wrong, so that a cell changes nothing.
    private func probe(_ route: Route, _ values: [String: String], _ caller: MatrixCaller?) async throws -> Answer {
        let body: SentBody =
            switch route.body {
            case .none: .none
            case .json: .bytes(Array("{\"matrix".utf8), type: "application/json")
            case .raw, .opaque: .bytes([1], type: "text/plain")
            }
        return try await panel.send(
            route.method, route.path(values) + "?matrix_probe=1", bearer: caller?.bearer, body, headers: route.exampleHeaders)
    }

    /// A request as the route wants it.
    private func real(_ route: Route, _ values: [String: String], _ caller: MatrixCaller) async throws -> Answer {
        try await panel.send(route.method, route.path(values), bearer: caller.bearer, route.exampleBody, headers: route.exampleHeaders)
    }

    private func expect(_ answer: Answer, _ status: Int?, _ route: Route, _ caller: MatrixCaller?, _ place: String) {
        cells.wrappingAdd(1, ordering: .relaxed)
        let who = caller.map { "\($0.name) of \($0.home.slug)" } ?? "nobody"
        if let status {
            #expect(answer.status == status, "\(route.name) by \(who), \(place): \(answer.text.prefix(200))")
        } else {
            // A wrong request that came as far as being read; a suspended tenant has no address for webhooks either.
            #expect(
                answer.status == 400 || route.isOpaque && ![401, 403, place == suspendedPlace ? 0 : 404].contains(answer.status),
                "\(route.name) by \(who), \(place): should be let in: \(answer.status) \(answer.text.prefix(200))")
        }
    }

    /// In the caller's own tenant.
    private func own(_ route: Route) async throws {
        for caller in callers + [MatrixCaller(name: "webhook", home: panel.acme, bearer: acme.webhook, holds: [])] {
            let answer = try await probe(route, things(of: caller.home).values(), caller)
            let isKnown = caller.name != "webhook"
            expect(answer, route.isOpen || isKnown && caller.isAllowed(route) ? nil : isKnown ? 403 : 401, route, caller, "at home")
        }
        // What a provider's callback may do, who has no bearer at all: its own action only.
        guard case .permission(let action) = route.access else { return }
        let webhook = panel.host.authenticator.principal(webhookInstance: .make(), tenant: panel.acme.id, slug: panel.acme.slug)
        for tenant in ["acme", "globex", "platform", "initech", "nobody"] {
            let permit = try? await panel.host.admit(webhook, to: action, in: tenant, at: Panel.trace)
            cells.wrappingAdd(1, ordering: .relaxed)
            #expect((permit != nil) == (tenant == "acme" && action == .invokeWebhook), "\(route.name) by a webhook in \(tenant)")
        }
    }

    /// In somebody else's tenant: the answer is that of a tenant that does not exist.
    private func other(_ route: Route) async throws {
        guard !route.isOpen, route.parameters.contains("tenant") else { return }
        for caller in callers {
            let nothing = try await real(route, MatrixThings.nothing(in: "nobody"), caller)
            expect(nothing, 404, route, caller, "in a tenant that does not exist")
            for foreign in [globex, initech, caller.home.id == panel.platform.id ? acme : platform] {
                let answer = try await real(route, foreign.values(), caller)
                expect(answer, 404, route, caller, "in \(foreign.tenant.slug)")
                #expect(
                    answer.withoutCorrelation == nothing.withoutCorrelation, "\(route.name) by \(caller.name) in \(foreign.tenant.slug)")
            }
        }
    }

    /// In the caller's own tenant, with what another tenant has: the answer is that of what does not exist.
    private func crossed(_ route: Route) async throws {
        guard !route.isOpen, route.parameters.contains(where: { $0 != "tenant" && MatrixThings.parameters[$0]?.own != nil }) else { return }
        for caller in callers {
            let home = caller.home.slug.description
            let (nothing, answer) = (
                try await real(route, MatrixThings.nothing(in: home), caller), try await real(route, globex.values(in: home), caller)
            )
            expect(answer, nothing.status, route, caller, "at home, with what globex has")
            #expect(answer.json["code"] == nothing.json["code"], "\(route.name) by \(caller.name), with what globex has")
        }
    }

    /// Without a tenant: nobody at all, and operators who have no part in the tenant.
    private func withoutTenant(_ route: Route) async throws {
        expect(try await probe(route, acme.values(), nil), route.isOpen ? nil : 401, route, nil, "not signed in")
        for caller in operators {
            let answer = try await probe(route, acme.values(), caller)
            let isThere = route.parameters.contains("tenant") && !route.isOpen
            expect(answer, isThere ? 404 : caller.isAllowed(route) ? nil : 403, route, caller, "an operator in acme")
        }
    }

    /// Of a suspended tenant: nothing, wherever.
    private func suspended(_ route: Route) async throws {
        for caller in locked {
            for place in [initech, acme] {
                expect(try await probe(route, place.values(), caller), route.isOpen ? nil : 401, route, caller, suspendedPlace)
            }
        }
    }

    /// What somebody reads who may read everything has nothing of another tenant in it.
    func leaks(_ route: Route) async throws {
        guard route.method == .get, let caller = callers.first(where: { $0.name == BuiltInRole.admin.rawValue }) else { return }
        let answer = try await real(route, acme.values(), caller)
        cells.wrappingAdd(1, ordering: .relaxed)
        for mark in globex.marks where mark != "none" {
            #expect(!answer.text.contains(mark), "\(route.name) shows \(mark) of another tenant")
        }
        #expect(answer.status < 500, "\(route.name): \(answer.text.prefix(200))")
    }
}

extension Route {
    fileprivate var isOpaque: Bool { if case .opaque = body { true } else { false } }
}

extension Panel {
    /// Every row of a tenant but what its own denials write.
    func rows(of tenant: TenantRecord) async throws -> [String: Set<[String]>] {
        let scope = authority.permit(.auditRead, in: tenant.id, as: "test").scope
        return try await database.read(scope) { tx in
            let tables =
                tx.dialect == .postgresql
                ? """
                SELECT table_name AS name FROM information_schema.columns WHERE table_schema = current_schema()
                    AND column_name = 'tenant_id' AND has_table_privilege(table_name::text, 'SELECT')
                """
                : """
                SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c ON c.name = 'tenant_id' WHERE t.type = 'table'
                """
            var rows: [String: Set<[String]>] = [:]
            for name in try tx.query(tables, []).map({ try $0.text("name") }) {
                // In no order: a row that is rewritten as it was may stand elsewhere.
                rows[name] = Set(
                    try tx.query("SELECT * FROM \"\(name)\" WHERE tenant_id = $1", [.text(tenant.id.description)])
                        .map { row in row.values.map { "\($0)" } })
            }
            return rows
        }
    }
}
