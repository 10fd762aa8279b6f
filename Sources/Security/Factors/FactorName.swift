// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Which of their second factors a user shows.
public struct FactorName: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    /// `totp`, `backup_code`, or `plugin:` and the id of a plugin that delivers codes.
    public let rawValue: String

    /// Reads a name; nil for what no factor is called.
    public init?(rawValue: String) {
        guard rawValue == "totp" || rawValue == "backup_code" || Self.plugin(rawValue) != nil else { return nil }
        self.rawValue = rawValue
    }

    private init(known name: String) { rawValue = name }

    /// Codes of an authenticator app.
    public static let totp = FactorName(known: "totp")
    /// Codes on paper, for when the others are lost.
    public static let backupCode = FactorName(known: "backup_code")

    /// Codes that a plugin delivers.
    public static func plugin(_ id: PluginID) -> FactorName { FactorName(known: "plugin:\(id)") }

    /// The plugin that delivers its codes, where one does.
    public var plugin: PluginID? { Self.plugin(rawValue) }

    private static func plugin(_ name: String) -> PluginID? {
        name.hasPrefix("plugin:") ? PluginID(String(name.dropFirst(7))) : nil
    }

    /// How the session remembers it (RFC 8176): every one of them is a one-time password, and with it there were two factors.
    var methods: [String] { ["otp", "mfa"] }

    /// The name.
    public var description: String { rawValue }
    /// By spelling.
    public static func < (left: FactorName, right: FactorName) -> Bool { left.rawValue < right.rawValue }
}
