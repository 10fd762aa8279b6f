// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Storage
import Testing
import Values

/// What a plugin does through the host: never more than its caller, its grant and its tenant allow, at the moment of the call.
@Suite("Host calls of two tenants", .timeLimit(.minutes(10)))
struct HostCallMatrixTests {
    private static let keeper = TestPlugin(
        id: "keeper", capabilities: ["storage": ["max_bytes": 4096]],
        actions: [
            "get": "return tostring(ctx.storage.get(with.key))",
            "set": "ctx.storage.set(with.key, with.value) return 'set'",
            "delete": "return tostring(ctx.storage.delete(with.key))",
            "list":
                "local all = {} for _, key in ipairs(ctx.storage.list('')) do all[#all + 1] = key end return '[' .. table.concat(all, ',') .. ']'",
        ])

    /// Somebody of acme who is signed in.
    private func person(_ rig: Rig, _ roles: [String]) async throws -> (id: UserID, token: String) {
        let email = "p\(CallID.make())@acme.example"
        let hash = try await PasswordHasher(ring: rig.ring).hash(Secret("correct-horse-battery-staple-9"))
        let id = try await rig.database.transaction(rig.permit(.userManage).scope) { tx in
            try UserRepository(tx).create(email: email, name: email, passwordHash: hash, roles: roles, at: WallClock.system.now()).id
        }
        let outcome = try await rig.host.authenticator.signIn(
            slug: "acme", email: email, password: Secret("correct-horse-battery-staple-9"))
        return (id, try #require(outcome.session).accessToken)
    }

    @Test("what one tenant's plugin keeps does not exist for the same plugin of another")
    func storage() async throws {
        try await Rig.with { rig in
            let id = try await rig.enable(Self.keeper)
            try await rig.enable(Self.keeper, for: rig.globex)
            func ask(_ what: String, _ with: Value, _ tenant: TenantRecord) async throws -> String {
                let report = try await rig.call(id, what, with, tenant: tenant)
                return try report.result.get()["provider_message_ids"]?[0]?.stringValue ?? "-"
            }
            #expect(try await ask("set", ["key": "mine", "value": "globexword"], rig.globex) == "set")
            var cells = 0
            for (what, with, answer) in [
                ("get", ["key": "mine"], "nil"), ("list", [:], "[]"), ("delete", ["key": "mine"], "false"),
                ("set", ["key": "mine", "value": "acmeword"], "set"), ("get", ["key": "mine"], "acmeword"),
                ("delete", ["key": "mine"], "true"),
                ("list", [:], "[]"),
            ] as [(String, Value, String)] {
                #expect(try await ask(what, with, rig.acme) == answer, "\(what)")
                #expect(try await ask("get", ["key": "mine"], rig.globex) == "globexword", "after \(what)")
                cells += 1
            }
            // With the other tenant's instance nothing runs at all.
            let foreign = try await rig.host.directory.instance(for: rig.permit(.invokeNotifier, rig.globex), plugin: id)
            for operation in ["send", "validate_config"] {
                let invocation = Invocation(
                    permit: rig.permit(.invokeNotifier), instance: foreign, operation: operation, request: [:],
                    subject: AuditSubject(resource: "notification:x", correlation: "x"))
                await #expect(throws: Denial.foreignTenant) { try await rig.host.pipeline.run(invocation) { report, _ in report.call } }
                cells += 1
            }
            print("host calls, storage of two tenants: \(cells) cells")
        }
    }

    @Test("every host function needs its grant, and is denied to whom a rule denies it")
    func gate() async throws {
        try await Rig.with { rig in
            let (user, token) = try await person(rig, ["ADMIN"])
            let plugin = try #require(PluginID("keeper"))
            let names = HostFunctions.all.map { ($0.name, $0.capability) }
            #expect(names.count > 5)
            var cells = 0
            for denied in [nil, "plugin", "plugin.keeper", "plugin.other", "plugin.keeper.storage.get", "plugin.*.http", "plugin.invoke"] {
                let permit = rig.permit(.roleManage)
                if let denied {
                    try await rig.database.transaction(permit.scope) { tx in
                        _ = try PolicyRepository(tx).apply(
                            .setRule(Policy.Rule(id: "d", .deny, .user(user), try ActionPattern(denied))), permit, correlation: "c", at: 1)
                    }
                }
                let now = try await rig.host.authenticator.principal(bearer: token)
                let callers = [
                    (try? rig.host.authorizer.authorize(now, to: .sessionOwn), denied), (rig.permit(.invokePayment), nil),
                ]
                for (permit, denied) in callers {
                    let permit = try #require(permit)
                    for (name, capability) in names {
                        for (requested, approved) in [([capability], [capability]), ([capability], []), ([], [capability])] as [(Set, Set)]
                        {
                            let gate = CapabilityGate(plugin: plugin, requested: requested, approved: approved)
                            let isGranted = capability.isEmpty || requested.contains(capability) && approved.contains(capability)
                            let isDenied =
                                denied.map {
                                    PermissionSet(patterns: [$0]).covers(Action(rawValue: "plugin.keeper.\(name)"))
                                } ?? false
                            let grant = try? gate.grant(name, needing: capability, under: permit)
                            #expect(
                                (grant != nil) == (isGranted && !isDenied), "\(name) for \(permit.principal.actor), denied \(denied ?? "-")"
                            )
                            #expect(grant == nil || grant?.scope.tenant == rig.acme.id)
                            cells += 1
                        }
                    }
                }
            }
            print("host calls, grants and rules: \(cells) cells")
        }
    }

