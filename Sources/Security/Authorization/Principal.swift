// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Proof of who is asking, and what they hold at this moment.
///
/// Only an authenticator creates principals: the initializer is internal to `Security`.
/// It is made anew for every request from the rows of the database, so that a change of rights works at once.
public struct Principal: Hashable, Sendable {
    /// The ways to be known to the host.
    public enum Kind: Hashable, Sendable {
        /// A person with a session.
        case user(UserID)
        /// A program with an API key.
        case apiKey(APIKeyID)
        /// A payment provider that calls back; it holds `plugin.invoke.webhook` and nothing else.
        case webhook(InstanceID)
        /// An operator of the installation inside this tenant, for a while and for a reason.
        case acting(ActingOperator)
        /// The host itself, in the named job.
        case system(String)
    }

    /// How they are known.
    public let kind: Kind
    /// The one tenant that they belong to.
    public let tenant: TenantID
    /// The slug of that tenant.
    public let slug: TenantSlug
    /// The session, when there is one.
    public let session: SessionID?
    /// What they hold.
    public let permissions: Rights
    /// A name for people to read.
    ///
    /// It may be personal data: not for audit records.
    public let name: String
    /// The origins whose pages the tenant lets read answers.
    package internal(set) var origins: Set<String> = []
    /// The limit of the tenant's requests together, where it has one of its own.
    package internal(set) var budget: RateLimit?
    /// How surely the user of a session is who they say; nil for what has no session.
    public let assurance: Assurance?

    init(
        kind: Kind, tenant: TenantID, slug: TenantSlug, session: SessionID?, permissions: Rights, name: String,
        assurance: Assurance? = nil
    ) {
        self.kind = kind
        self.tenant = tenant
        self.slug = slug
        self.session = session
        self.permissions = permissions
        self.name = name
        self.assurance = assurance
    }

    /// How far they may hand on what they hold: the local operator, who owns the keys and the data, without an end.
    ///
    /// - Parameter policy: the tenant's policy as it stands, where that is known better than when the principal was made.
    public func ceiling(in policy: Policy? = nil, at now: Int64) -> GrantCeiling {
        switch (kind, policy) {
        case (.system, _): .ofOperator
        case (.user(let user), let policy?): GrantCeiling(of: user, in: policy, at: now)
        case (.acting(let whoever), let policy?): GrantCeiling(of: whoever, in: policy, at: now)
        default: permissions.ceiling(at: now)
        }
    }

    /// Whether this is an operator of the installation in somebody else's tenant.
    public var isActing: Bool { if case .acting = kind { true } else { false } }

    /// Whether this is the host itself, or the local operator at its command line.
    package var isSystem: Bool { if case .system = kind { true } else { false } }

    /// The person, if it is one.
    public var user: UserID? { if case .user(let id) = kind { id } else { nil } }

    /// The person that an actor's name means, if it is one.
    public static func user(named actor: String) -> UserID? {
        actor.hasPrefix("user:") ? UserID(String(actor.dropFirst(5))) : nil
    }

    /// How the audit trail names them, such as `user:<id>`.
    public var actor: String {
        switch kind {
        case .user(let id): "user:\(id)"
        case .apiKey(let id): "api_key:\(id)"
        case .webhook(let id): "webhook:\(id)"
        case .acting(let whoever): ActingRecord.actor(whoever.user, slug, whoever.reason)
        case .system(let job): "system:\(job)"
        }
    }
}
