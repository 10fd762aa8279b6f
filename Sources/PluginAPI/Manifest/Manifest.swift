// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Security
public import Values

/// What a plugin declares about itself in `plugin.json`.
///
/// Every value of this type has passed every check.
public struct Manifest: Sendable, Hashable {
    /// An event that the plugin wants to hear of.
    public struct Hook: Sendable, Hashable {
        /// The event's name.
        public let event: String
        /// The version of its payload.
        public let version: Int
    }

    /// The plugin's id, unique on a host.
    public let id: PluginID
    /// What people call it.
    public let name: String
    /// Its version.
    public let version: SemanticVersion
    /// What it does, in a sentence.
    public let summary: String
    /// Who wrote it.
    public let author: String?
    /// SPDX expression.
    public let license: String?
    /// Where to read more.
    public let homepage: String?
    /// Versions of the panel that it works with; nil for any.
    public let panel: VersionRange?
    /// What it is for.
    public let kind: PluginKind
    /// The file that runs.
    public let entry: String
    /// The operations that it implements, in the order of the contract.
    public let operations: [String]
    /// Events that it wants to hear of.
    public let hooks: [Hook]
    /// What it asks to reach; what is in force is the intersection with the administrator's approval.
    public let requestedCapabilities: Capabilities
    /// Its settings.
    public let config: ConfigSchema
    /// What an invocation may use; within the host's caps.
    public let limits: PluginLimits
    /// What only its kind declares.
    public let profile: KindProfile
    /// The manifest as it was read, without what the host does not know.
    public let value: Value

    /// Reads what ``UnverifiedManifest`` has passed.
    init(known value: Value, id: PluginID, kind: PluginKind, version: SemanticVersion) {
        self.value = value
        self.id = id
        self.kind = kind
        self.version = version
        name = value["name"]?.stringValue ?? id.description
        summary = value["description"]?.stringValue ?? ""
        author = value["author"]?.stringValue
        license = value["license"]?.stringValue
        homepage = value["homepage"]?.stringValue
        panel = value["panel1"]?.stringValue.flatMap(VersionRange.init)
        entry = value["entry"]?.stringValue ?? "main.lua"
        let declared = Set((value["operations"]?.arrayValue ?? []).compactMap(\.stringValue))
        operations = Operation.all(for: kind).map(\.name).filter(declared.contains)
        hooks = (value["hooks"]?.arrayValue ?? []).compactMap { hook in
            hook["event"]?.stringValue.map { Hook(event: $0, version: Int(hook["version"]?.intValue ?? 1)) }
        }
        requestedCapabilities = Capabilities(known: value["capabilities"] ?? [:])
        config = ConfigSchema(known: value["config_schema"] ?? [:])
        limits = PluginLimits(known: value["limits"])
        profile = KindProfile(known: value[kind.profileKey] ?? [:], kind: kind)
    }

    /// The gateway's declaration, if it is one.
    public var gateway: GatewayProfile? {
        if case .gateway(let profile) = profile { return profile }
        return nil
    }

    /// The factor's declaration, if it is one.
    public var factor: FactorProfile? {
        if case .factor(let profile) = profile { return profile }
        return nil
    }

    /// The notifier's declaration, if it is one.
    public var notifier: NotifierProfile? {
        if case .notifier(let profile) = profile { return profile }
        return nil
    }

    /// How webhooks are verified, if the kind's declaration has any.
    public var webhook: WebhookProfile? { gateway?.webhook ?? factor?.webhook ?? notifier?.webhook }

    /// Whether the plugin implements an operation.
    public func implements(_ operation: String) -> Bool { operations.contains(operation) }

    /// The rule for links in this plugin's answers: https, on a host that it declares.
    ///
    /// - Parameters:
    ///   - config: gives the URL in a configuration field, for destinations that a tenant configures.
    ///   - loopback: also allow http on the machine itself; for development only.
    public func links(config: (String) -> String? = { _ in nil }, loopback: Bool = false) -> LinkRule {
        var hosts = gateway?.redirectHosts ?? []
        for destination in requestedCapabilities.http {
            switch destination.place {
            case .host(let host, _): hosts.insert(host)
            case .config(let field): if let host = config(field).flatMap({ try? RequestTarget($0).host }) { hosts.insert(host) }
            }
        }
        return LinkRule(hosts: hosts, allowsLoopback: loopback)
    }
}
