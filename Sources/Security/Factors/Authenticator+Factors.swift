// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension Authenticator {
    /// Answers that one sign-in may be given, whatever the counters say.
    package static let answersPerSignIn: Int64 = 10
    /// How long a sign-in waits for its factor, in milliseconds.
    static let pendingLifetime: Int64 = 5 * 60_000

    /// Asks for a second factor instead of opening a session.
    func demandFactor(
        _ account: AccountRecord, _ factors: [FactorName], address: ClientAddress, correlation: String
    ) async throws(AuthenticationError) -> FactorDemand {
        let now = clock.now()
        let token = OneTimeToken.random(for: .signIn)
        let record = token.record(
            in: account.tenant, user: account.user, detail: PendingSignIn.detail(account, .factor), at: now, lifetime: Self.pendingLifetime)
        let event = AuditEvent(
            occurredAt: now, tenant: account.tenant, actor: "user:\(account.user)", action: "session.factor_asked",
            resource: "user:\(account.user)", outcome: .success, detail: ["factors": .array(factors.map { .string($0.rawValue) })],
            correlation: correlation, address: address.audited)
        try await reading { try await self.store.insertToken(TenantScope(account.tenant), record, audit: event) }
        return FactorDemand(token: Secret(token.text), tenant: account.tenant, factors: factors, expiresIn: Self.pendingLifetime / 1000)
    }

    /// What a password proves on the device that it comes from, where that stands in for a factor.
    func trusted(_ proof: PasswordProof, _ device: SignInDevice) async throws(AuthenticationError) -> AssuranceProof? {
        guard device.known?.trustedUntil != nil else { return nil }
        let longest = try await deviceTrust(in: proof.account.tenant)
        return .passwordOnTrustedDevice(proof, device, longest: longest, at: clock.now())
    }

    /// Milliseconds for which a tenant lets devices be remembered.
    private func deviceTrust(in tenant: TenantID) async throws(AuthenticationError) -> Int64 {
        try await reading { try await self.store.factorPolicy(TenantScope(tenant)).trustedDeviceDays } * 86_400_000
    }

    /// Opens the session of a sign-in that waits, for one of the user's factors.
    ///
    /// - Parameter remembers: whether the device shall stand in for a factor from now on, as long as the tenant allows.
    ///
    /// A token that is unknown, used or over, an account that has changed since, a wrong code and one that came too early give one answer.
    package func completeSignIn(
        token: String, factor: String, code: Secret, judge: any FactorJudge, device shown: DeviceClaim = .none, remembers: Bool = false,
        from address: ClientAddress = .unknown, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> TokenPair {
        let pending = try await waiting(token, for: .factor)
        let scope = TenantScope(pending.tenant)
        let factor = try await reading { () -> FactorName? in
            guard let name = FactorName(rawValue: factor) else { return nil }
            return try await self.store.factors(scope, of: pending.user).contains(name) ? name : nil
        }
        func refuse(_ reason: String) async throws(AuthenticationError) -> AuthenticationError {
            let event = AuditEvent(
                occurredAt: self.clock.now(), tenant: pending.tenant, actor: "user:\(pending.user)", action: "session.sign_in",
                resource: "user:\(pending.user)", outcome: .denied,
                detail: ["reason": .string(reason), "factor": .string(factor?.rawValue ?? "unknown")], correlation: correlation,
                address: address.audited)
            try await reading { try await self.store.record(scope, event) }
            return .refused
        }
        guard try await letsIn(pending.account, from: address).get() else { throw try await refuse(Denial.addressNotAllowed.code) }
        guard let factor else { throw try await refuse("no_such_factor") }
        guard
            try await reading({
                try await self.store.countAnswer(scope, hash: pending.hash, limit: Self.answersPerSignIn, now: self.clock.now())
            })
        else { throw try await refuse("too_many_answers") }
        let answer = FactorAnswer(
            user: pending.user, tenant: pending.tenant, factor: factor, code: code, purpose: .login,
            binding: Self.binding(pending), correlation: correlation, address: address.audited)
        let right = try await reading {
            try await FactorProof.judged(answer, by: judge, self.store, policy: self.policy, clock: self.clock)
        }
        guard let right else { throw try await refuse("wrong_factor") }
        guard
            try await reading({ try await self.store.usePendingSignIn(scope, hash: pending.hash, now: self.clock.now()) }),
            let proof = AssuranceProof.passwordAndFactor(pending.account, passwordEpoch: pending.epoch, right)
        else { throw try await refuse("used") }
        let device = try await self.device(shown, of: proof.account)
        let trust = remembers ? try await deviceTrust(in: pending.tenant) : 0
        return try await openSession(proof, device, trust: trust, address: address, correlation: correlation)
    }

    /// The sign-in that a token stands for, while it may still be completed by what it waits for, and by nothing else.
    func waiting(_ text: String, for wanted: PendingSignIn.Wanted) async throws(AuthenticationError) -> PendingSignIn {
        guard let token = OneTimeToken(text, for: .signIn) else { throw .refused }
        let record = try await reading {
            try await self.store.oneTimeToken(PlatformScope(reason: "sign-in with a second factor"), hash: token.hash, purpose: .signIn)
        }
        guard let record, record.purpose == .signIn, record.usedAt == nil, clock.now() < record.expiresAt, let user = record.user,
            let account = try await reading({ try await self.store.account(TenantScope(record.tenant), user: user) }),
            let pending = PendingSignIn(record, account, wanted)
        else { throw .refused }
        return pending
    }

    /// Who waits for a factor, so that a code can be sent to them.
    package func pendingSignIn(
        token: String, factor: String, from address: ClientAddress = .unknown
    ) async throws(AuthenticationError) -> FactorRequest {
        let pending = try await waiting(token, for: .factor)
        guard try await letsIn(pending.account, from: address).get() else { throw .refused }
        let name = FactorName(rawValue: factor)
        let factors = try await reading { try await self.store.factors(TenantScope(pending.tenant), of: pending.user) }
        guard let name, factors.contains(name) else { throw .refused }
        return FactorRequest(
            user: pending.user, tenant: pending.tenant, slug: pending.account.slug, factor: name, purpose: .login,
            binding: Self.binding(pending))
    }

    /// Shows a factor in a session, so that it may do what wants a fresh one.
    package func stepUp(
        _ principal: Principal, factor: String, code: Secret, judge: any FactorJudge, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) {
        guard case .user(let user) = principal.kind, let session = principal.session, let assurance = principal.assurance else {
            throw .invalid("an API key has no session, and shows no second factor")
        }
        let scope = TenantScope(principal.tenant)
        func event(_ outcome: AuditOutcome, _ detail: [String: Value]) -> AuditEvent {
            AuditEvent(
                occurredAt: clock.now(), tenant: principal.tenant, actor: principal.actor, action: "session.step_up",
                resource: "session:\(session)", outcome: outcome, detail: detail, correlation: correlation, address: address.audited)
        }
        let known = try await reading { try await self.store.factors(scope, of: user) }
        var shown: FactorProof?
        if let name = FactorName(rawValue: factor), known.contains(name) {
            let answer = FactorAnswer(
                user: user, tenant: principal.tenant, factor: name, code: code, purpose: .stepUp, binding: Self.binding(session),
                correlation: correlation, address: address.audited)
            shown = try await reading {
                try await FactorProof.judged(answer, by: judge, self.store, policy: self.policy, clock: self.clock)
            }
        }
        guard let shown else {
            let refused = event(.denied, ["reason": "wrong_factor"])
            try await reading { try await self.store.record(scope, refused) }
            throw .refused
        }
        try await note(shown, in: session, assurance, event(.success, ["factor": .string(shown.factor.rawValue)]))
    }

    /// Writes into a session that a factor was shown.
    func note(_ shown: FactorProof, in session: SessionID, _ assurance: Assurance, _ event: AuditEvent) async throws(AuthenticationError) {
        let methods = Self.methods(assurance.methods, with: shown)
        let isNoted = try await reading {
            try await self.store.noteFactor(
                TenantScope(shown.tenant), session: session, user: shown.user, methods: methods, now: shown.shownAt, audit: event)
        }
        guard isNoted else { throw .refused }
    }

    /// The factor of a session's own user that is being set up: judged by the same counter as every other answer.
    ///
    /// The session counts as one in which a factor was shown once the host says that it is set up.
    package func confirmFactor(
        _ principal: Principal, factor: FactorName, code: Secret, judge: any FactorJudge, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) {
        guard case .user(let user) = principal.kind, let session = principal.session, let assurance = principal.assurance else {
            throw .invalid("an API key has no second factors")
        }
        let answer = FactorAnswer(
            user: user, tenant: principal.tenant, factor: factor, code: code, purpose: .stepUp, binding: Self.binding(session),
            correlation: correlation, address: address.audited)
        let shown = try await reading {
            try await FactorProof.judged(answer, by: judge, self.store, policy: self.policy, clock: self.clock)
        }
        let event = AuditEvent(
            occurredAt: clock.now(), tenant: principal.tenant, actor: principal.actor, action: "factor.own",
            resource: principal.actor, outcome: shown == nil ? .denied : .success,
            detail: ["change": "confirmed", "factor": .string(factor.rawValue)], correlation: correlation, address: address.audited)
        guard let shown else {
            try await reading { try await self.store.record(TenantScope(principal.tenant), event) }
            throw .invalid("code: is not right, or came too early after others that were not; wait a moment and use a new one")
        }
        try await note(shown, in: session, assurance, event)
    }

    static func methods(_ methods: [String], with shown: FactorProof) -> [String] {
        methods + shown.factor.methods.filter { !methods.contains($0) }
    }

    private static func binding(_ pending: PendingSignIn) -> String { "sign_in:" + Hex.encode(pending.hash) }

    /// What codes are bound to that are asked for in a session.
    package static func binding(_ session: SessionID) -> String { "session:\(session)" }
}

