// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
import PluginAPI
package import Security
import ServiceLifecycle
package import Storage
package import Values

/// Sends what is queued. Any number of hosts may run it on one database: a row belongs to whoever holds its lease.
package final class NotificationDispatcher: Service {
    /// How long a claimed row is nobody else's, in milliseconds; longer than any invocation may take.
    private static let lease: Int64 = 120_000
    private static let batch = 16
    private static let pollInterval = Duration.seconds(1)

    private let database: any Database
    private let directory: PluginDirectory
    private let pipeline: InvocationPipeline
    private let authority: SystemAuthority
    private let encryption: EncryptionService?
    private let clock: HostClock
    private let logger: Logger
    private let owner: @Sendable () -> String
    private let wakeUps: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// - Parameter encryption: what opens new addresses that wait; without it, messages to them wait.
    package init(
        database: any Database, directory: PluginDirectory, pipeline: InvocationPipeline, authority: SystemAuthority,
        encryption: EncryptionService? = nil, clock: HostClock, logger: Logger, owner: (@Sendable () -> String)? = nil
    ) {
        let own = Identifier<DispatcherSubject>.make().description
        self.owner = owner ?? { own }
        (self.database, self.directory, self.pipeline) = (database, directory, pipeline)
        (self.authority, self.encryption, self.clock, self.logger) = (authority, encryption, clock, logger)
        (wakeUps, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that there is something new; the dispatcher looks at once instead of at the next tick.
    package func wake() { waker.yield() }

    /// Sends until the service group shuts down. What is under way then is finished.
    package func run() async throws {
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [waker] in
                // Retries become due without anybody saying so.
                while !Task.isCancelled {
                    try await Task.sleep(for: Self.pollInterval)
                    waker.yield()
                }
            }
            for await _ in wakeUps.cancelOnGracefulShutdown() {
                do {
                    while try await sendDue() > 0 {}
                } catch {
                    logger.error("sending notifications failed; trying again", metadata: ["error": .string(String(describing: error))])
                }
            }
            group.cancelAll()
        }
    }

    /// Sends what is due now, once, and says how many rows that were.
    package func sendDue() async throws -> Int {
        let now = clock.nowMilliseconds()
        let tenants = try await database.platformRead(authority.platform("look for due notifications")) { tx in
            try DueNotifications(tx).tenants(at: now, limit: 64)
        }
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for tenant in tenants { group.addTask { try await self.sendDue(of: tenant) } }
            return try await group.reduce(0, +)
        }
    }

    private func sendDue(of tenant: TenantID) async throws -> Int {
        let permit = authority.permit(.invokeNotifier, in: tenant, as: "notifications")
        let now = clock.nowMilliseconds()
        let owner = self.owner()
        let claimed = try await database.transaction(permit.scope) { tx in
            let notifications = NotificationRepository(tx)
            try notifications.giveUpAbandoned(at: now)
            return try notifications.claim(owner: owner, at: now, leaseUntil: now + Self.lease, limit: Self.batch)
        }
        for record in claimed { try await send(record, of: owner, permit) }
        return claimed.count
    }

    private func send(_ record: NotificationRecord, of owner: String, _ permit: Permit) async throws {
        let instance: PluginInstance
        let message: Value
        do {
            instance = try await directory.instance(for: permit, id: record.instance)
            var queued = try JSON.parse(Array(record.message.utf8))
            if let order = try TokenOrder.take(from: &queued) {
                // Made now: the queue holds none. A message that is sent again carries another one, and the first is void.
                guard let (token, address) = try await mint(order, permit) else {
                    try await settle(
                        record, of: owner, permit, after: .failure("not_wanted", retryAfter: nil, isRetryable: false, isUnknown: false))
                    return
                }
                queued = order.filled(queued, token, to: address)
            }
            message = queued
        } catch {
            // Disabled, uninstalled or unreadable: the row stays, and is looked at again when its turn comes.
            let code = (error as? HostError)?.code ?? .unavailable
            try await settle(
                record, of: owner, permit, after: .failure(code.description, retryAfter: nil, isRetryable: true, isUnknown: false))
            return
        }
        let invocation = Invocation(
            permit: permit, instance: instance, operation: "send", request: message,
            subject: AuditSubject(
                resource: "notification:\(record.id)",
                detail: [
                    "event": "notification.send", "plugin": .string(record.plugin.description), "attempt": .int(Int64(record.attempts)),
                ],
                correlation: record.id.description),
            idempotencyKey: record.dedupeKey, attempt: record.attempts)
        let clock = self.clock
        do {
            try await pipeline.run(
                invocation,
                begin: { tx in
                    // The rows before this one took their time: the lease may be somebody else's by now.
                    let now = clock.nowMilliseconds()
                    guard try NotificationRepository(tx).start(record, owner: owner, at: now, leaseUntil: now + Self.lease) else {
                        throw LeaseLost()
                    }
                }
            ) { report, tx in
                let now = clock.nowMilliseconds()
                let next = Delivery(report).applied(to: record, at: now, jitter: Double.random(in: 0..<1))
                // Somebody else has taken the row over: their word counts.
                _ = try NotificationRepository(tx).settle(next, owner: owner, at: now)
            }
        } catch is LeaseLost {
            return
        } catch let error as HostError {
            try await settle(
                record, of: owner, permit, after: .failure(error.code.description, retryAfter: nil, isRetryable: true, isUnknown: false))
        }
    }

    /// A token for a user who still has a use for it, and the address that it goes to: theirs by now, whatever it was when it was queued.
    private func mint(_ order: TokenOrder, _ permit: Permit) async throws -> (token: OneTimeToken, address: String)? {
        let token = OneTimeToken.random(for: order.purpose)
        let now = clock.nowMilliseconds()
        var address: String?
        if order.purpose == .emailVerification {
            guard let waiting = try await newAddress(order, permit, at: now) else { return nil }
            address = waiting
        }
        let record = token.record(in: permit.scope.tenant, user: order.user, detail: order.detail, at: now)
        let waiting = address
        return try await database.transaction(permit.scope) { tx in
            let users = UserRepository(tx)
            guard try users.store(record, for: order.user, at: now), let user = try users.find(order.user) else { return nil }
            return (token, waiting ?? user.email)
        }
    }

    /// The address that a user has asked for by this very message, unless somebody has it.
    private func newAddress(_ order: TokenOrder, _ permit: Permit, at now: Int64) async throws -> String? {
        guard let encryption else { throw HostError(.unavailable, "nothing here opens addresses that wait") }
        let change = try await database.read(permit.scope) { try EmailChangeRepository($0).find(of: order.user, at: now) }
        guard let change, order.detail["change"] == .string(change.id),
            let address = try await encryption.openPersonal(
                change.address, at: EmailChange.place(change.id), permit.scope
            ).revealedText(),
            try await database.read(permit.scope, { try UserRepository($0).find(email: address) }) == nil
        else { return nil }
        return address
    }

    private struct LeaseLost: Error {}

    private func settle(_ record: NotificationRecord, of owner: String, _ permit: Permit, after delivery: Delivery) async throws {
        let now = clock.nowMilliseconds()
        let next = delivery.applied(to: record, at: now, jitter: Double.random(in: 0..<1))
        _ = try await database.transaction(permit.scope) { tx in try NotificationRepository(tx).settle(next, owner: owner, at: now) }
    }
}

