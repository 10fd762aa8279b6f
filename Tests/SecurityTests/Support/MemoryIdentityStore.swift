// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization

/// The identity tables, each method under one lock as a transaction would be.
final class MemoryIdentityStore: IdentityStore {
    struct Tenant {
        var id: TenantID
        var slug: TenantSlug
        var isActive = true
    }

    struct User {
        var id: UserID
        var tenant: TenantID
        var email: String
        var passwordHash: String
        var isActive = true
        var epoch: Int64 = 1
        var lanes: [String: Lane] = [:]
        var places: Set<String> = []
        var patterns: [String] = []
        var profile = PasswordProfile.nist
        var passwordChangedAt: Int64 = 0
        var passwordStandsAlone = true
        var lastSignInAt: Int64 = .max
        var dormantDays: Int64 = 0
    }

    struct Lane {
        var failures: Int64 = 0
        var retryAt: Int64 = 0
    }

    struct Session {
        var new: NewSession
        var tenant: TenantID
        var revokedAt: Int64?
        var lastSeenAt: Int64
    }

    struct State {
        var tenants: [TenantID: Tenant] = [:]
        var users: [UserID: User] = [:]
        var sessions: [SessionID: Session] = [:]
        var refresh: [[UInt8]: RefreshRecord] = [:]
        var keys: [APIKeyID: APIKeyRecord] = [:]
        var tokens: [[UInt8]: OneTimeTokenRecord] = [:]
        var devices: [DeviceID: DeviceRecord] = [:]
        var factors: [UserID: [FactorName]] = [:]
        var factorCounters: [String: FactorCounter] = [:]
        var factorPolicy = FactorPolicy.standard
        var shown: [SessionID: (at: Int64, methods: [String])] = [:]
        var rules: [TenantID: SessionRules] = [:]
        var audit: [AuditEvent] = []
        var edges: [TenantID: TenantEdge] = [:]
        var isBroken = false
        var notes = 0
    }

    struct Broken: Error {}

    let state = Mutex(State())

    func transaction<Result>(_ body: (inout sending State) throws -> sending Result) throws -> sending Result {
        try state.withLock { state in
            if state.isBroken { throw Broken() }
            return try body(&state)
        }
    }

    func account(_ scope: PlatformScope, slug: TenantSlug, email: String) async throws -> AccountLookup {
        try transaction { state in
            let tenant = state.tenants.values.first { $0.slug == slug }
            let platform = state.tenants.values.first { $0.slug == .platform }
            let user = state.users.values.first { $0.tenant == tenant?.id && $0.email == email.lowercased() }
            let account = tenant.flatMap { tenant in
                user.map { $0.record(in: tenant) }
            }
            return AccountLookup(tenant: tenant?.id, platform: platform?.id, account: account)
        }
    }

    func claimSignIn(
        _ scope: TenantScope, user: UserID, from origin: SignInOrigin, now: Int64, delay: @escaping @Sendable (Int64) -> Int64
    ) async throws -> Bool {
        try transaction { state in
            guard var row = state.users[user], row.tenant == scope.tenant else { return false }
            var lane = row.lanes[row.lane(origin)] ?? Lane()
            guard lane.retryAt <= now else { return false }
            lane.failures += 1
            lane.retryAt = now + delay(lane.failures)
            row.lanes[row.lane(origin)] = lane
            state.users[user] = row
            return true
        }
    }

    func releaseSignIn(_ scope: TenantScope, user: UserID, from origin: SignInOrigin, now: Int64) async throws {
        try transaction { state in
            guard let row = state.users[user], row.tenant == scope.tenant, var lane = row.lanes[row.lane(origin)], lane.failures > 0 else {
                return
            }
            lane.failures -= 1
            lane.retryAt = now
            state.users[user]?.lanes[row.lane(origin)] = lane
        }
    }

    func account(_ scope: TenantScope, user: UserID) async throws -> AccountRecord? {
        try transaction { state in
            guard let user = state.users[user], let tenant = state.tenants[scope.tenant], user.tenant == tenant.id else { return nil }
            return user.record(in: tenant)
        }
    }

    func suspendDormant(_ scope: TenantScope, user: UserID, now: Int64, audit: [AuditEvent]) async throws -> Bool {
        try transaction { state in
            guard state.users[user]?.tenant == scope.tenant else { return false }
            state.users[user]?.isActive = false
            state.audit += audit
            return true
        }
    }

    func resetSignIn(_ scope: TenantScope, user: UserID, from origin: SignInOrigin, now: Int64) async throws {
        try transaction { state in
            guard let row = state.users[user], row.tenant == scope.tenant else { return }
            state.users[user]?.lanes[row.lane(origin)] = nil
        }
    }

