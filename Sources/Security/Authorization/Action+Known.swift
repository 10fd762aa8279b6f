// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Action {
    /// Every action that this host itself knows, for administrators to choose from.
    public static let known: [Action] = [
        .accessReviewAttest, .accessReviewManage, .accessReviewRead, .auditRead, .factorPolicy, .factorReset, .invokeNotifier,
        .invokePayment, .invokeTwoFactor, .invokeWebhook, .networkManage,
        .pluginApproveCapabilities,
        .pluginConfigure, .pluginEnable, .pluginEventsReplay, .pluginInstall, .pluginInvoke, .pluginKill, .pluginLogsRead, .pluginManage,
        .pluginRead, .pluginUninstall, .resolveUnknownPayment, .roleManage, .roleRead, .sessionManage, .sessionOwn, .tenantActAs,
        .tenantManage, .userManage, .userPolicy, .userRead,
    ]

    /// What belongs to those who operate the installation, whichever tenant's roles name it.
    public static let ofOperators: Set<Action> = [.pluginInstall, .pluginUninstall, .pluginKill, .tenantActAs, .tenantManage]
}
