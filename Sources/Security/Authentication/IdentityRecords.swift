// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a sign-in needs to know of an account.
public struct AccountRecord: Sendable {
    /// The user's tenant.
    public var tenant: TenantID
    /// The tenant's slug.
    public var slug: TenantSlug
    /// The user.
    public var user: UserID
    /// The user's name, for people.
    public var name: String
    /// The PHC string of the password.
    public var passwordHash: String
    /// Whether both the user and the tenant may sign in.
    public var isActive: Bool
    /// The user's authorization epoch, which goes into the access token.
    public var epoch: Int64
    /// The rules for passwords that the tenant goes by.
    package var profile = PasswordProfile.nist
    /// When the password was chosen, in milliseconds.
    package var passwordChangedAt: Int64 = 0
    /// Whether the password was good enough to be the only factor when it was chosen.
    package var passwordStandsAlone = true
    /// When somebody last signed in or was let in, in milliseconds.
    package var lastSignInAt: Int64 = .max
    /// Days without use after which the tenant has accounts suspended; 0 for never.
    package var dormantDays: Int64 = 0
    /// The account that this one is a guest of.
    package var home: HomeLink?

    /// A record from its columns.
    package init(
        tenant: TenantID, slug: TenantSlug, user: UserID, name: String, passwordHash: String, isActive: Bool, epoch: Int64,
        home: HomeLink? = nil
    ) {
        self.tenant = tenant
        self.slug = slug
        self.user = user
        self.name = name
        self.passwordHash = passwordHash
        self.isActive = isActive
        self.epoch = epoch
        self.home = home
    }
}

extension AccountRecord {
    /// Whether the password may not be the only factor: it is too old, or was taken beside a factor that is gone.
    func needsNewPassword(at now: Int64) -> Bool {
        !passwordStandsAlone || profile.maximumAge.map { now - passwordChangedAt >= $0 } ?? false
    }
}

/// The answer to a look-up by slug and e-mail address.
public struct AccountLookup: Sendable {
    /// The tenant of that slug, if there is one.
    public var tenant: TenantID?
    /// The tenant `platform`, where attempts on unknown tenants are recorded.
    public var platform: TenantID?
    /// The account, if there is one.
    public var account: AccountRecord?

    /// An answer.
    public init(tenant: TenantID?, platform: TenantID?, account: AccountRecord?) {
        self.tenant = tenant
        self.platform = platform
        self.account = account
    }
}

/// A refresh token as it is stored: never the token itself.
public struct RefreshRecord: Sendable, Hashable {
    /// The life of a token.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// May be used once.
        case active
        /// Was used; its child took over.
        case rotated
        /// May not be used any more.
        case revoked
    }

    /// The hash that it is found by.
    public var hash: [UInt8]
    /// The tenant.
    public var tenant: TenantID
    /// The session, which is also the family: ending it ends all its tokens.
    public var session: SessionID
    /// Where it stands.
    public var state: State
    /// The hash of the token that followed, once rotated.
    public var child: [UInt8]?
    /// When it was rotated, in milliseconds.
    public var rotatedAt: Int64?
    /// When it ends by lying idle.
    public var expiresAt: Int64

    /// A record from its columns.
    public init(
        hash: [UInt8], tenant: TenantID, session: SessionID, state: State, child: [UInt8]? = nil, rotatedAt: Int64? = nil,
        expiresAt: Int64
    ) {
        self.hash = hash
        self.tenant = tenant
        self.session = session
        self.state = state
        self.child = child
        self.rotatedAt = rotatedAt
        self.expiresAt = expiresAt
    }
}

/// A session to be inserted, together with its first refresh token.
public struct NewSession: Sendable {
    /// The session.
    public let id: SessionID
    /// Who signed in.
    public let user: UserID
    /// When.
    public let createdAt: Int64
    /// When it ends at the latest.
    public let expiresAt: Int64
    /// How they proved who they are, such as `pwd`.
    public let methods: [String]
    /// The first refresh token.
    public let refresh: RefreshRecord
    /// The epoch that the proof was made under.
    ///
    /// A password or a right that changed meanwhile has raised it.
    public let epoch: Int64
    /// A new PHC string for the user, when the stored one is of an older cost.
    public let rehashedPassword: String?
    /// The device, when the client keeps one.
    public let device: DeviceUse?
    /// When a second factor was shown, if one was.
    public let factorAt: Int64?
    /// Where the sign-in came from.
    package let place: SignInOrigin
    /// The session at home that a guest's goes on with, and ends with.
    package let origin: SessionOrigin?
    /// When it was opened: later than ``createdAt`` where it was carried over.
    package let openedAt: Int64
    /// How many sessions its user may have, and what happens when there are as many.
    public let rules: SessionRules
    /// What tells which of them go on.
    public let limits: SessionRules.Limits