    func oneTimeToken(_ scope: PlatformScope, hash: [UInt8], purpose: OneTimeToken.Purpose) async throws -> OneTimeTokenRecord? {
        try transaction { state in state.tokens[hash].flatMap { $0.purpose == purpose ? $0 : nil } }
    }

    func insertToken(_ scope: TenantScope, _ token: OneTimeTokenRecord, audit: AuditEvent?) async throws {
        try transaction { state in
            state.tokens[token.hash] = token
            if let audit { state.audit.append(audit) }
        }
    }

    func openSession(
        _ scope: TenantScope, _ session: NewSession, audit: @escaping @Sendable ([SessionID]) -> [AuditEvent]
    ) async throws -> SessionOpening {
        try transaction { state in
            guard var user = state.users[session.user], user.isActive, user.epoch == session.epoch, user.tenant == scope.tenant else {
                throw Broken()
            }
            guard let ended = state.makeRoom(for: session, in: scope.tenant) else { return .full }
            user.lanes[user.lane(session.place)] = nil
            if let place = session.place.places.first { user.places.insert(place) }
            if let rehashed = session.rehashedPassword { user.passwordHash = rehashed }
            state.users[session.user] = user
            if let use = session.device { try state.use(use, by: session) }
            state.sessions[session.id] = Session(new: session, tenant: scope.tenant, lastSeenAt: session.createdAt)
            state.refresh[session.refresh.hash] = session.refresh
            state.audit += audit(ended)
            return .opened(ended: ended)
        }
    }

    func session(_ scope: TenantScope, id: SessionID) async throws -> SessionRecord? {
        try transaction { state in
            guard let session = state.sessions[id], session.tenant == scope.tenant, let user = state.users[session.new.user],
                let tenant = state.tenants[scope.tenant]
            else { return nil }
            return SessionRecord(
                id: id, tenant: scope.tenant, slug: tenant.slug, user: user.id, name: user.email,
                isActive: user.isActive && tenant.isActive, revokedAt: session.revokedAt, expiresAt: session.new.expiresAt,
                createdAt: session.new.createdAt, methods: state.shown[id]?.methods ?? session.new.methods, epoch: user.epoch,
                policy: state.revision(of: scope.tenant), device: session.new.device?.id, lastSeenAt: session.lastSeenAt,
                factorAt: state.shown[id]?.at ?? session.new.factorAt, hasFactor: !(state.factors[user.id] ?? []).isEmpty,
                factorPolicy: state.factorPolicy, rules: state.rules[scope.tenant])
        }
    }

    func policy(_ scope: TenantScope) async throws -> (policy: Policy, revision: String) {
        try transaction { state in
            let rules = try state.users.values.filter { $0.tenant == scope.tenant }.flatMap { user in
                try user.patterns.map { Policy.Rule(id: "\(user.email) \($0)", .permit, .user(user.id), try ActionPattern($0)) }
            }
            return (try Policy(roles: [], rules: rules), state.revision(of: scope.tenant))
        }
    }

    func edge(_ scope: TenantScope) async throws -> TenantEdge {
        try transaction { $0.edges[scope.tenant] ?? .standard }
    }

    func endSession(_ scope: TenantScope, id: SessionID, now: Int64, audit: AuditEvent) async throws -> Bool {
        try transaction { state in
            guard let session = state.sessions[id], session.tenant == scope.tenant, session.revokedAt == nil else { return false }
            state.end(id, now)
            state.audit.append(audit)
            return true
        }
    }

    func openSessions(_ scope: TenantScope, of user: UserID, now: Int64) async throws -> [SessionSummary] {
        try transaction { $0.open(of: user, in: scope.tenant, now) }
    }

    func endSessions(
        _ scope: TenantScope, of user: UserID, _ which: SessionChoice, now: Int64, audit: @escaping @Sendable ([SessionID]) -> AuditEvent
    ) async throws -> [SessionID] {
        try transaction { state in
            let ended = state.open(of: user, in: scope.tenant, now).map(\.id).filter(which.contains)
            for id in ended { state.end(id, now) }
            if !ended.isEmpty { state.audit.append(audit(ended)) }
            return ended
        }
    }

    func refreshToken(_ scope: PlatformScope, hash: [UInt8]) async throws -> RefreshRecord? {
        try transaction { $0.refresh[hash] }
    }

