// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Who may do what in one tenant: roles that inherit from each other, rules, and who has which role.
///
/// A rule permits or denies. A deny wins over every permit, and what no rule permits is denied.
public struct Policy: Hashable, Sendable {
    /// What a rule says.
    public enum Effect: String, Hashable, Sendable, CaseIterable {
        /// It may be done.
        case permit
        /// It may not, whatever else permits it.
        case deny
    }

    /// Whom a rule is about.
    public enum Subject: Hashable, Sendable, CustomStringConvertible {
        /// Everybody who has the role, also by inheritance.
        case role(String)
        /// One person.
        case user(UserID)

        /// Such as `role:ADMIN`.
        public var description: String {
            switch self {
            case .role(let name): "role:\(name)"
            case .user(let id): "user:\(id)"
            }
        }
    }

    /// A role; what it may do is in the rules.
    public struct Role: Hashable, Sendable {
        /// Unique in the tenant.
        public let name: String
        /// The roles whose rules it has as well, sorted.
        public let parents: [String]
        /// Whether it came with the tenant.
        public let isBuiltIn: Bool

        /// A role.
        public init(_ name: String, parents: [String] = [], isBuiltIn: Bool = false) {
            self.name = name
            self.parents = Set(parents).sorted()
            self.isBuiltIn = isBuiltIn
        }
    }

    /// One permission or prohibition.
    public struct Rule: Hashable, Sendable {
        /// Unique in the tenant.
        public let id: String
        /// Permit or deny.
        public let effect: Effect
        /// For whom.
        public let subject: Subject
        /// What.
        public let action: ActionPattern
        /// On what.
        public let selector: ResourceSelector
        /// The millisecond at which it ends.
        public let expiresAt: Int64?

        /// A rule.
        public init(
            id: String, _ effect: Effect, _ subject: Subject, _ action: ActionPattern, on selector: ResourceSelector = .all,
            expiresAt: Int64? = nil
        ) {
            self.id = id
            self.effect = effect
            self.subject = subject
            self.action = action
            self.selector = selector
            self.expiresAt = expiresAt
        }
    }

    /// That somebody has a role.
    public struct Assignment: Hashable, Sendable {
        /// Who.
        public let user: UserID
        /// Which role.
        public let role: String
        /// The millisecond at which it ends.
        public let expiresAt: Int64?

        /// An assignment.
        public init(_ user: UserID, _ role: String, expiresAt: Int64? = nil) {
            self.user = user
            self.role = role
            self.expiresAt = expiresAt
        }
    }

    /// Roles, or permissions, of which nobody may have two.
    public struct Separation: Hashable, Sendable {
        /// What is kept apart.
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// Names of roles.
            case roles
            /// Action patterns.
            case permissions
        }

        /// Unique in the tenant.
        public let name: String
        /// Roles or permissions.
        public let kind: Kind
        /// At least two, sorted.
        public let members: [String]

