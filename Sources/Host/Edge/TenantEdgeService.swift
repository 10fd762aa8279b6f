// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Synchronization
import Values

/// From where tenants are used: what their administrators say, and what browsers ask before they know whose data they are after.
package final class TenantEdgeService: Sendable {
    private let database: any Database
    private let authority: SystemAuthority
    private let clock: HostClock
    private let named = Mutex<[String: (isNamed: Bool, until: ContinuousClock.Instant)]>([:])

    /// How long an answer about an origin is kept, at most.
    private static let freshness = Duration.seconds(1)
    private static let capacity = 1024

    package init(database: any Database, authority: SystemAuthority, clock: HostClock) {
        (self.database, self.authority, self.clock) = (database, authority, clock)
    }

    /// The ranges of addresses.
    package func ranges(_ permit: Permit) async throws -> [TenantEdgeRepository.Range] {
        try PluginRegistry.require(permit, .networkManage)
        return try await database.read(permit.scope) { try TenantEdgeRepository($0).ranges() }
    }

    /// The origins.
    package func origins(_ permit: Permit) async throws -> [TenantEdgeRepository.Origin] {
        try PluginRegistry.require(permit, .networkManage)
        return try await database.read(permit.scope) { try TenantEdgeRepository($0).origins() }
    }

    /// Who must still be let in after a change of the addresses.
    package enum Keeping: Sendable, Hashable {
        /// Whoever comes from there: an administrator who asks for the change.
        case address(String)
        /// Nobody: the change is meant as it is.
        case nobody
    }

    /// Sets what a range is for.
    package func set(
        _ range: NetworkPrefix, _ verdict: NetworkRules.Verdict, keeping: Keeping, _ permit: Permit, at origin: CallOrigin
    ) async throws {
        try PluginRegistry.require(permit, .networkManage)
        let now = clock.nowMilliseconds()
        let event = event(permit, verdict.rawValue, ["range": .string(range.unmapped.description)], keeping, origin)
        try await database.transaction(permit.scope) { tx in
            try TenantEdgeRepository(tx).begin()
            try Self.keep(keeping, TenantEdgeRepository(tx).set(range, verdict, by: permit.principal.actor, at: now))
            try tx.append(event)
        }
    }

    /// Takes a range out.
    package func remove(_ range: NetworkPrefix, keeping: Keeping, _ permit: Permit, at origin: CallOrigin) async throws {
        try PluginRegistry.require(permit, .networkManage)
        let event = event(permit, "removed", ["range": .string(range.unmapped.description)], keeping, origin)
        try await database.transaction(permit.scope) { tx in
            try TenantEdgeRepository(tx).begin()
            guard let rules = try TenantEdgeRepository(tx).remove(range) else {
                throw HostError(.notFound, "there is no rule for \(range.unmapped)")
            }
            try Self.keep(keeping, rules)
            try tx.append(event)
        }
    }

    /// Lets pages of an origin read answers.
    ///
    /// - Parameter text: in the spelling that browsers send.
    package func add(origin text: String, _ permit: Permit, at origin: CallOrigin) async throws {
        try PluginRegistry.require(permit, .networkManage)
        let now = clock.nowMilliseconds()
        let event = event(permit, "origin_added", ["origin": .string(text)], nil, origin)
        try await database.transaction(permit.scope) { tx in
            try TenantEdgeRepository(tx).begin()
            if try TenantEdgeRepository(tx).add(text, by: permit.principal.actor, at: now) { try tx.append(event) }
        }
    }

    /// Takes an origin out.
    package func remove(origin text: String, _ permit: Permit, at origin: CallOrigin) async throws {
        try PluginRegistry.require(permit, .networkManage)
        let event = event(permit, "origin_removed", ["origin": .string(text)], nil, origin)
        try await database.transaction(permit.scope) { tx in
            try TenantEdgeRepository(tx).begin()
            guard try TenantEdgeRepository(tx).remove(origin: text) else { throw HostError(.notFound, "there is no such origin") }
            try tx.append(event)
        }
    }

    /// Whether some tenant names an origin; what was true a second ago at most.
    ///
    /// Nothing is read or changed on the strength of it: it is the answer to a browser's question in advance.
    package func isNamed(_ origin: String) async throws -> Bool {
        guard origin.utf8.count <= 300 else { return false }
        let now = ContinuousClock.now
        if let known = named.withLock({ $0[origin] }), now < known.until { return known.isNamed }
        let isNamed = try await database.platformReadOne(authority.platform("origin look-up")) {
            try TenantEdgeRepository.isNamed(origin, $0)
        }
        named.withLock { named in
            // A stranger may ask for as many as he likes.
            if named.count >= Self.capacity { named.removeAll(keepingCapacity: true) }
            named[origin] = (isNamed, now + Self.freshness)
        }
        return isNamed
    }

    /// Whether one tenant names an origin, now.
    package func isNamed(_ origin: String, by tenant: TenantID) async throws -> Bool {
        try await database.platformReadOne(authority.platform("origin look-up")) {
            try TenantEdgeRepository.isNamed(origin, by: tenant, $0)
        }
    }

    private static func keep(_ keeping: Keeping, _ rules: NetworkRules) throws {
        guard case .address(let text) = keeping, !rules.admit(IPAddress(text)) else { return }
        throw HostError(
            .custom("would_lock_out"),
            "After this change \(text.isEmpty ? "your own address" : text), where you come from, would not be let in: nothing was changed. "
                + "Allow that address first, or say that it is meant with force.")
    }

    private func event(
        _ permit: Permit, _ change: String, _ detail: [String: Value], _ keeping: Keeping?, _ origin: CallOrigin
    ) -> AuditEvent {
        var detail = detail
        detail["change"] = .string(change)
        if keeping == .nobody { detail["forced"] = true }
        return AuditEvent(
            of: permit, resource: "tenant:\(permit.scope.tenant)", outcome: .success, detail: detail,
            correlation: origin.correlation, address: origin.address)
    }
}
