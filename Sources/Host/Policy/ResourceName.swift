// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage

/// What a request is about, as its path names it: nothing is known of it yet, not even whether it exists.
package struct ResourceName: Sendable, Hashable {
    /// The kind, such as `payment`.
    package let kind: String
    /// As it was sent.
    package let name: String

    package init(_ kind: String, _ name: String) { (self.kind, self.name) = (kind, name) }

    /// Something that the caller is about to make, and that will be theirs.
    package static func new(_ kind: String) -> ResourceName { ResourceName(kind, "new") }

    /// What rules call it.
    package var id: String { "\(kind):\(name)" }
}

extension Host {
    /// A plugin as rules see it; all of them are everybody's to ask about.
    static func plugin(_ id: String) -> Resource { Resource(id: "plugin:\(id)", attributes: ["plugin": id]) }

    /// What the host knows of something in a tenant.
    ///
    /// What does not exist is known by its name alone, so that rules about owners and attributes tell nobody whether it does.
    func resource(_ resource: ResourceName, for principal: Principal, in scope: TenantScope) async throws -> Resource {
        func known(owner: UserID? = nil, _ attributes: [String: String] = [:]) -> Resource {
            Resource(id: resource.id, owner: owner, attributes: attributes)
        }
        if resource == .new(resource.kind) { return known(owner: principal.user) }
        switch resource.kind {
        case "payment":
            guard let id = PaymentID(resource.name), let payment = try await database.readOne(scope, { try PaymentRepository($0).find(id) })
            else { return known() }
            return payment.resource
        case "notification":
            guard let id = NotificationID(resource.name),
                let message = try await database.readOne(scope, { try NotificationRepository($0).notification(id) })
            else { return known() }
            return message.resource
        case "plugin": return Self.plugin(resource.name)
        case "session":
            guard let id = SessionID(resource.name), let session = try await database.readOne(scope, { try SessionRepository($0).find(id) })
            else { return known() }
            return known(owner: session.user)
        case "user": return known(owner: UserID(resource.name))
        case "api_key":
            guard let id = APIKeyID(resource.name), let key = try await database.readOne(scope, { try APIKeyRepository($0).find(id) })
            else { return known() }
            return key.resource
        default: return known()
        }
    }
}
