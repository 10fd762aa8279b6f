// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What is wrong with an audit trail, and where it first is.
public struct AuditFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The ways in which a trail can be tampered with.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The row at this place is not the row that was written.
        case altered
        /// There is no row at this place, and there are later ones.
        case missing
        /// The row that belongs at this place stands elsewhere.
        case reordered
        /// Two rows claim this place.
        case forked
        /// The trail ends before this place, and its head says that it should not.
        case truncated
        /// The trail is whole, but its head does not belong to it.
        case headMismatch = "head_mismatch"
    }

    /// The first bad place.
    public let sequence: Int64
    /// What is wrong there.
    public let kind: Kind

    /// A fault at a place.
    public init(sequence: Int64, kind: Kind) {
        self.sequence = sequence
        self.kind = kind
    }

    /// For an operator to read.
    public var description: String {
        switch kind {
        case .altered: "event \(sequence) was altered"
        case .missing: "event \(sequence) is missing"
        case .reordered: "event \(sequence) was moved to another place"
        case .forked: "two events claim the place \(sequence)"
        case .truncated: "the trail was cut: event \(sequence) and later ones are gone"
        case .headMismatch: "the head does not match the trail at event \(sequence)"
        }
    }
}

/// Checks a trail row by row, in the order of its sequence numbers, in constant memory.
///
/// After the first bad row it keeps looking only to tell a moved row from an altered one.
public struct AuditVerifier: Sendable {
    /// How many rows after a bad one are searched for the row that belongs there.
    static let searchWindow = 4096

    private let tenant: TenantID
    private var hash: [UInt8]
    private var last: Int64 = 0
    private var lastRow: AuditRow?
    private var fault: AuditFault?
    private var searched = 0

    /// How many rows are known to be good.
    public var verified: Int64 { last }

    /// A verifier for the trail of one tenant.
    public init(tenant: TenantID) {
        self.tenant = tenant
        hash = AuditChain.genesis(tenant)
    }

    /// Takes the next row.
    ///
    /// Answers false once nothing more can be learned from further rows.
    @discardableResult
    public mutating func consume(_ row: AuditRow) -> Bool {
        if let fault { return search(row, for: fault) }
        let expected = last + 1
        if row.sequence == expected, row.tenant == tenant.description, matches(row, at: expected) {
            hash = row.hash
            last = expected
            lastRow = row
            return true
        }
        let kind: AuditFault.Kind
        if row.sequence < expected {
            // The same row twice, or another one for a place that is taken.
            kind = .forked
        } else if row.sequence > expected {
            kind = matches(row, at: expected) ? .reordered : .missing
        } else {
            kind = .altered
        }
        fault = AuditFault(sequence: min(row.sequence, expected), kind: kind)
        return kind == .missing || kind == .altered
    }

    /// Says what was found; call it when there are no more rows.
    ///
    /// A trail without a head row has lost it.
    public func finish(head: AuditHead?) -> AuditFault? {
        if let fault { return fault }
        guard let head, head.tenant == tenant else {
            return last == 0 && head == nil ? nil : AuditFault(sequence: last, kind: .headMismatch)
        }
        if head.sequence > last { return AuditFault(sequence: last + 1, kind: .truncated) }
        if head.sequence < last || head.hash != hash { return AuditFault(sequence: head.sequence, kind: .headMismatch) }
        return nil
    }

    private mutating func search(_ row: AuditRow, for fault: AuditFault) -> Bool {
        guard fault.kind == .missing || fault.kind == .altered, searched < Self.searchWindow else { return false }
        searched += 1
        if matches(row, at: fault.sequence) {
            self.fault = AuditFault(sequence: fault.sequence, kind: .reordered)
            return false
        }
        return true
    }

    /// Whether the row, whatever number it carries, is the one that was written for the given place.
    private func matches(_ row: AuditRow, at sequence: Int64) -> Bool {
        AuditChain.hash(previous: hash, sequence: sequence, canonical: row.canonicalBytes()) == row.hash
    }
}
