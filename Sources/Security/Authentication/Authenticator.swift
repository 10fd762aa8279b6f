// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// Finds out who is asking: passwords, access tokens, refresh tokens, API keys.
///
/// The rows of the database are the truth and a token only points at them: session, user, tenant, epoch and rights are
/// read at every request, so that ending any of them works at once.
public final class Authenticator: Sendable {
    let store: any IdentityStore
    let hasher: PasswordHasher
    let policy: AuthenticationPolicy
    let clock: WallClock
    let signer: AccessTokenSigner
    let verifier: AccessTokenVerifier
    let tokenKeys: TokenKeyRing
    let keys: HostKeys
    let policies = PolicyCache()
    let edges = TenantEdgeCache()
    let uses = UseNotes()
    /// Sign-ins from new devices whose owners are to be told.
    package let newDevices = NewDeviceSignIns()

    /// The keys that children of refresh tokens may be derived with, the written-with one first.
    var refreshKeys: [Secret] { keysInUse(.refresh) }

    /// The keys that places of sign-ins are named under, the written-with one first; old ones stay, as peppers do.
    var placeKeys: [Secret] { keysInUse(.pepper) }

    private func keysInUse(_ kind: HostKeyKind) -> [Secret] {
        let current = keys.current(kind)
        return ([current] + keys.entries(kind).filter { $0.id != current.id }).compactMap(\.key)
    }

    /// An authenticator whose token keys are derived from root keys and stored nowhere.
    package convenience init(
        store: any IdentityStore, keys: KEKRing, hasher: PasswordHasher, policy: AuthenticationPolicy, clock: WallClock = .system
    ) {
        self.init(store: store, keys: HostKeys(derivedFrom: keys, clock: clock), hasher: hasher, policy: policy, clock: clock)
    }

    /// An authenticator with the installation's token keys.
    package init(
        store: any IdentityStore, keys: HostKeys, hasher: PasswordHasher, policy: AuthenticationPolicy, clock: WallClock = .system
    ) {
        self.store = store
        self.hasher = hasher
        self.policy = policy
        self.clock = clock
        self.keys = keys
        let ring = TokenKeyRing(keys)
        tokenKeys = ring
        let rules = AccessTokenRules(issuer: policy.issuer, audience: policy.audience, maximumLifetime: policy.accessLifetime)
        signer = AccessTokenSigner(keys: ring, rules: rules)
        verifier = AccessTokenVerifier(keys: ring, rules: rules, clock: clock)
    }

    /// The public keys of access tokens, as a JWK set (RFC 7517).
    package func publicTokenKeys() async -> Value { await tokenKeys.published() }