        /// A constraint.
        public init(_ name: String, _ kind: Kind, _ members: [String]) {
            self.name = name
            self.kind = kind
            self.members = Set(members).sorted()
        }
    }

    /// By name.
    public let roles: [String: Role]
    /// In no order that matters.
    public let rules: [Rule]
    /// At most one per user and role.
    public let assignments: [Assignment]
    /// The constraints.
    public let separations: [Separation]
    /// What a role includes: itself and all that it inherits from.
    let inheritance: RoleInheritance

    /// Nobody may do anything.
    public static let empty = Policy()

    private init() { (roles, rules, assignments, separations, inheritance) = ([:], [], [], [], RoleInheritance()) }

    /// A policy that is whole: every name exists, nothing is there twice, no role inherits from itself.
    public init(
        roles: [Role], rules: [Rule] = [], assignments: [Assignment] = [], separations: [Separation] = []
    ) throws(PolicyProblem) {
        try Self.check(roles)
        let byName = Dictionary(roles.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        guard byName.count == roles.count else { throw PolicyProblem("roles: a name is there twice") }
        inheritance = try RoleInheritance(byName)
        try Self.check(rules, byName)
        try Self.check(assignments, byName)
        try Self.check(separations, byName)
        (self.roles, self.rules, self.assignments, self.separations) = (byName, rules, assignments, separations)
    }

    /// How large a policy may be: what is checked at every request is compiled from it.
    public enum Limit {
        /// Roles of a tenant.
        public static let roles = 20_000
        /// Rules of a tenant.
        public static let rules = 200_000
        /// Parents of one role.
        public static let parents = 64
        /// Roles between one and the last that it inherits from.
        public static let depth = 16
        /// Names of attributes that rules may ask for.
        public static let attributes = 64
        /// Constraints of a tenant, and members of one.
        public static let separations = 200
        /// Steps that it may take to look for everybody who breaks a constraint: a change waits for them, and others for the change.
        public static let separationWork = 5_000_000
    }

    /// Whether a text can name a role or a constraint.
    public static func isName(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.utf8.first else { return false }
        func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
        return isLetter(first)
            && text.utf8.allSatisfy {
                isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }

    private static func check(_ roles: [Role]) throws(PolicyProblem) {
        guard roles.count <= Limit.roles else { throw PolicyProblem("roles: there are more than \(Limit.roles)") }
        for role in roles {
            guard isName(role.name) else { throw PolicyProblem("roles: a name is a letter and up to 63 letters, digits, _ and -") }
            guard role.parents.count <= Limit.parents else {
                throw PolicyProblem("role \(role.name): it inherits from more than \(Limit.parents) roles")
            }
        }
    }

    private static func check(_ rules: [Rule], _ roles: [String: Role]) throws(PolicyProblem) {
        guard rules.count <= Limit.rules else { throw PolicyProblem("rules: there are more than \(Limit.rules)") }
        var (ids, attributes) = (Set<String>(), Set<String>())
        ids.reserveCapacity(rules.count)
        for rule in rules {
            guard (1...64).contains(rule.id.utf8.count), ids.insert(rule.id).inserted else {
                throw PolicyProblem("rules: an id is missing, too long, or there twice")
            }
            if case .role(let name) = rule.subject, roles[name] == nil { throw PolicyProblem("rule \(rule.id): there is no such role") }
            if case .attribute(let name, _) = rule.selector { attributes.insert(name) }
        }
        guard attributes.count <= Limit.attributes else {
            throw PolicyProblem("rules: they ask for more than \(Limit.attributes) different attributes")
        }
    }

    private static func check(_ assignments: [Assignment], _ roles: [String: Role]) throws(PolicyProblem) {
        var seen: Set<Assignment> = []
        for assignment in assignments {
            guard roles[assignment.role] != nil else { throw PolicyProblem("assignment to \(assignment.user): there is no such role") }
            guard seen.insert(Assignment(assignment.user, assignment.role)).inserted else {
                throw PolicyProblem("assignment of \(assignment.role) to \(assignment.user): it is there twice")
            }
        }
    }

    private static func check(_ separations: [Separation], _ roles: [String: Role]) throws(PolicyProblem) {
        guard separations.count <= Limit.separations, Set(separations.map(\.name)).count == separations.count else {
            throw PolicyProblem("separations: there are more than \(Limit.separations), or a name is there twice")
        }
        for separation in separations {
            guard isName(separation.name) else {
                throw PolicyProblem("separations: a name is a letter and up to 63 letters, digits, _ and -")
            }
            guard (2...Limit.separations).contains(separation.members.count) else {
                throw PolicyProblem("separation \(separation.name): it needs at least two different members")
            }
            for member in separation.members {
                switch separation.kind {
                case .permissions: _ = try ActionPattern(member)
                case .roles:
                    guard roles[member] != nil else {
                        throw PolicyProblem("separation \(separation.name): a role that it names does not exist")
                    }
                }
            }
        }
    }
}