    func rotate(_ scope: TenantScope, _ rotation: RefreshRotation) async throws -> RefreshRotation.Outcome {
        try transaction { state in
            let session = state.sessions[rotation.child.session]
            let isLive = session.map { $0.revokedAt == nil && $0.new.expiresAt > rotation.now } ?? false
            if isLive, var parent = state.refresh[rotation.parent], parent.state == .active, parent.expiresAt > rotation.now {
                parent.state = .rotated
                parent.child = rotation.child.hash
                parent.rotatedAt = rotation.now
                state.refresh[rotation.parent] = parent
                state.refresh[rotation.child.hash] = rotation.child
                state.audit.append(rotation.rotated)
                return .rotated
            }
            let parent = state.refresh[rotation.parent]
            let child = parent?.child.flatMap { state.refresh[$0] }
            let outcome = rotation.judge(parent: parent, child: child, sessionIsLive: isLive)
            if outcome == .reused {
                state.end(rotation.child.session, rotation.now)
                state.audit.append(rotation.reused)
            }
            return outcome
        }
    }

    func apiKey(_ scope: PlatformScope, id: APIKeyID) async throws -> APIKeyRecord? {
        try transaction { state in
            guard var key = state.keys[id], let tenant = state.tenants[key.tenant] else { return nil }
            key.slug = tenant.slug
            key.isTenantActive = tenant.isActive
            return key
        }
    }

    func insertAPIKey(
        _ scope: TenantScope, _ key: APIKeyRecord, by issuer: APIKeyIssuer, audit: AuditEvent
    ) async throws -> Bool {
        try transaction { state in
            guard state.isPresent(issuer, in: scope.tenant) else { return false }
            state.keys[key.id] = key
            state.audit.append(audit)
            return true
        }
    }

    func revokeAPIKey(_ scope: TenantScope, id: APIKeyID, now: Int64, audit: AuditEvent) async throws -> Bool {
        try transaction { state in
            guard let key = state.keys[id], key.tenant == scope.tenant, key.revokedAt == nil, key.expiresAt > now else { return false }
            state.keys[id]?.revokedAt = now
            state.audit.append(audit)
            return true
        }
    }

    func record(_ scope: TenantScope, _ event: AuditEvent) async throws {
        try transaction { $0.audit.append(event) }
    }
}

extension MemoryIdentityStore.User {
    fileprivate func lane(_ origin: SignInOrigin) -> String {
        let own = ownLane(origin)
        return own != "strangers" && profile.countsKnownTogether ? "known" : own
    }

    private func ownLane(_ origin: SignInOrigin) -> String {
        if let session = origin.session { return "session \(session)" }
        if let device = origin.device { return "device \(device)" }
        return origin.places.first { places.contains($0) } ?? "strangers"
    }

    fileprivate func record(in tenant: MemoryIdentityStore.Tenant) -> AccountRecord {
        var account = AccountRecord(
            tenant: tenant.id, slug: tenant.slug, user: id, name: email, passwordHash: passwordHash,
            isActive: isActive && tenant.isActive, epoch: epoch)
        account.profile = profile
        account.passwordChangedAt = passwordChangedAt
        account.passwordStandsAlone = passwordStandsAlone
        (account.lastSignInAt, account.dormantDays) = (lastSignInAt, dormantDays)
        return account
    }
}

extension MemoryIdentityStore.State {
    func isPresent(_ issuer: APIKeyIssuer, in tenant: TenantID) -> Bool {
        guard let session = issuer.session else { return true }
        return users[session.user]?.isActive == true && tenants[tenant]?.isActive == true
            && sessions.values.contains { $0.new.id == session.id && $0.revokedAt == nil }
    }

    /// Says everything that the policy does.
    func revision(of tenant: TenantID) -> String {
        users.values.filter { $0.tenant == tenant }.map { "\($0.id) \($0.patterns)" }.sorted().joined()
    }

    func open(of user: UserID, in tenant: TenantID, _ now: Int64) -> [SessionSummary] {
        sessions.values.filter { $0.tenant == tenant && $0.new.user == user && $0.revokedAt == nil && $0.new.expiresAt > now }
            .map { session in
                let renewed = refresh.values.filter { $0.session == session.new.id }.compactMap(\.rotatedAt).max()
                return SessionSummary(
                    id: session.new.id, createdAt: session.new.createdAt, renewedAt: renewed ?? session.new.createdAt,
                    expiresAt: session.new.expiresAt, methods: session.new.methods, device: session.new.device?.id,
                    lastSeenAt: session.lastSeenAt)
            }
            .sorted { ($0.createdAt, $0.id.description) > ($1.createdAt, $1.id.description) }
    }

    mutating func end(_ session: SessionID, _ now: Int64) {
        sessions[session]?.revokedAt = now
        for (hash, record) in refresh where record.session == session { refresh[hash]?.state = .revoked; _ = record }
    }
}
