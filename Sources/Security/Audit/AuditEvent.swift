// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// One thing that happened, as the audit trail keeps it.
///
/// Small on purpose: what is worth knowing is named in `detail` by whoever records it, never a copied request.
/// Over-long fields are cut, and values under secret-looking keys are blanked, before anything is hashed.
public struct AuditEvent: Hashable, Sendable {
    /// The event's own identity.
    public let id: EventID
    /// When, in milliseconds since 1970.
    public let occurredAt: Int64
    /// In whose trail it stands.
    public let tenant: TenantID
    /// Who, such as `user:<id>`; see ``Principal/actor``.
    public let actor: String
    /// What, such as `plugin.enable`.
    public let action: String
    /// To what, such as `plugin:stripe`.
    public let resource: String
    /// How it ended.
    public let outcome: AuditOutcome
    /// A few named facts.
    public let detail: [String: Value]
    /// What ties the events of one request together.
    public let correlation: String
    /// Where the request came from, if it came from anywhere; kept sealed under the key of whoever acted.
    public let address: String?
    /// Facts about a person, such as an e-mail address; kept sealed under that person's key.
    public let personal: [String: Value]
    /// Whom ``personal`` tells of; nil for the one who acted.
    public let about: PersonalSubject?

    /// Facts per event, at most.
    public static let maximumDetails = 24

    /// Records what happened; see the type for what is cut.
    public init(
        id: EventID = .make(), occurredAt: Int64 = WallClock.system.now(), tenant: TenantID, actor: String, action: String,
        resource: String, outcome: AuditOutcome, detail: [String: Value] = [:], correlation: String, address: String? = nil,
        personal: [String: Value] = [:], about: PersonalSubject? = nil
    ) {
        self.id = id
        self.occurredAt = occurredAt
        self.tenant = tenant
        self.actor = Self.clip(actor, to: 192)
        self.action = Self.clip(action, to: 160)
        self.resource = Self.clip(resource, to: 256)
        self.outcome = outcome
        self.detail = Self.trimmed(detail)
        self.correlation = Self.clip(correlation, to: 160)
        self.address = address.map { Self.clip($0, to: 64) }
        // Not scrubbed: what a scrubber takes out is what stands here on purpose.
        self.personal = Self.shortened(personal)
        self.about = about
    }

    /// The event that a permitted principal causes.
    public init(
        of permit: Permit, resource: String, outcome: AuditOutcome, detail: [String: Value] = [:], correlation: String,
        address: String? = nil, personal: [String: Value] = [:], about: PersonalSubject? = nil
    ) {
        self.init(
            tenant: permit.scope.tenant, actor: permit.principal.actor, action: permit.action.rawValue, resource: resource,
            outcome: outcome, detail: detail, correlation: correlation, address: address, personal: personal, about: about)
    }

    /// `detail` as the trail stores and hashes it: canonical JSON.
    public var detailText: String {
        JSON.text(.map(detail))
    }

    private static func trimmed(_ detail: [String: Value]) -> [String: Value] {
        Redactor.standard.scrub(shortened(detail))
    }

    private static func shortened(_ facts: [String: Value]) -> [String: Value] {
        var kept: [String: Value] = [:]
        for key in facts.keys.sorted().prefix(maximumDetails) {
            kept[clip(key, to: 64)] = facts[key].map { shortened($0, depth: 0) }
        }
        return kept
    }

    private static func shortened(_ value: Value, depth: Int) -> Value {
        switch value {
        case .string(let text): .string(clip(text, to: 512))
        case .array(let items): depth >= 2 ? .string("[cut]") : .array(items.prefix(32).map { shortened($0, depth: depth + 1) })
        case .map(let members):
            depth >= 2
                ? .string("[cut]")
                : .map(
                    Dictionary(
                        members.sorted { $0.key < $1.key }.prefix(32).map { (clip($0.key, to: 64), shortened($0.value, depth: depth + 1)) },
                        uniquingKeysWith: { first, _ in first }))
        case .null, .bool, .int, .double: value
        // Bytes have no form of their own in JSON, and would read back as something else.
        case .bytes(let bytes): .string("[\(bytes.count) bytes]")
        case .secret: .string("[secret]")
        }
    }

    private static func clip(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var cut = text.prefix(limit)
        while cut.utf8.count > limit { cut.removeLast() }
        return String(cut)
    }
}
