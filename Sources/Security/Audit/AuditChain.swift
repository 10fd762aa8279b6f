// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The rule that ties each audit event to all events before it.
///
/// `hash = SHA-256("panelhost.audit.link.v1", previous hash, sequence, event)`, every field with its length in front.
public enum AuditChain {
    /// The hash before the first event: one of its own for each tenant, so that trails cannot be exchanged.
    public static func genesis(_ tenant: TenantID) -> [UInt8] {
        Hash.sha256(LengthPrefixed("panelhost.audit.genesis.v1", tenant.description).bytes)
    }

    /// The hash of the event that takes the given place.
    public static func hash(previous: [UInt8], sequence: Int64, event: AuditEvent) -> [UInt8] {
        hash(previous: previous, sequence: sequence, canonical: event.canonicalBytes())
    }

    /// The hash that a stored row ought to carry.
    public static func hash(previous: [UInt8], row: AuditRow) -> [UInt8] {
        hash(previous: previous, sequence: row.sequence, canonical: row.canonicalBytes())
    }

    static func hash(previous: [UInt8], sequence: Int64, canonical: [UInt8]) -> [UInt8] {
        var fields = LengthPrefixed("panelhost.audit.link.v1")
        fields.append(previous)
        fields.append(sequence)
        fields.append(canonical)
        return Hash.sha256(fields.bytes)
    }
}
