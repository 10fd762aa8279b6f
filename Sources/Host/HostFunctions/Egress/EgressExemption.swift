// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// An operator's decision that plugins may reach one place which the address rules refuse.
///
/// Only the operator makes these, one by one, on the command line or in the configuration; no tenant and no plugin can.
public struct EgressExemption: Hashable, Sendable, CustomStringConvertible {
    /// What was decided.
    package enum Rule: Hashable, Sendable {
        case allow(origin: String)
        case reroute(origin: String, to: EgressURL)
    }

    /// What was decided.
    package let rule: Rule

    /// Plain `http` and special-purpose addresses are accepted for this origin, for example `http://127.0.0.1:9000`.
    public static func allow(_ origin: String) throws -> EgressExemption {
        EgressExemption(rule: .allow(origin: try Self.origin(origin).origin))
    }

    /// Requests for one origin are sent to another: a plugin that asks for `https://api.stripe.com` reaches a simulator, unchanged.
    ///
    /// The `Host` header keeps the name that the plugin asked for.
    public static func reroute(_ origin: String, to target: String) throws -> EgressExemption {
        EgressExemption(rule: .reroute(origin: try Self.origin(origin).origin, to: try Self.origin(target)))
    }

    /// Reads the flag's form: `ORIGIN` allows, `ORIGIN=TARGET` reroutes.
    public init(parsing text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        self = parts.count == 2 ? try .reroute(parts[0], to: parts[1]) : try .allow(parts[0])
    }

    private init(rule: Rule) { self.rule = rule }

    /// `ORIGIN`, or `ORIGIN → TARGET`: shown at the start and by `doctor`.
    public var description: String {
        switch rule {
        case .allow(let origin): origin
        case .reroute(let origin, let target): "\(origin) → \(target.origin)"
        }
    }

    private static func origin(_ text: String) throws(EgressURLError) -> EgressURL {
        let url = try EgressURL(text)
        guard url.path == "/", url.query == nil else {
            throw EgressURLError("an exemption names scheme, host and port only, for example http://127.0.0.1:9000")
        }
        return url
    }
}