    init(
        id: SessionID, user: UserID, createdAt: Int64, expiresAt: Int64, methods: [String],
        refresh: RefreshRecord, epoch: Int64, rehashedPassword: String?, device: DeviceUse?, factorAt: Int64? = nil, place: SignInOrigin,
        origin: SessionOrigin? = nil, openedAt: Int64? = nil, rules: SessionRules, limits: SessionRules.Limits
    ) {
        (self.rules, self.limits) = (rules, limits)
        (self.place, self.origin) = (place, origin)
        self.id = id
        self.user = user
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.methods = methods
        self.refresh = refresh
        self.epoch = epoch
        self.rehashedPassword = rehashedPassword
        self.device = device
        self.factorAt = factorAt
        self.openedAt = openedAt ?? createdAt
    }
}

/// A session as it stands now, with everything that decides about a request.
public struct SessionRecord: Sendable {
    /// The session.
    public var id: SessionID
    /// The tenant.
    public var tenant: TenantID
    /// The tenant's slug.
    public var slug: TenantSlug
    /// The user.
    public var user: UserID
    /// The user's name, for people.
    public var name: String
    /// Whether both the user and the tenant are active.
    public var isActive: Bool
    /// When the session was ended, if it was.
    public var revokedAt: Int64?
    /// When it ends at the latest.
    public var expiresAt: Int64
    /// When the user signed in.
    public var createdAt: Int64
    /// How they proved who they are.
    public var methods: [String]
    /// The user's authorization epoch now.
    ///
    /// A token that carries another one is refused.
    public var epoch: Int64
    /// Which state of the tenant's policy is in force now.
    public var policy: String
    /// The device that it was opened with, when there is one.
    public var device: DeviceID?
    /// When it was last used, to the minute.
    public var lastSeenAt: Int64
    /// When a second factor was last shown, if one was.
    public var factorAt: Int64?
    /// Whether the user has a second factor now.
    public var hasFactor: Bool
    /// What the tenant wants of second factors now.
    public var factorPolicy: FactorPolicy
    /// The account that the user is a guest of.
    package var home: HomeLink?
    /// The session of that account that this one goes on with, and ends with.
    package var origin: SessionOrigin?
    /// What the tenant asks of sessions, when it asks for anything.
    public var rules: SessionRules?

    /// A record from its columns.
    package init(
        id: SessionID, tenant: TenantID, slug: TenantSlug, user: UserID, name: String, isActive: Bool, revokedAt: Int64?,
        expiresAt: Int64, createdAt: Int64, methods: [String], epoch: Int64, policy: String, device: DeviceID? = nil, lastSeenAt: Int64,
        factorAt: Int64? = nil, hasFactor: Bool = false, factorPolicy: FactorPolicy = .standard, home: HomeLink? = nil,
        origin: SessionOrigin? = nil, rules: SessionRules? = nil
    ) {
        self.rules = rules
        self.device = device
        self.lastSeenAt = lastSeenAt
        self.id = id
        self.tenant = tenant
        self.slug = slug
        self.user = user
        self.name = name
        self.isActive = isActive
        self.revokedAt = revokedAt
        self.expiresAt = expiresAt
        self.createdAt = createdAt
        self.methods = methods
        self.epoch = epoch
        self.policy = policy
        self.factorAt = factorAt
        self.hasFactor = hasFactor
        self.factorPolicy = factorPolicy
        self.home = home
        self.origin = origin
    }
}

/// A session as its owner sees it.
public struct SessionSummary: Sendable, Hashable {
    /// The session.
    public let id: SessionID
    /// When the user signed in, in milliseconds.
    public let createdAt: Int64
    /// When it was last prolonged, in milliseconds; the sign-in when it never was.
    public let renewedAt: Int64
    /// When it ends at the latest, in milliseconds.
    public let expiresAt: Int64
    /// How the user proved who they are.
    public let methods: [String]
    /// The device that it was opened with, when there is one.
    public let device: DeviceID?
    /// When it was last used, in milliseconds, to the minute.
    public let lastSeenAt: Int64

