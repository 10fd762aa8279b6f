// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// Policies as text: what `panelhost authz` reads and writes.
extension Policy {
    /// Reads a policy; whatever is not understood refuses all of it.
    public init(parsing bytes: [UInt8]) throws(PolicyProblem) {
        let value: Value
        do throws(JSONError) {
            value = try JSON.parse(bytes, limits: ValueLimits(maxBytes: 64 << 20, maxDepth: 6, maxNodes: 4_000_000))
        } catch {
            throw PolicyProblem(error.description)
        }
        let document = try Members(value, "policy", known: ["roles", "rules", "assignments", "separations"])
        try self.init(
            roles: document.list("roles", Self.role), rules: document.list("rules", Self.rule),
            assignments: document.list("assignments", Self.assignment), separations: document.list("separations", Self.separation))
    }

    /// The same, sorted, so that two texts of one policy are equal.
    public var value: Value {
        [
            "roles": .array(
                roles.values.sorted { $0.name < $1.name }.map { role in
                    Value.compact([
                        "name": .string(role.name), "inherits": role.parents.isEmpty ? nil : .array(role.parents.map(Value.string)),
                        "built_in": role.isBuiltIn ? true : nil,
                    ])
                }),
            "rules": .array(rules.sorted { $0.id < $1.id }.map(\.value)),
            "assignments": .array(
                assignments.sorted { ($0.user, $0.role) < ($1.user, $1.role) }.map { assignment in
                    Value.compact([
                        "user": .string(assignment.user.description), "role": .string(assignment.role),
                        "expires_at": assignment.expiresAt.map(Value.int),
                    ])
                }),
            "separations": .array(
                separations.sorted { $0.name < $1.name }.map { separation in
                    ["name": .string(separation.name), separation.kind.rawValue: .array(separation.members.map(Value.string))]
                }),
        ]
    }

    private static func role(_ value: Value, _ place: String) throws(PolicyProblem) -> Role {
        let members = try Members(value, place, known: ["name", "inherits", "built_in"])
        return Role(
            try members.text("name"), parents: try members.texts("inherits") ?? [], isBuiltIn: try members.flag("built_in"))
    }

    static func rule(_ value: Value, _ place: String) throws(PolicyProblem) -> Rule {
        let members = try Members(value, place, known: ["id", "permit", "deny", "role", "user", "on", "expires_at"])
        let (permit, deny) = (try members.optionalText("permit"), try members.optionalText("deny"))
        guard let action = permit ?? deny, permit == nil || deny == nil else {
            throw PolicyProblem("\(place): it needs one of permit and deny, with an action")
        }
        let subject: Subject
        switch (try members.optionalText("role"), try members.optionalText("user")) {
        case (let role?, nil): subject = .role(role)
        case (nil, let user?):
            guard let id = UserID(user) else { throw PolicyProblem("\(place).user: a user's id is wanted") }
            subject = .user(id)
        default: throw PolicyProblem("\(place): it needs one of role and user")
        }
        return Rule(
            id: try members.optionalText("id") ?? place, permit == nil ? .deny : .permit, subject,
            try members.within("action") { () throws(PolicyProblem) in try ActionPattern(action) },
            on: try members.within("on") { () throws(PolicyProblem) in try ResourceSelector(members.optionalText("on") ?? "all") },
            expiresAt: try members.time("expires_at"))
    }

    static func assignment(_ value: Value, _ place: String) throws(PolicyProblem) -> Assignment {
        let members = try Members(value, place, known: ["user", "role", "expires_at"])
        guard let user = UserID(try members.text("user")) else { throw PolicyProblem("\(place).user: a user's id is wanted") }
        return Assignment(user, try members.text("role"), expiresAt: try members.time("expires_at"))
    }

    static func separation(_ value: Value, _ place: String) throws(PolicyProblem) -> Separation {
        let members = try Members(value, place, known: ["name", "roles", "permissions"])
        let (roles, permissions) = (try members.texts("roles"), try members.texts("permissions"))
        switch (roles, permissions) {
        case (let names?, nil): return Separation(try members.text("name"), .roles, names)
        case (nil, let names?): return Separation(try members.text("name"), .permissions, names)
        default: throw PolicyProblem("\(place): it needs one of roles and permissions")
        }
    }
}

extension Policy.Rule {
    /// One rule as it stands in a policy's text.
    public var value: Value {
        var members: [String: Value] = [
            "id": .string(id), effect.rawValue: .string(action.description), "on": .string(selector.description),
        ]
        switch subject {
        case .role(let name): members["role"] = .string(name)
        case .user(let id): members["user"] = .string(id.description)
        }
        if let expiresAt { members["expires_at"] = .int(expiresAt) }
        return .map(members)
    }
}

/// The members of one object of a policy's text; a name that is not known is refused, since it might have been a `deny`.
struct Members {
    let members: [String: Value]
    let place: String

    init(_ value: Value, _ place: String, known: Set<String>) throws(PolicyProblem) {
        guard case .map(let members) = value else { throw PolicyProblem("\(place): an object is wanted") }
        guard members.keys.allSatisfy(known.contains) else {
            throw PolicyProblem("\(place): it has a member that is not one of \(known.sorted().joined(separator: ", "))")
        }
        (self.members, self.place) = (members, place)
    }

    func list<T>(_ name: String, _ read: (Value, String) throws(PolicyProblem) -> T) throws(PolicyProblem) -> [T] {
        guard let value = members[name] else { return [] }
        guard let items = value.arrayValue else { throw PolicyProblem("\(place).\(name): a list is wanted") }
        var list: [T] = []
        for (index, item) in items.enumerated() { list.append(try read(item, "\(name)[\(index)]")) }
        return list
    }

    func optionalText(_ name: String) throws(PolicyProblem) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.stringValue else { throw PolicyProblem("\(place).\(name): a text is wanted") }
        return text
    }

    func text(_ name: String) throws(PolicyProblem) -> String {
        guard let text = try optionalText(name) else { throw PolicyProblem("\(place): \(name) is missing") }
        return text
    }

    func texts(_ name: String) throws(PolicyProblem) -> [String]? {
        guard let value = members[name] else { return nil }
        guard let texts = value.arrayValue?.map(\.stringValue), !texts.contains(nil) else {
            throw PolicyProblem("\(place).\(name): a list of texts is wanted")
        }
        return texts.compactMap(\.self)
    }

    func flag(_ name: String) throws(PolicyProblem) -> Bool {
        guard let value = members[name] else { return false }
        guard case .bool(let flag) = value else { throw PolicyProblem("\(place).\(name): true or false is wanted") }
        return flag
    }

    func time(_ name: String) throws(PolicyProblem) -> Int64? {
        guard let value = members[name] else { return nil }
        guard let time = value.intValue, time > 0 else { throw PolicyProblem("\(place).\(name): milliseconds since 1970 are wanted") }
        return time
    }

    func within<T>(_ name: String, _ body: () throws(PolicyProblem) -> T) throws(PolicyProblem) -> T {
        do throws(PolicyProblem) { return try body() } catch { throw PolicyProblem("\(place).\(name): \(error.description)") }
    }
}
