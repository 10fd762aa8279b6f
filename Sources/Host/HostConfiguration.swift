// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What an operator decides about a host: the mode, the caps, the places that plugins may reach beyond the public internet.
public struct HostConfiguration: Sendable {
    /// Development mode exempts loopback, accepts unsigned plugins and says so wherever it shows itself.
    public var isDevelopment: Bool
    /// Whether archives without `signature.json` may be installed.
    public var allowsUnsigned: Bool
    /// The operator's exemptions from the egress rules.
    public var exemptions: [EgressExemption]
    /// Whether loopback needs no exemption of its own.
    public var allowsLoopbackEgress: Bool
    /// The version of the panel that plugins name in `panel1`.
    public var panelVersion: String
    /// The most that any manifest can ask for.
    public var caps: InvocationCaps

    /// Production's defaults; development mode loosens two of them.
    public init(
        isDevelopment: Bool = false, allowsUnsigned: Bool? = nil, exemptions: [EgressExemption] = [], allowsLoopbackEgress: Bool? = nil,
        panelVersion: String = "0.1.0", caps: InvocationCaps = InvocationCaps()
    ) {
        self.isDevelopment = isDevelopment
        self.allowsUnsigned = allowsUnsigned ?? isDevelopment
        self.exemptions = exemptions
        self.allowsLoopbackEgress = allowsLoopbackEgress ?? isDevelopment
        self.panelVersion = panelVersion
        self.caps = caps
    }
}

/// The host's own limits of one invocation; a manifest may ask for less, never for more.
public struct InvocationCaps: Sendable, Hashable {
    /// Processor time of the plugin's own code.
    public var cpu: Duration = .milliseconds(500)
    /// Wall-clock time, waiting for providers included.
    public var wall: Duration = .seconds(30)
    /// Bytes of one Lua state.
    public var memory = 16 << 20
    /// Host calls of every kind.
    public var hostCalls = 256
    /// HTTP requests.
    public var httpCalls = 16
    /// Bytes of log lines.
    public var logBytes = 32 << 10
    /// Bytes of one tenant's storage for one plugin.
    public var storageBytes = 4 << 20

    /// The defaults.
    public init() {}
}
