// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Storage
import Testing
import Values

@Suite("Plugins that work for an operator who acts", .timeLimit(.minutes(2)))
struct ActingCallTests {
    private static let keeper = TestPlugin(
        id: "noter", capabilities: ["storage": ["max_bytes": 4096]],
        actions: ["set": "ctx.storage.set(with.key, with.value) return 'set'"])

    private enum Change: String, CaseIterable { case nothing, anotherRule, ended, denied, forbidden, narrowed }

    @Test("an operator's rights are looked at again at each host call: by the tenant's policy and its word as they stand")
    func calls() async throws {
        try await Rig.with { rig in
            let id = try await rig.enable(Self.keeper)
            let (authenticator, acme, roles) = (rig.host.authenticator, rig.acme.id, rig.permit(.roleManage))
            let hash = try await PasswordHasher(ring: rig.ring).hash(Secret(Rig.password))
            try await rig.database.transaction(rig.permit(.userManage, rig.platform).scope) { tx in
                _ = try UserRepository(tx).create(
                    email: "op@platform.example", name: "Op", passwordHash: hash, roles: ["SUPER_ADMIN"], at: WallClock.system.now())
            }
            let outcome = try await authenticator.signIn(slug: "platform", email: "op@platform.example", password: Secret(Rig.password))
            let home = try await authenticator.principal(bearer: #require(outcome.session).accessToken)
            func allow(_ role: String?) async throws {
                try await rig.database.transaction(rig.permit(.roleManage).scope) { try ActingRepository($0).setRole(role) }
            }
            for change in Change.allCases {
                try await allow("ADMIN")
                let token = try await authenticator.actAs(
                    Authorizer().authorize(home, to: .tenantActAs), in: "acme", reason: "test", minutes: 5)
                let principal = try await authenticator.principal(bearer: token.accessToken)
                let permit = try Authorizer().authorize(principal, to: .invokeNotifier)
                let instance = try await rig.host.directory.instance(for: permit, plugin: id)
                let invocation = Invocation(
                    permit: permit, instance: instance, operation: "send",
                    request: ["do": "set", "with": ["key": .string(change.rawValue), "value": 1]],
                    subject: AuditSubject(resource: "notification:x", correlation: "x"))
                // After the permit was given, before the plugin asks for anything.
                switch change {
                case .ended: _ = try await authenticator.endActs(in: acme, by: "test")
                case .forbidden: try await allow(nil)
                case .narrowed: try await allow("READ_ONLY")
                default: break
                }
                let report = try await rig.host.pipeline.run(invocation) { tx in
                    let pattern: String? = [.anotherRule: "plugin.other", .denied: "plugin.noter.storage"][change]
                    guard let pattern else { return }
                    _ = try PolicyRepository(tx).apply(
                        .setRule(Policy.Rule(id: "x", .deny, .role("ADMIN"), try ActionPattern(pattern))), roles, correlation: "c", at: 1)
                } record: { report, _ in
                    report
                }
                let isAllowed = [.nothing, .anotherRule].contains(change)
                #expect((report.failure == nil) == isAllowed, "\(change): \(String(describing: report.failure))")
                let kept = try await rig.database.read(permit.scope) { try PluginStorageRepository($0, plugin: id).get(change.rawValue) }
                #expect((kept != nil) == isAllowed, "\(change)")
                try await rig.database.transaction(roles.scope) { tx in
                    guard try PolicyRepository(tx).load().policy.rules.contains(where: { $0.id == "x" }) else { return }
                    _ = try PolicyRepository(tx).apply(.removeRule("x"), roles, correlation: "c", at: 1)
                }
            }
        }
    }
}