/// Marks the identifiers of dispatchers, as they stand in leases.
enum DispatcherSubject {}

/// What one try to deliver a message came to, and what follows from it.
package enum Delivery: Sendable, Hashable {
    case accepted(providerMessageIDs: [Value], isDelivered: Bool)
    case failure(String, retryAfter: Int64?, isRetryable: Bool, isUnknown: Bool)

    /// Reads the notifier's answer.
    package init(_ report: InvocationReport) {
        switch report.result {
        case .success(let value):
            let seconds = value["retry_after_s"]?.intValue
            switch value["status"]?.stringValue {
            case "accepted", "delivered":
                self = .accepted(
                    providerMessageIDs: value["provider_message_ids"]?.arrayValue ?? [], isDelivered: value["status"] == "delivered")
            case "deferred": self = .failure("deferred", retryAfter: seconds.map { $0 * 1000 }, isRetryable: true, isUnknown: false)
            default: self = .failure("rejected", retryAfter: nil, isRetryable: false, isUnknown: false)
            }
        case .failure(let failure):
            self = .failure(
                failure.code.rawValue, retryAfter: failure.retryAfterSeconds.map { $0 * 1000 }, isRetryable: failure.isRetryable,
                isUnknown: failure.outcome == .unknown)
        }
    }

    /// The row as it must be written.
    package func applied(to record: NotificationRecord, at now: Int64, jitter: Double) -> NotificationRecord {
        var next = record
        next.dueAt = nil
        switch self {
        case .accepted(let ids, let isDelivered):
            next.status = isDelivered ? .delivered : .accepted
            next.providerMessageIDs = JSON.text(.array(ids))
            next.failure = nil
        case .failure(let code, let retryAfter, let isRetryable, let isUnknown):
            next.failure = code
            if isUnknown && record.dropsUnknown {
                next.status = .unknown
            } else if !isRetryable && !isUnknown {
                next.status = .failed
            } else if let delay = RetrySchedule.delay(afterAttempts: record.attempts, retryAfter: retryAfter, jitter: jitter) {
                next.status = .queued
                next.dueAt = now + delay
            } else {
                next.status = .deadLetter
            }
        }
        return next
    }
}
