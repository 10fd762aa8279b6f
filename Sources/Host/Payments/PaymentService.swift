// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import PluginAPI
public import Security
package import Storage
internal import Synchronization
internal import Values

/// Times and patience of the payments room.
package struct PaymentPolicy: Sendable, Hashable {
    /// When to ask again about what is not known.
    package var schedule = ReconcileSchedule.standard
    /// How long a call may be in flight before another host believes its owner dead; beyond every wall-clock limit of a call.
    package var lease: Duration = .seconds(120)
    /// How long an answer is kept for its Idempotency-Key.
    package var answers: Duration = .seconds(35 * 86_400)
    /// How often a webhook that cannot be dealt with is tried before it waits for the provider to repeat it.
    package var webhookTries = 8
    /// Whether customers may be sent to this machine; for development only.
    package var allowsLoopbackLinks = false

    package init() {}
}

/// Charges customers through plugins, and holds the truth about their money.
///
/// A call to a provider stands between two transactions: the first writes the attempt, the remembered request and the
/// start of the audit before anything leaves, the second what it came to. Whatever dies between them leaves an attempt
/// that is found and asked about, never repeated blindly.
public final class PaymentService: Sendable {
    let database: any Database
    let gateways: GatewayPort
    let encryption: EncryptionService
    let system: SystemAuthority
    let clock: HostClock
    private let currentRun: @Sendable () -> HostRun
    let policy: PaymentPolicy
    /// Rings when there is work that should not wait for the next round.
    let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation
    /// Calls that this host could not write to their end.
    let unfinished = Mutex<[CallID: TenantID]>([:])

    package init(
        database: any Database, gateways: GatewayPort, encryption: EncryptionService, system: SystemAuthority, clock: HostClock = .system,
        run: HostRun = .current(), currentRun: (@Sendable () -> HostRun)? = nil, policy: PaymentPolicy = PaymentPolicy()
    ) {
        self.database = database
        self.gateways = gateways
        self.encryption = encryption
        self.system = system
        self.clock = clock
        self.currentRun = currentRun ?? { run }
        self.policy = policy
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Under which name this host claims work; another one once it was taken for dead.
    var run: HostRun { currentRun() }

    /// Rings the reconciler.
    func wake() { waker.yield() }

    // MARK: Reading

    /// The payment with its refunds.
    ///
    /// One that does not exist here is audited as a denied read: it may be somebody else's.
    public func get(_ permit: Permit, _ id: PaymentID, origin: CallOrigin) async throws -> Payment {
        try permit.require("payment:\(id)")
        let found = try await database.read(permit.scope) { tx in try Self.view(id, in: tx) }
        if let found { return found }
        try await denyUnknown(permit, id, action: "payment.read", origin: origin)
        throw Self.notFound
    }

    // MARK: Shared by the operations

    /// A permit for something else does not do, whoever hands it in.
    func demand(_ action: Action, _ permit: Permit, on payment: PaymentID? = nil) throws(Denial) {
        guard PermissionSet(patterns: [permit.action.rawValue]).covers(action) else { throw .missingPermission(action) }
        if let payment { try permit.require("payment:\(payment)") }
    }

    static let notFound = HostError(.notFound, "there is no such payment")

    static func view(_ id: PaymentID, in tx: TenantTransaction) throws -> Payment? {
        let payments = PaymentRepository(tx)
        return try payments.find(id)?.view(refunds: try payments.refunds(of: id))
    }

    /// A payment that is asked for and not there leaves its trace with the tenant that asked.
    func denyUnknown(_ permit: Permit, _ id: PaymentID, action: String, origin: CallOrigin) async throws {
        try await audit(permit, action, resource: "payment:\(id)", .denied, ["reason": "not_found"], origin)
    }

    func audit(
        _ permit: Permit, _ action: String, resource: String, _ outcome: AuditOutcome, _ detail: [String: Value], _ origin: CallOrigin
    ) async throws {
        let event = AuditEvent(
            occurredAt: clock.nowMilliseconds(), tenant: permit.scope.tenant, actor: permit.principal.actor, action: action,
            resource: resource, outcome: outcome, detail: detail, correlation: origin.correlation, address: origin.address)
        try await database.append(permit.scope, event)
    }

    /// Refuses an operation, and writes down that it did.
    func refuse(_ permit: Permit, _ operation: String, resource: String, _ error: HostError, _ origin: CallOrigin) async throws -> HostError
    {
        try await audit(
            permit, "payment.refused", resource: resource, .denied,
            ["operation": .string(operation), "reason": .string(error.code.description)], origin)
        return error
    }

    /// The judge for what an instance says.
    func judge(_ instance: PluginInstance) -> PaymentJudge {
        PaymentJudge(links: instance.manifest.links(config: { instance.config[$0]?.stringValue }, loopback: policy.allowsLoopbackLinks))
    }

    func book(_ tx: TenantTransaction, _ permit: Permit, _ origin: CallOrigin) -> PaymentBook {
        PaymentBook(
            tx: tx, actor: permit.principal.actor, correlation: origin.correlation, address: origin.address,
            nowMs: clock.nowMilliseconds(), schedule: policy.schedule)
    }
}
