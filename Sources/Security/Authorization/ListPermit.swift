// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What rules can tell apart in a list: what the host says of its things.
public struct ResourceKind: Hashable, Sendable {
    /// What stands before the colon of an id, such as `payment`.
    public let name: String
    /// Whether the host says whose one is.
    public let hasOwner: Bool
    /// The attributes that each one has.
    public let attributes: Set<String>

    /// A kind.
    public init(_ name: String, hasOwner: Bool = false, attributes: Set<String> = []) {
        (self.name, self.hasOwner, self.attributes) = (name, hasOwner, attributes)
    }
}

/// Where in a list there can be something for somebody at all.
public enum ListReach: Hashable, Sendable {
    /// Nowhere.
    case nothing
    /// Among these only: their own, if it says whose, and those of these ids, without the kind.
    case only(owner: UserID?, ids: [String])
    /// Anywhere: each thing is to be looked at.
    case anywhere

    /// Ids that are looked up one by one; with more of them each thing is looked at.
    static let maximumIDs = 200
}

/// The proof that somebody may do something to things of a tenant, to all or to some: which, is asked about each.
///
/// It is no ``Permit``: nothing is permitted with it until one thing was asked about. Without it no repository gives out a list.
public struct ListPermit: Hashable, Sendable {
    /// Who.
    public let principal: Principal
    /// What.
    public let action: Action
    /// Where.
    public let scope: TenantScope

    init(principal: Principal, action: Action, scope: TenantScope) {
        (self.principal, self.action, self.scope) = (principal, action, scope)
    }

    /// What somebody may list who holds a permit for everything.
    public init(_ permit: Permit) throws(Denial) {
        try permit.requireEverything()
        self.init(principal: permit.principal, action: permit.action, scope: permit.scope)
    }

    /// Throws unless it is for this action.
    public func require(_ action: Action) throws(Denial) {
        guard self.action == action else { throw .missingPermission(action) }
    }

    /// The permit for one thing, if it may be done to that one; a rule that denies it wins, also where it cannot be told whether it is meant.
    public func permit(for resource: Resource) -> Permit? {
        guard principal.permissions.decide(action, on: resource) == .permitted else { return nil }
        return Permit(principal: principal, action: action, scope: scope, resource: resource)
    }

    /// Where it is worth looking.
    public func reach(among kind: ResourceKind) -> ListReach { principal.permissions.reach(action, among: kind) }
}

extension Authorizer {
    /// Decides about a list inside the tenant that a path names by slug or id: whether there may be anything in it for the principal.
    ///
    /// Whoever is permitted the action on nothing at all, or denied it on everything, is refused.
    public func authorizeListing(_ principal: Principal, to action: Action, in tenant: String) throws(Denial) -> ListPermit {
        guard isAtHome(principal, in: tenant) else { throw .foreignTenant }
        try principal.requireNoGap()
        switch principal.permissions.decideSomewhere(action) {
        case .permitted:
            try principal.assurance?.require(for: action)
            return ListPermit(principal: principal, action: action, scope: TenantScope(principal.tenant))
        case .denied: throw .deniedByRule(action)
        case .unmatched: throw .missingPermission(action)
        }
    }
}

extension Rights {
    /// Whether an action is permitted on something, whatever it is, and not denied on everything.
    func decideSomewhere(_ action: Action) -> PolicyVerdict {
        switch basis {
        case .patterns: decide(action)
        case .policy(let snapshot, let who): snapshot.decideSomewhere(who, action)
        case .role(let snapshot, let who, _): ActingOperator.withholds(action) ? .denied : snapshot.decideSomewhere(who, action)
        }
    }

    /// Where an action may be permitted among things of a kind; what is outside of it is certainly not.
    func reach(_ action: Action, among kind: ResourceKind) -> ListReach {
        switch basis {
        case .patterns: decide(action) == .permitted ? .anywhere : .nothing
        case .policy(let snapshot, let who): snapshot.reach(who, action, among: kind)
        case .role(let snapshot, let who, _): ActingOperator.withholds(action) ? .nothing : snapshot.reach(who, action, among: kind)
        }
    }
}
