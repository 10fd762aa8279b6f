// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// One operation of a contract: a function that a plugin may or must implement.
public struct Operation: Sendable, Hashable {
    /// Whether a plugin has to implement it.
    public enum Need: Sendable, Hashable {
        case required
        case optional
        /// By what the manifest declares; the text says when.
        case when(String)

        /// For the reference.
        package var text: String {
            switch self {
            case .required: "required"
            case .optional: "optional"
            case .when(let condition): "required when \(condition)"
            }
        }
    }

    /// The kind of plugin.
    public let kind: PluginKind
    /// The function's name.
    public let name: String
    /// Whether a plugin has to implement it.
    public let need: Need
    /// What it is for.
    public let doc: String
    /// Whether it may change anything at the provider.
    ///
    /// One that may not is run again without fear.
    public let isMutating: Bool
    /// What the plugin gets as `req`.
    public let request: Schema
    /// What it answers beside `ok = true`.
    public let result: Schema

    init(
        _ kind: PluginKind, _ name: String, _ need: Need, isMutating: Bool = false, _ doc: String, request: [Schema.Field] = [],
        result: Schema
    ) {
        self.kind = kind
        self.name = name
        self.need = need
        self.doc = doc
        self.isMutating = isMutating
        self.request = .object("", request)
        self.result = result
    }

    /// All operations of a kind, in the order of the contract.
    public static func all(for kind: PluginKind) -> [Operation] {
        switch kind {
        case .paymentGateway: payment
        case .twoFactor: twoFactor
        case .notifier: notifier
        }
    }

    /// The operation of a kind with that name.
    public static func named(_ name: String, for kind: PluginKind) -> Operation? { all(for: kind).first { $0.name == name } }

    /// Whether this version of the host calls it.
    ///
    /// The others are settled, so that plugins can already have them.
    public var isServed: Bool {
        switch kind {
        case .paymentGateway: !["begin_save_method", "complete_save_method", "delete_method", "verify_webhook"].contains(name)
        case .twoFactor: ["validate_config", "normalize_destination", "deliver_code"].contains(name)
        case .notifier: ["validate_config", "send"].contains(name)
        }
    }

    /// An answer that holds nothing.
    static let nothing = Schema.object("", [])
}
