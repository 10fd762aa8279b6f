// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// One use of a refresh token, as the storage carries it out in one transaction.
///
/// 1. `UPDATE … SET state='rotated', child=$child, rotated_at=$now WHERE hash=$parent AND state='active' AND expires_at>$now`
///    and the session neither revoked nor past its end. If that changed a row: insert ``child``, append ``rotated``,
///    answer ``Outcome/rotated``.
/// 2. Otherwise read the parent, its child and the session, ask ``judge(parent:child:sessionIsLive:)``, and for
///    ``Outcome/reused`` revoke the session with all its tokens and append ``reused``.
public struct RefreshRotation: Sendable {
    /// What became of it.
    public enum Outcome: Sendable, Hashable {
        /// The child is inserted.
        case rotated
        /// The token was rotated a moment ago into the child of this hash, which is still unused: give out that child again.
        case replayed(child: [UInt8])
        /// An old token was used again: somebody has a copy. The whole family is revoked.
        case reused
        /// Expired, revoked or unknown.
        case refused
    }

    /// The hash of the token that was handed in.
    public let parent: [UInt8]
    /// The token that follows.
    public let child: RefreshRecord
    /// Now, in milliseconds.
    public let now: Int64
    /// For how long after its rotation a token may come again, in milliseconds.
    public let grace: Int64
    /// To append when the rotation happens.
    public let rotated: AuditEvent
    /// To append when the family is revoked.
    public let reused: AuditEvent

    init(parent: [UInt8], child: RefreshRecord, now: Int64, grace: Int64, rotated: AuditEvent, reused: AuditEvent) {
        self.parent = parent
        self.child = child
        self.now = now
        self.grace = grace
        self.rotated = rotated
        self.reused = reused
    }

    /// Decides about a token that could not be rotated.
    ///
    /// Only the immediate parent of the active token may come again, and only for a moment: two tabs of one browser.
    public func judge(parent: RefreshRecord?, child: RefreshRecord?, sessionIsLive: Bool) -> Outcome {
        guard let parent, sessionIsLive, parent.state == .rotated else { return .refused }
        if let rotatedAt = parent.rotatedAt, now - rotatedAt <= grace, now >= rotatedAt,
            let child, child.state == .active, child.expiresAt > now, child.hash == parent.child
        {
            return .replayed(child: child.hash)
        }
        return .reused
    }
}