    private enum Change: String, CaseIterable {
        case nothing, anotherRule, denied, roleTaken, deactivated, approvalTaken, switchedOff
    }

    /// A call, begun with a credential, in which the plugin keeps a value under a key.
    private func keeping(_ key: String, by bearer: String, _ rig: Rig, _ id: PluginID) async throws -> Invocation {
        let principal = try await rig.host.authenticator.principal(bearer: bearer)
        let permit = try rig.host.authorizer.authorize(principal, to: .invokeNotifier)
        return Invocation(
            permit: permit, instance: try await rig.host.directory.instance(for: permit, plugin: id), operation: "send",
            request: ["do": "set", "with": ["key": .string(key), "value": 1]],
            subject: AuditSubject(resource: "notification:x", correlation: "x"))
    }

    @Test("rights that are taken away while a plugin runs are gone at its next host call")
    func takenAway() async throws {
        try await Rig.with { rig in
            let id = try await rig.enable(Self.keeper)
            for change in Change.allCases {
                try await rig.enable(Self.keeper)
                let (user, token) = try await person(rig, ["ADMIN"])
                let invocation = try await keeping(change.rawValue, by: token, rig, id)
                let (roles, users) = (rig.permit(.roleManage), rig.permit(.userManage))
                // After the permit was given, before the plugin asks for anything.
                let report = try await rig.host.pipeline.run(invocation) { tx in
                    let policy = PolicyRepository(tx)
                    switch change {
                    case .nothing: break
                    case .anotherRule:
                        let rule = Policy.Rule(id: "x", .deny, .user(user), try ActionPattern("plugin.other"))
                        _ = try policy.apply(.setRule(rule), roles, correlation: "c", at: 1)
                    case .denied:
                        let rule = Policy.Rule(id: "x", .deny, .user(user), try ActionPattern("plugin.keeper.storage"))
                        _ = try policy.apply(.setRule(rule), roles, correlation: "c", at: 1)
                    case .roleTaken: _ = try policy.apply(.unassign(user, role: "ADMIN"), users, correlation: "c", at: 1)
                    case .deactivated: try UserRepository(tx).setStatus(.suspended, of: user, at: 1)
                    case .approvalTaken:
                        let decision = try #require(try PluginRepository(tx).find(id))
                        _ = try PluginRepository(tx).decide(
                            id, version: decision.version, hash: decision.hash, status: .enabled, approved: [:], by: "x", at: 2)
                    case .switchedOff: _ = try PluginRepository(tx).setStatus(.disabled, of: id, by: "x", at: 2)
                    }
                } record: { report, _ in
                    report
                }
                let isAllowed = change == .nothing || change == .anotherRule
                #expect((report.failure == nil) == isAllowed, "\(change): \(String(describing: report.failure))")
                let kept = try await rig.database.read(invocation.permit.scope) { try PluginStorageRepository($0, plugin: id).get(change.rawValue) }
                #expect((kept != nil) == isAllowed, "\(change)")
            }
        }
    }

    private enum KeyChange: String, CaseIterable {
        case nothing, used, rotated, withdrawn, ended, narrowed, widened, deleted, suspended

        var isAllowed: Bool { [.nothing, .used, .rotated, .widened].contains(self) }

