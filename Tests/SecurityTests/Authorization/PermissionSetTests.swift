// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

@Suite("PermissionSet")
struct PermissionSetTests {
    @Test(
        "a pattern covers whole segments only",
        arguments: [
            ("plugin.read", "plugin.read", true),
            ("plugin.invoke", "plugin.invoke.payment", true),
            ("plugin.invoke", "plugin.invoker", false),
            ("plugin.invoke.payment", "plugin.invoke", false),
            ("plugin.invoke.payment", "plugin.invoke.two_factor", false),
            ("plugin.manage", "plugin.install", true),
            ("plugin.manage", "plugin.logs.read", true),
            ("plugin.manage", "plugin.manage", true),
            ("plugin.manage", "plugins.read", false),
            ("plugin.manage", "audit.read", false),
            ("plugin", "plugin.enable", true),
            ("plugin.*", "plugin.enable", true),
            ("plugin.*", "plugin.logs.read", true),
            ("plugin.*", "plugin", false),
            ("*", "audit.read", true),
            ("*.read", "audit.read", true),
            ("*.read", "plugin.logs.read", false),
            ("*.*.read", "plugin.logs.read", true),
            ("plugin.*.read", "plugin.logs.write", false),
            ("plug*", "plugin.read", false),
            ("**", "plugin", false),
            ("*x", "plugin", false),
            ("plugin.read.*", "plugin.read", false),
            ("a.*.c", "a.b.c.d", true),
            ("a.*.c", "a.b", false),
            ("plugin.", "plugin.read", false),
            (".plugin", "plugin.read", false),
            ("", "plugin.read", false),
            ("Plugin.read", "plugin.read", false),
            ("plugin..read", "plugin..read", false),
            ("plugin.read", "", false),
            ("plugin.read", "plugin.read ", false),
            ("audit.read", "audit.read.all", true),
        ])
    func covers(pattern: String, action: String, expected: Bool) {
        #expect(PermissionSet(patterns: [pattern]).covers(Action(rawValue: action)) == expected)
    }

    @Test(
        "one grants only what one holds",
        arguments: [
            (["plugin.manage"], ["plugin.invoke.payment", "plugin.read"], true),
            (["plugin.invoke"], ["plugin.invoke.*"], true),
            (["plugin.*"], ["plugin.*"], true),
            (["plugin.read"], ["plugin.*"], false),
            (["plugin.read", "plugin.enable"], ["plugin.manage"], false),
            (["plugin.*"], ["plugin.manage"], false),
            (["*"], ["anything.at.all", "*"], true),
            (["plugin.read"], [], true),
            ([], ["plugin.read"], false),
        ])
    func grants(held: [String], wanted: [String], expected: Bool) {
        #expect(PermissionSet(patterns: held).covers(PermissionSet(patterns: wanted)) == expected)
    }

    @Test("the order and number of patterns do not matter")
    func equality() {
        #expect(PermissionSet(patterns: ["b.c", "a.b", "a.b", "!"]) == PermissionSet(patterns: ["a.b", "b.c"]))
    }

    @Test(
        "the built-in roles hold what they should",
        arguments: [
            (BuiltInRole.superAdmin, [Action.pluginInstall, .tenantManage, .auditRead, .pluginApproveCapabilities], [Action]()),
            (
                .admin,
                [
                    .pluginEnable, .pluginConfigure, .pluginInvoke, .invokePayment, .invokeNotifier, .pluginLogsRead, .pluginRead,
                    .pluginApproveCapabilities, .auditRead, .userManage, .sessionOwn, .roleManage, .roleRead, .resolveUnknownPayment,
                ],
                [.pluginInstall, .pluginUninstall, .tenantManage, .tenantActAs, .pluginManage]
            ),
            (.manager, [.pluginRead], [.pluginEnable, .pluginInvoke, .auditRead]),
            (.billingAgent, [.pluginRead, .invokePayment, .resolveUnknownPayment], [.pluginInvoke, .invokeTwoFactor, .pluginConfigure]),
            (.supportAgent, [.pluginRead], [.pluginInvoke, .auditRead]),
            (.technicalAgent, [.sessionOwn], [.pluginRead]),
            (.client, [.sessionOwn], [.pluginRead]),
            (.readOnly, [.sessionOwn], [.pluginRead]),
        ])
    func roles(role: BuiltInRole, holds: [Action], lacks: [Action]) {
        let set = PermissionSet(patterns: role.permissions)

        #expect(set.patterns == role.permissions)
        for action in holds { #expect(set.covers(action), "\(role) \(action)") }
        for action in lacks { #expect(!set.covers(action), "\(role) \(action)") }
        #expect(role.isAvailable(in: .platform))
        #expect(role.isAvailable(in: TenantSlug("acme")!) == (role != .superAdmin))
    }
}
