// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

@Suite("Authorizer")
struct AuthorizerTests {
    private let authorizer = Authorizer()

    @Test(
        "names the first check that fails",
        arguments: [
            ("globex", ["plugin.read"], Denial.foreignTenant),
            ("globex", [String](), .foreignTenant),
            ("", ["plugin.read"], .foreignTenant),
            ("ACME", ["plugin.read"], .foreignTenant),
            ("acme", ["plugin.enable"], .missingPermission(.pluginRead)),
            ("acme", ["audit.read"], .missingPermission(.pluginRead)),
        ])
    func refuses(tenant: String, patterns: [String], expected: Denial) async throws {
        let ada = try await House().principal(patterns.isEmpty ? ["session.own"] : patterns)

        #expect(throws: expected) { try authorizer.authorize(ada, to: .pluginRead, in: tenant) }
    }

    @Test("a permit names the principal's own tenant, however the path spells it")
    func allows() async throws {
        let ada = try await House().principal(["plugin.read"])

        for path in ["acme", Fixture.acme.description] {
            let permit = try authorizer.authorize(ada, to: .pluginRead, in: path)
            #expect(permit.scope.tenant == Fixture.acme && permit.principal == ada && permit.action == .pluginRead)
        }
        #expect(throws: Denial.foreignTenant) { try authorizer.authorize(ada, to: .pluginRead, in: Fixture.globex.description) }
    }

    @Test("only the platform's tenant reaches the platform")
    func platform() async throws {
        let house = try await House()
        let operatorPermit = try authorizer.authorize(
            try await house.principal(["plugin.manage"], in: Fixture.platform), to: .pluginInstall)
        let customerPermit = try authorizer.authorize(try await house.principal(["plugin.manage"]), to: .pluginInstall)

        #expect(try authorizer.platform(operatorPermit).reason.contains("plugin.install"))
        #expect(throws: Denial.platformOnly(.pluginInstall)) { try authorizer.platform(customerPermit) }
        #expect(throws: Denial.platformOnly(.pluginInstall)) { try authorizer.platform(Fixture.permit(.pluginInstall)) }
    }

    @Test("a webhook may hand in its event and nothing else")
    func webhook() async throws {
        let hook = try await House().authenticator.principal(
            webhookInstance: .make(), tenant: Fixture.acme, slug: TenantSlug("acme")!)

        #expect(try authorizer.authorize(hook, to: .invokeWebhook).scope.tenant == Fixture.acme)
        for action in [Action.invokePayment, .pluginRead, .auditRead, .sessionOwn] {
            #expect(throws: Denial.missingPermission(action)) { try authorizer.authorize(hook, to: action) }
        }
        #expect(hook.actor.hasPrefix("webhook:"))
    }

    @Test(
        "a plugin is granted what it asks for and an administrator approved",
        arguments: [
            ("http", Denial?.none), ("", nil), ("storage", .capabilityNotApproved("storage")),
            ("events", .capabilityNotRequested("events")),
            ("HTTP", .capabilityNotRequested("HTTP")),
        ])
    func gate(capability: String, expected: Denial?) throws {
        let gate = CapabilityGate(plugin: PluginID("stripe")!, requested: ["http", "storage"], approved: ["http", "events"])
        let permit = Fixture.permit(.invokePayment)

        if let expected {
            #expect(throws: expected) { try gate.grant("f", needing: capability, under: permit) }
        } else {
            let grant = try gate.grant("f", needing: capability, under: permit)
            #expect(grant.permit == permit && grant.hostFunction == "f" && grant.scope.tenant == Fixture.acme)
        }
        #expect(gate.granted == ["http"])
    }
}
