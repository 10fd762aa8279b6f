// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import HTTPTypes
package import Host
package import PluginAPI
package import Security
package import Values

/// One operation of the HTTP API: what the router serves and what `/openapi.json` says, from one value.
///
/// There is no way to register a handler without saying who may call it: the initializer is private, and each factory
/// hands its handler the proof that it earned (a ``Permit``, a ``Principal``, or nothing, with the reason written down).
package struct Route: Sendable {
    /// Who may call.
    package enum Access: Sendable, Hashable {
        /// Anybody; the reason is part of the API's description.
        case open(reason: String)
        /// Any signed-in principal, for what is its own.
        case signedIn
        /// A principal with this permission: in the tenant of the path where the path names one, else in its own.
        case permission(Action)
    }

    /// Who of those that are signed in.
    package enum Actors: Sendable, Hashable {
        /// Whoever has an account of the tenant's.
        case ownAccounts
        /// Also operators who act in it.
        case everybody
    }

    /// What the body must be.
    package enum Body: Sendable {
        case none
        case json(Schema, maxBytes: Int = 64 * 1024)
        case raw(contentType: String, maxBytes: Int)
        /// Kept as it came, whatever its type: a signature is checked over it.
        case opaque(maxBytes: Int)
    }

    package typealias Handler = @Sendable (UnverifiedCall, Host) async throws -> Reply

    package let method: HTTPRequest.Method
    /// With parameters in braces: `/v1/tenants/{tenant}/payments/{payment}`.
    package let path: String
    /// Unique, camelCase: the name of the operation in generated clients.
    package let operation: String
    package let summary: String
    package let tag: String
    package let access: Access
    package let body: Body
    package let query: Schema?
    /// The operation changes something at a provider: `Idempotency-Key` is required.
    package let needsIdempotencyKey: Bool
    package let success: Success
    /// What its requests are counted with.
    package let rateClass: RateClass
    package let handler: Handler

    /// The answer of a call that went well.
    package struct Success: Sendable {
        package var status: HTTPResponse.Status
        package var description: String
        package var schema: Schema?
        /// Of an answer that is not JSON.
        package var mediaTypes: [String]

        package init(_ status: HTTPResponse.Status, _ description: String, _ schema: Schema? = nil, mediaTypes: [String] = []) {
            self.status = status
            self.description = description
            self.schema = schema
            self.mediaTypes = mediaTypes
        }
    }

    private init(
        _ method: HTTPRequest.Method, _ path: String, _ operation: String, _ summary: String, tag: String, access: Access, body: Body,
        query: Schema?, needsIdempotencyKey: Bool, success: Success, rateClass: RateClass = .api, handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.operation = operation
        self.summary = summary
        self.tag = tag
        self.access = access
        self.body = body
        self.query = query
        self.needsIdempotencyKey = needsIdempotencyKey
        self.success = success
        self.rateClass = rateClass
        self.handler = handler
    }

    /// Whether it may change something; by the method alone, so that no route can forget to say so.
    package var changesState: Bool { method != .get && method != .head }

    /// Who its callers are, where the operators have a listener of their own; by what it needs, so that no route can forget to say so.
    package var audience: Audience {
        switch access {
        case .permission(let action): Action.ofOperators.contains(action) ? .operators : .tenants
        case .open: rateClass == .webhook ? .tenants : .everybody
        case .signedIn: .everybody
        }
    }

    /// Whom a listener serves.
    package enum Audience: Sendable, Hashable {
        /// Those who operate the installation.
        case operators
        /// Tenants, with their people, programs and providers.
        case tenants
        /// Both.
        case everybody
    }

    /// The names in braces, in order.
    package var parameters: [String] { Self.names(in: path) }

    private static func names(in path: String) -> [String] {
        path.split(separator: "/").filter { $0.first == "{" }.map { String($0.dropFirst().dropLast()) }
    }
}

extension Route {
    /// A route for everybody.
    ///
    /// `reason` says why that is right.
    package static func open(
        _ method: HTTPRequest.Method, _ path: String, _ operation: String, _ summary: String, tag: String, reason: String,
        body: Body = .none, query: Schema? = nil, success: Success, rateClass: RateClass = .api,
        handler: @escaping @Sendable (RouteCall, Host) async throws -> Reply
    ) -> Route {
        Route(
            method, path, operation, summary, tag: tag, access: .open(reason: reason), body: body, query: query,
            needsIdempotencyKey: false, success: success, rateClass: rateClass
        ) { call, host in
            try await handler(try await call.verified(body: body, query: query), host)
        }
    }