/// A sign-in whose password was right, as its token's row and the account stand now.
struct PendingSignIn {
    /// What a sign-in waits for.
    enum Wanted: String {
        case factor
        case device
    }

    let hash: [UInt8]
    let account: AccountRecord
    /// The epoch that the password was good in.
    let epoch: Int64
    var user: UserID { account.user }
    var tenant: TenantID { account.tenant }

    /// Nil when the account has changed since the password was looked at, or the sign-in waits for something else.
    init?(_ record: OneTimeTokenRecord, _ account: AccountRecord, _ wanted: Wanted) {
        guard Self.wanted(by: record) == wanted, account.isActive, record.detail["epoch"] == .int(account.epoch),
            record.tenant == account.tenant
        else { return nil }
        (hash, self.account, epoch) = (record.hash, account, account.epoch)
    }

    /// What the row of a sign-in that waits says about itself.
    static func detail(_ account: AccountRecord, _ wanted: Wanted) -> [String: Value] {
        ["epoch": .int(account.epoch), "wants": .string(wanted.rawValue)]
    }

    private static func wanted(by record: OneTimeTokenRecord) -> Wanted? {
        record.detail["wants"].map { $0.stringValue.flatMap(Wanted.init) } ?? .factor
    }
}

/// A user to whom a code may be sent.
package struct FactorRequest: Sendable {
    package let user: UserID
    package let tenant: TenantID
    package let slug: TenantSlug
    package let factor: FactorName
    package let purpose: FactorAnswer.Purpose
    package let binding: String

    package init(user: UserID, tenant: TenantID, slug: TenantSlug, factor: FactorName, purpose: FactorAnswer.Purpose, binding: String) {
        (self.user, self.tenant, self.slug, self.factor, self.purpose, self.binding) = (user, tenant, slug, factor, purpose, binding)
    }
}