        func make(_ key: APIKeyID, _ tx: TenantTransaction) throws {
            func set(_ column: String, _ value: SQLValue) throws {
                try tx.execute("UPDATE api_keys SET \(column) = $2 WHERE id = $1", [.text(key.description), value])
            }
            switch self {
            case .nothing: break
            case .used: try APIKeyRepository(tx).noteUse(of: key, at: WallClock.system.now())
            // Another secret at once, and the old one good for nothing: the key is the same.
            case .rotated: try set("hash", .text(String(repeating: "0", count: 64)))
            case .withdrawn: _ = try APIKeyRepository(tx).revoke(key, at: WallClock.system.now())
            case .ended: try set("expires_at", .int(WallClock.system.now() - 1))
            case .narrowed: try set("patterns", .text("[\"plugin.read\",\"plugin.invoke.payment\"]"))
            case .widened: try set("patterns", .text("[\"plugin.invoke\",\"plugin.read\"]"))
            case .deleted: try tx.execute("DELETE FROM api_keys WHERE id = $1", [.text(key.description)])
            case .suspended:
                try tx.execute(
                    "UPDATE tenants SET status = 'suspended' WHERE id = $1", [.text(tx.scope.tenant.description)])
            }
        }
    }

    @Test("an API key that is good no longer while a plugin runs is refused at its next host call")
    func keys() async throws {
        try await Rig.with { rig in
            let id = try await rig.enable(Self.keeper)
            for change in KeyChange.allCases {
                let issued = try await rig.host.authenticator.issueAPIKey(
                    rig.permit(.userManage), name: "test", permissions: ["plugin.invoke.notifier"],
                    expiresAt: WallClock.system.now() + 86_400_000)
                let invocation = try await keeping(change.rawValue, by: try #require(issued.text.revealedText()), rig, id)
                // Between the calls' permit and the plugin's first word, as another host would do it.
                let report = try await rig.host.pipeline.run(invocation) {
                    try change.make(issued.record.id, $0)
                } record: { report, _ in
                    report
                }
                #expect((report.failure == nil) == change.isAllowed, "\(change): \(String(describing: report.failure))")
                let kept = try await rig.database.read(invocation.permit.scope) { try PluginStorageRepository($0, plugin: id).get(change.rawValue) }
                #expect((kept != nil) == change.isAllowed, "\(change)")
            }
        }
    }

    @Test("an operator's act that is over while a plugin runs ends what the plugin does for them")
    func acts() async throws {
        try await Rig.with { rig in
            let id = try await rig.enable(Self.keeper)
            let hash = try await PasswordHasher(ring: rig.ring).hash(Secret("correct-horse-battery-staple-9"))
            try await rig.database.transaction(rig.permit(.userManage, rig.platform).scope) { tx in
                _ = try UserRepository(tx).create(
                    email: "op@platform.example", name: "op", passwordHash: hash, roles: ["SUPER_ADMIN"], at: 1)
            }
            try await rig.database.transaction(rig.permit(.roleManage).scope) { try ActingRepository($0).setRole("ADMIN") }
            let authenticator = rig.host.authenticator
            let outcome = try await authenticator.signIn(
                slug: "platform", email: "op@platform.example", password: Secret("correct-horse-battery-staple-9"))
            let home = try await authenticator.principal(bearer: try #require(outcome.session).accessToken)
            let permit = try rig.host.authorizer.authorize(home, to: .tenantActAs)
            for isEnded in [false, true] {
                let act = try await authenticator.actAs(permit, in: "acme", reason: "test", minutes: 5)
                let principal = try await authenticator.principal(bearer: act.accessToken)
                let instance = try await rig.host.directory.instance(for: rig.permit(.invokeNotifier), plugin: id)
                let invocation = Invocation(
                    permit: try rig.host.authorizer.authorize(principal, to: .invokeNotifier), instance: instance, operation: "send",
                    request: ["do": "set", "with": ["key": .string("act-\(isEnded)"), "value": 1]],
                    subject: AuditSubject(resource: "notification:x", correlation: "x"))
                if isEnded { #expect(try await authenticator.endAct(permit, id: act.acting.id)) }
                let report = try await rig.host.pipeline.run(invocation) { report, _ in report }
                #expect((report.failure == nil) == !isEnded, "\(String(describing: report.failure))")
            }
        }
    }
}