    /// A route for any signed-in principal, about itself.
    ///
    /// - Parameter whileFactorMissing: whether a user may come here whose tenant wants a second factor that was not shown yet: only to
    ///   set one up, to show it, or to leave.
    package static func signedIn(
        _ method: HTTPRequest.Method, _ path: String, _ operation: String, _ summary: String, tag: String,
        body: Body = .none, query: Schema? = nil, success: Success, whileFactorMissing: Bool = false, actors: Actors = .ownAccounts,
        rateClass: RateClass = .api, handler: @escaping @Sendable (Principal, RouteCall, Host) async throws -> Reply
    ) -> Route {
        Route(
            method, path, operation, summary, tag: tag, access: .signedIn, body: body, query: query, needsIdempotencyKey: false,
            success: success, rateClass: rateClass
        ) { call, host in
            let (principal, verified) = try await call.settled(body: body, query: query) { look in
                let principal = try await call.principal(by: host.authenticator, look)
                if !whileFactorMissing { try principal.requireNoGap() }
                // What is about one's own account is not there for an operator who acts in somebody else's tenant.
                if principal.isActing, actors == .ownAccounts {
                    try await host.recordDenial(.actingForbidden, of: principal, call.origin)
                    throw Denial.actingForbidden
                }
                return principal
            }
            // What cannot be read tries nothing.
            if rateClass != .api { try call.limits.require(rateClass, of: principal) }
            return try await handler(principal, verified, host)
        }
    }

    /// A route that needs a permission: the handler is reached with the proof of it.
    ///
    /// What its path names last is what the permission is asked for; where it names nothing, it is asked for everything.
    ///
    /// - Parameter creates: the kind of what the caller makes and what will be theirs.
    package static func permitted(
        _ action: Action, _ method: HTTPRequest.Method, _ path: String, _ operation: String, _ summary: String, tag: String,
        creates: String? = nil, body: Body = .none, query: Schema? = nil, needsIdempotencyKey: Bool = false, success: Success,
        handler: @escaping @Sendable (Permit, RouteCall, Host) async throws -> Reply
    ) -> Route {
        let named = names(in: path).last { $0 != "tenant" }
        return Route(
            method, path, operation, summary, tag: tag, access: .permission(action), body: body, query: query,
            needsIdempotencyKey: needsIdempotencyKey, success: success
        ) { call, host in
            let name = creates.map { ResourceName.new($0) } ?? named.flatMap { call.resource(of: $0) }
            let (permit, verified) = try await call.settled(body: body, query: query, needsIdempotencyKey: needsIdempotencyKey) { look in
                let principal = try await call.principal(by: host.authenticator, look)
                try call.requireListener(of: principal)
                return try await host.admit(
                    principal, to: action, in: call.parameters["tenant"], on: name, at: call.origin, isRepeated: look == .second)
            }
            return try await handler(permit, verified, host)
        }
    }
}

extension Route {
    /// A list of which each caller sees what their rules let them see, with the permission for some of it or for all.
    ///
    /// The handler gets the proof that each row is asked for with; whoever has the permission for nothing at all is refused.
    package static func listed(
        _ action: Action, _ path: String, _ operation: String, _ summary: String, tag: String, query: Schema? = nil, success: Success,
        handler: @escaping @Sendable (ListPermit, RouteCall, Host) async throws -> Reply
    ) -> Route {
        Route(
            .get, path, operation, summary, tag: tag, access: .permission(action), body: .none, query: query,
            needsIdempotencyKey: false, success: success
        ) { call, host in
            let (permit, verified) = try await call.settled(body: .none, query: query) { look in
                let principal = try await call.principal(by: host.authenticator, look)
                try call.requireListener(of: principal)
                return try await host.admitListing(
                    principal, to: action, in: call.parameters["tenant"], at: call.origin, isRepeated: look == .second)
            }
            return try await handler(permit, verified, host)
        }
    }
}

extension Schema {
    /// What a list takes that comes in pages.
    static func pages(of most: Int64 = 200, _ more: [Field] = []) -> Schema {
        .object(
            "",
            [
                .optional("limit", .integer(1...most), "At most so many; 50 unless said otherwise."),
                .optional(
                    "cursor", .string(1...256), "The `next` of the page before; good for the same list and filters, and for you only."),
            ] + more)
    }
}

/// What a handler answers.
package struct Reply: Sendable {
    package enum Content: Sendable {
        case none
        case json(Value)
        case bytes([UInt8], contentType: String)
        /// Sent as it is made, as fast as the caller takes it.
        case stream(ByteStream, contentType: String)
        /// A result that is no success, such as a provider that did not answer.
        case problem(Problem)
    }

    package var status: HTTPResponse.Status
    package var content: Content
    package var headers: HTTPFields

    package init(_ status: HTTPResponse.Status, _ content: Content = .none, headers: HTTPFields = [:]) {
        self.status = status
        self.content = content
        self.headers = headers
    }

    package init(problem: Problem) { self.init(problem.status, .problem(problem)) }

    /// A page of a list, and how it goes on.
    static func page(_ name: String, _ rows: [Value], _ next: String?) -> Reply {
        .ok(.map([name: .array(rows)].merging(next.map { ["next": .string($0)] } ?? [:]) { $1 }))
    }

    package static func ok(_ value: Value) -> Reply { Reply(.ok, .json(value)) }
    package static func created(_ value: Value) -> Reply { Reply(.created, .json(value)) }
}
