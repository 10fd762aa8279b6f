// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What an audited action is done to.
public struct AuditSubject: Sendable, Hashable {
    /// To what, such as `payment:<id>`.
    public var resource: String
    /// A few named facts that are known before it begins.
    public var detail: [String: Value]
    /// What ties the events of one request together.
    public var correlation: String
    /// Where the request came from.
    public var address: String?

    /// Names what is about to be done.
    public init(resource: String, detail: [String: Value] = [:], correlation: String, address: String? = nil) {
        self.resource = resource
        self.detail = detail
        self.correlation = correlation
        self.address = address
    }
}

/// The obligation to record how something ended.
///
/// No record of the beginning, no run.
///
/// It cannot be copied and is used up by closing it. One that is dropped, or whose closing could not be written,
/// leaves an `abandoned` event in the ``AuditFallback``.
public struct PendingAudit: ~Copyable, Sendable {
    private let permit: Permit
    private let subject: AuditSubject
    private let started: EventID
    private var fallback: AuditFallback?

    private init(permit: Permit, subject: AuditSubject, started: EventID, fallback: AuditFallback) {
        self.permit = permit
        self.subject = subject
        self.started = started
        self.fallback = fallback
    }

    /// Appends `started` to an open transaction, which the caller must see committed before anything runs.
    public static func begin(
        _ permit: Permit, _ subject: AuditSubject, into log: some AuditAppending, fallback: AuditFallback
    ) throws -> PendingAudit {
        let event = startEvent(permit, subject)
        try log.append(event)
        return PendingAudit(permit: permit, subject: subject, started: event.id, fallback: fallback)
    }

    /// Hands `started` to a closure that commits it, for instance together with the row that it tells of.
    ///
    /// A transaction's body can neither return nor capture something that is not copyable, so the event goes in
    /// and the obligation exists only after the closure has returned.
    public static func begin(
        _ permit: Permit, _ subject: AuditSubject, fallback: AuditFallback, committing write: (AuditEvent) async throws -> Void
    ) async throws -> PendingAudit {
        let event = startEvent(permit, subject)
        try await write(event)
        return PendingAudit(permit: permit, subject: subject, started: event.id, fallback: fallback)
    }

    /// Appends the end to an open transaction.
    public consuming func close(
        _ outcome: AuditOutcome, detail: [String: Value] = [:], into log: some AuditAppending
    ) throws {
        try log.append(event(outcome, detail))
        fallback = nil
    }

    /// Hands the end to a closure that commits it; when the closure throws, the obligation counts as abandoned.
    public consuming func close<Result>(
        _ outcome: AuditOutcome, detail: [String: Value] = [:], committing write: (AuditEvent) async throws -> Result
    ) async throws -> Result {
        let result = try await write(event(outcome, detail))
        fallback = nil
        return result
    }

    /// The `started` event's id, which the closing event carries as `started` in its detail.
    public var startedEvent: EventID { started }

    private static func startEvent(_ permit: Permit, _ subject: AuditSubject) -> AuditEvent {
        AuditEvent(
            of: permit, resource: subject.resource, outcome: .started, detail: subject.detail,
            correlation: subject.correlation, address: subject.address)
    }

    private func event(_ outcome: AuditOutcome, _ detail: [String: Value]) -> AuditEvent {
        var detail = detail
        detail["started"] = .string(started.description)
        return AuditEvent(
            of: permit, resource: subject.resource, outcome: outcome, detail: detail,
            correlation: subject.correlation, address: subject.address)
    }

    /// A dropped obligation is a bug, and it is recorded as one.
    deinit {
        fallback?.record(event(.abandoned, [:]))
    }
}