    /// The principal behind a bearer credential: an access token or an API key.
    ///
    /// - Parameter address: where the request came from, for what the tenant says about that.
    public func principal(
        bearer: String, from address: ClientAddress = .unknown, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> Principal {
        if bearer.hasPrefix("ph_") { return try await principal(apiKey: bearer, from: address, correlation) }
        return try await principal(accessToken: bearer, from: address, correlation: correlation)
    }

    /// The principal for a provider's webhook.
    ///
    /// For a caller that has shown the token in the URL of that instance. It may do nothing else.
    package func principal(webhookInstance: InstanceID, tenant: TenantID, slug: TenantSlug) -> Principal {
        Principal(
            kind: .webhook(webhookInstance), tenant: tenant, slug: slug, session: nil,
            permissions: Rights(PermissionSet(patterns: [Action.invokeWebhook.rawValue])), name: "webhook")
    }

    /// The principal behind an access token, and nothing else.
    package func principal(
        accessToken: String, from address: ClientAddress = .unknown, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> Principal {
        await tokenKeys.refresh()
        let claims = try await claims(accessToken)
        let session = try await liveSession(TenantScope(claims.tenant), id: claims.session)
        guard let session else { return try await principal(acting: claims, from: address, correlation: correlation) }
        guard session.id == claims.session, session.tenant == claims.tenant, session.user == claims.subject,
            session.epoch == claims.epoch
        else { throw .refused }
        let principal = try await admitted(try await livePrincipal(session), at: session.policy, from: address, correlation: correlation)
        noteUse(of: session.id, in: session.tenant, last: session.lastSeenAt)
        // Whoever works as a guest is not idle at home.
        if let home = session.home, let origin = session.origin { noteUse(of: origin.session, in: home.tenant, last: session.lastSeenAt) }
        return principal
    }

    private func noteUse(of session: SessionID, in tenant: TenantID, last: Int64) {
        let (scope, now) = (TenantScope(tenant), clock.now())
        uses.note(session.description, last: last, now: now) { [store] in try await store.noteUse(scope, of: session, now: now) }
    }

    /// What a token says; one under a key that this host has not seen yet is looked at a second time.
    private func claims(_ token: String) async throws(AuthenticationError) -> AccessTokenClaims {
        do throws(InvalidToken) {
            return try verifier.verify(token)
        } catch {
            guard let kid = error.unknownKey, await tokenKeys.learn(kid), let claims = try? verifier.verify(token) else { throw .refused }
            return claims
        }
    }

    private func principal(
        apiKey text: String, from address: ClientAddress, _ correlation: String
    ) async throws(AuthenticationError) -> Principal {
        guard let format = APIKeyFormat(text, environment: policy.environment) else { throw .refused }
        let key = try await reading { try await self.store.apiKey(PlatformScope(reason: "API key look-up"), id: format.id) }
        guard let key, key.id == format.id, key.accepts(format.hash, at: clock.now()), key.isGood(at: clock.now())
        else { throw .refused }
        let admitted = try await admitted(principal(of: key), at: key.policy, from: address, correlation: correlation)
        let (scope, now) = (TenantScope(key.tenant), clock.now())
        uses.note(key.id.description, last: key.lastUsedAt, now: now) { [store] in try await store.noteUse(scope, of: key.id, now: now) }
        return admitted
    }

    private func principal(of key: APIKeyRecord) -> Principal {
        Principal(
            kind: .apiKey(key.id), tenant: key.tenant, slug: key.slug, session: nil,
            permissions: Rights(PermissionSet(patterns: key.patterns), until: key.expiresAt), name: key.name)
    }

    /// The principal behind a session, and what the rules give its user, also while a factor is missing.
    ///
    /// Whether the session goes on is not asked: see ``livePrincipal(_:)``.
    func standing(_ session: SessionRecord) async throws(AuthenticationError) -> (principal: Principal, rights: Rights) {
        let policy = try await snapshot(of: session.tenant, at: session.policy)
        let now = clock.now()
        let who = policy.subject(session.user, at: now)
        let rights = Rights(policy, who)
        let assurance = Assurance(
            methods: session.methods, authenticatedAt: session.createdAt, factorAt: session.factorAt, hasFactor: session.hasFactor,
            isFactorRequired: policy.hasRole(who, among: session.factorPolicy.requiredRoles),
            policy: session.factorPolicy, now: now)
        // While a factor is missing there is nothing that they may do, whoever asks and however.
        let usable = assurance.gap == nil ? rights : Rights(PermissionSet(patterns: []))
        let principal = Principal(
            kind: .user(session.user), tenant: session.tenant, slug: session.slug, session: session.id,
            permissions: usable, name: session.name, assurance: assurance)
        return (principal, rights)
    }

    /// A tenant's policy in the state that is in force.
    func snapshot(of tenant: TenantID, at revision: String) async throws(AuthenticationError) -> PolicySnapshot {
        try await reading { [store] in
            try await self.policies.snapshot(of: tenant, at: revision) { try await store.policy(TenantScope(tenant)) }
        }
    }

    /// A permit as the rights behind it are now; throws `denied` where they no longer reach.
    ///
    /// - Parameter session: the one behind the permit, just read; that it has ended meanwhile is not asked.
    package func renewed(_ permit: Permit, _ session: SessionRecord) async throws(AuthenticationError) -> Permit {
        guard session.isActive else { throw .denied(.missingPermission(permit.action)) }
        if session.policy == permit.principal.permissions.revision { return permit }
        var session = session
        if session.home != nil {
            guard let home = try await homeSession(of: session) else { throw .denied(.missingPermission(permit.action)) }
            session = session.going(on: home)
        }
        return try permit.renewed(for: try await standing(session).principal)
    }

    /// A permit as the key behind it is now; throws `denied` where that is good no longer, or holds less.
    ///
    /// - Parameter key: just read.
    package func renewed(_ permit: Permit, _ key: APIKeyRecord) throws(AuthenticationError) -> Permit {
        guard permit.principal.kind == .apiKey(key.id), key.isGood(at: clock.now()) else {
            throw .denied(.missingPermission(permit.action))
        }
        return try permit.renewed(for: principal(of: key))
    }

    /// Waits until the uses that were seen so far are noted.
    package func settleUses() async { await uses.settle() }

    /// Asks the store; any failure of it refuses the caller, and says that it was not the caller's fault.
    func reading<Result>(_ body: () async throws -> Result) async throws(AuthenticationError) -> Result {
        do {
            return try await body()
        } catch let refusal as AuthenticationError {
            throw refusal
        } catch {
            throw .unavailable(Redacted(String(reflecting: error)))
        }
    }
}

extension Permit {
    /// The same permit for the same principal with the rights that it has now.
    func renewed(for principal: Principal) throws(AuthenticationError) -> Permit {
        do throws(Denial) {
            return try Authorizer().authorize(principal, to: action, on: resource)
        } catch {
            throw .denied(error)
        }
    }
}
