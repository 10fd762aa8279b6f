// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// One stored row of an audit trail, exactly as its columns read.
///
/// Hashing runs over the stored texts, not over parsed values: a byte that was changed without changing
/// the meaning is found all the same, and a row that no longer parses can still be named.
public struct AuditRow: Sendable, Hashable {
    /// The place in the tenant's trail, from 1.
    public var sequence: Int64
    /// Column `id`.
    public var id: String
    /// Column `occurred_at`, milliseconds.
    public var occurredAt: Int64
    /// Column `tenant_id`.
    public var tenant: String
    /// Column `actor`.
    public var actor: String
    /// Column `action`.
    public var action: String
    /// Column `resource`.
    public var resource: String
    /// Column `outcome`.
    public var outcome: String
    /// Column `detail`: canonical JSON.
    public var detail: String
    /// Column `correlation`.
    public var correlation: String
    /// Column `address`.
    public var address: String?
    /// Column `hash`, 32 bytes.
    public var hash: [UInt8]

    /// A row from its columns.
    public init(
        sequence: Int64, id: String, occurredAt: Int64, tenant: String, actor: String, action: String, resource: String,
        outcome: String, detail: String, correlation: String, address: String?, hash: [UInt8]
    ) {
        self.sequence = sequence
        self.id = id
        self.occurredAt = occurredAt
        self.tenant = tenant
        self.actor = actor
        self.action = action
        self.resource = resource
        self.outcome = outcome
        self.detail = detail
        self.correlation = correlation
        self.address = address
        self.hash = hash
    }

    /// The row that stores an event at its place.
    public init(sequence: Int64, event: AuditEvent, hash: [UInt8]) {
        self.init(
            sequence: sequence, id: event.id.description, occurredAt: event.occurredAt, tenant: event.tenant.description,
            actor: event.actor, action: event.action, resource: event.resource, outcome: event.outcome.rawValue,
            detail: event.detailText, correlation: event.correlation, address: event.address, hash: hash)
    }

    /// The detail as a value, or null when it no longer parses.
    public var detailValue: Value {
        (try? JSON.parse(Array(detail.utf8))) ?? .null
    }

    func canonicalBytes() -> [UInt8] {
        var fields = LengthPrefixed("panelhost.audit.event.v1", id)
        fields.append(occurredAt)
        for text in [tenant, actor, action, resource, outcome, detail, correlation] { fields.append(text) }
        // A missing address and an empty one are two things.
        fields.append(address == nil ? "-" : "+")
        fields.append(address ?? "")
        return fields.bytes
    }
}

/// The end of a tenant's trail, kept in a row of its own so that a cut tail shows.
public struct AuditHead: Sendable, Hashable {
    /// The tenant.
    public var tenant: TenantID
    /// The sequence of the last event; 0 for an empty trail.
    public var sequence: Int64
    /// The hash of the last event; the genesis hash for an empty trail.
    public var hash: [UInt8]

    /// A head from its columns.
    public init(tenant: TenantID, sequence: Int64, hash: [UInt8]) {
        self.tenant = tenant
        self.sequence = sequence
        self.hash = hash
    }

    /// The head of a trail that has no event yet.
    public init(emptyTrailOf tenant: TenantID) {
        self.init(tenant: tenant, sequence: 0, hash: AuditChain.genesis(tenant))
    }

    /// Places an event behind this head: the row to insert, and the head that follows.
    public func appending(_ event: AuditEvent) -> (row: AuditRow, head: AuditHead) {
        let next = sequence + 1
        let hash = AuditChain.hash(previous: self.hash, sequence: next, event: event)
        return (AuditRow(sequence: next, event: event, hash: hash), AuditHead(tenant: tenant, sequence: next, hash: hash))
    }
}
