// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a plugin is for; each kind is a contract of its own.
public enum PluginKind: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case paymentGateway = "payment_gateway"
    case twoFactor = "two_factor"
    case notifier

    /// The name in manifests.
    public var description: String { rawValue }

    /// The member of the manifest that holds what only this kind declares.
    public var profileKey: String {
        switch self {
        case .paymentGateway: "gateway"
        case .twoFactor: "factor"
        case .notifier: "notifier"
        }
    }
}