    /// A summary from its columns.
    public init(
        id: SessionID, createdAt: Int64, renewedAt: Int64, expiresAt: Int64, methods: [String], device: DeviceID? = nil, lastSeenAt: Int64
    ) {
        self.device = device
        self.lastSeenAt = lastSeenAt
        self.id = id
        self.createdAt = createdAt
        self.renewedAt = renewedAt
        self.expiresAt = expiresAt
        self.methods = methods
    }
}

/// What became of a session that was to be opened.
public enum SessionOpening: Sendable, Hashable {
    /// It is open, and these made room for it.
    case opened(ended: [SessionID])
    /// Its user has as many as may be; nothing was changed.
    case full
}

/// Which of a user's sessions are meant.
public enum SessionChoice: Sendable, Hashable {
    /// This one.
    case only(SessionID)
    /// All the others.
    case allBut(SessionID)
    /// All of them.
    case all

    /// Whether a session is one of them.
    package func contains(_ id: SessionID) -> Bool {
        switch self {
        case .only(let wanted): id == wanted
        case .allBut(let kept): id != kept
        case .all: true
        }
    }
}

/// An API key as it is stored: never the key itself.
public struct APIKeyRecord: Sendable {
    /// The public part of the key.
    public var id: APIKeyID
    /// The tenant.
    public var tenant: TenantID
    /// The tenant's slug, read from the tenant's row; not stored with the key.
    public var slug: TenantSlug
    /// What an administrator called it.
    public var name: String
    /// SHA-256 of the whole key.
    public var hash: [UInt8]
    /// What it may do.
    public var patterns: [String]
    /// Who issued it, as an audit actor.
    public var issuedBy: String
    /// When it was made.
    public var createdAt: Int64
    /// When it ends.
    ///
    /// Every key ends.
    public var expiresAt: Int64
    /// When it was withdrawn, if it was.
    public var revokedAt: Int64?
    /// Whether its tenant is active.
    public var isTenantActive: Bool
    /// Which state of the tenant's policy is in force.
    public var policy: String
    /// When it was last used, in milliseconds, to the minute.
    public var lastUsedAt: Int64?
    /// SHA-256 of the secret before the last rotation.
    public var previousHash: [UInt8]?
    /// Until when that one is good as well, in milliseconds.
    public var previousUntil: Int64?
    /// Whether a person who issued it may still sign in; nil when it was not a person of the tenant.
    public var isIssuerActive: Bool?

    /// Milliseconds before its end from which on a key is to be renewed.
    public static let warning: Int64 = 14 * 86_400_000

    /// What rules can tell apart in keys.
    package static let kind = ResourceKind("api_key", hasOwner: true)

    /// The key as rules see it: it is its issuer's.
    package var resource: Resource { Resource(id: "api_key:\(id)", owner: Principal.user(named: issuedBy)) }

    /// Whether it is good at a moment.
    public func isGood(at now: Int64) -> Bool { isTenantActive && revokedAt == nil && now < expiresAt }

    /// Whether a text has the secret, or the one before while that is good.
    func accepts(_ given: [UInt8], at now: Int64) -> Bool {
        if ConstantTime.equals(hash, given) { return true }
        guard let previousHash, let previousUntil else { return false }
        return ConstantTime.equals(previousHash, given) && now < previousUntil
    }

    /// A record from its columns.
    public init(
        id: APIKeyID, tenant: TenantID, slug: TenantSlug, name: String, hash: [UInt8], patterns: [String], issuedBy: String,
        createdAt: Int64, expiresAt: Int64, revokedAt: Int64? = nil, isTenantActive: Bool = true, policy: String = "",
        lastUsedAt: Int64? = nil, previousHash: [UInt8]? = nil, previousUntil: Int64? = nil, isIssuerActive: Bool? = nil
    ) {
        self.lastUsedAt = lastUsedAt
        self.previousHash = previousHash
        self.previousUntil = previousUntil
        self.isIssuerActive = isIssuerActive
        self.id = id
        self.tenant = tenant
        self.slug = slug
        self.name = name
        self.hash = hash
        self.patterns = patterns
        self.issuedBy = issuedBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.isTenantActive = isTenantActive
        self.policy = policy
    }
}
