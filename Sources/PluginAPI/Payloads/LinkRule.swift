// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// Which links an answer of a plugin may hold: https, on a host that the plugin declares.
///
/// People are sent there while they pay, so a plugin must not be able to choose the place freely.
public struct LinkRule: Sendable, Hashable {
    /// Hosts that are allowed; nil for every host.
    public var hosts: Set<String>?
    /// Whether http on the machine itself is allowed too; for development only.
    public var allowsLoopback: Bool

    /// A rule; without hosts every https link is allowed.
    public init(hosts: Set<String>? = nil, allowsLoopback: Bool = false) {
        self.hosts = hosts
        self.allowsLoopback = allowsLoopback
    }

    /// Any https link.
    public static let anyHTTPS = LinkRule()

    /// Why the link is refused, as the end of a sentence; nil when it is allowed.
    public func refusal(of url: String) -> String? {
        let target: RequestTarget
        // A link is for browsers: its fragment stays with them and is nobody's way around the rule.
        do { target = try RequestTarget(String(url.prefix { $0 != "#" })) } catch { return error.description }
        if allowsLoopback, target.isLoopback { return nil }
        guard target.scheme == .https else { return "must start with https://" }
        guard let hosts, !hosts.contains(target.host) else { return nil }
        return "is on a host that the manifest does not declare; add it to \"redirect_hosts\" in plugin.json"
    }

    func violations(_ value: Value, at names: [String]) -> [Violation] {
        var current: Value? = value
        for name in names { current = current?[name] }
        guard let url = current?.stringValue, let reason = refusal(of: url) else { return [] }
        return [Violation(ValuePath(names.map(ValuePath.Step.member)), reason)]
    }
}
