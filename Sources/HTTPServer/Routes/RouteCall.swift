// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import HTTPTypes
package import Host
package import PluginAPI
package import Security
package import Values

/// A request as it came: nothing in it was looked at, and the body not even read.
package struct UnverifiedCall: Sendable {
    package var parameters: [String: String]
    package var headers: HTTPFields
    package var query: Substring?
    /// Reads the body, once, up to the route's limit; not before it is known who asks.
    package var body: @Sendable () async throws -> [UInt8]
    package var origin: CallOrigin
    package var browser: BrowserCall
    package var limits: RateLimits
    package var crossOrigin: CrossOrigin
    /// Whom the listener serves.
    package var audience: Route.Audience
    /// How old a decision about the caller may be when the body is there.
    package var bodyPatience: Duration

    package init(
        parameters: [String: String], headers: HTTPFields, query: Substring?, body: @escaping @Sendable () async throws -> [UInt8],
        origin: CallOrigin, browser: BrowserCall, limits: RateLimits, crossOrigin: CrossOrigin, audience: Route.Audience,
        bodyPatience: Duration
    ) {
        self.parameters = parameters
        self.headers = headers
        self.query = query
        self.body = body
        self.origin = origin
        self.browser = browser
        self.limits = limits
        self.crossOrigin = crossOrigin
        self.audience = audience
        self.bodyPatience = bodyPatience
    }

    /// What the path names by a parameter.
    func resource(of parameter: String) -> ResourceName? {
        parameters[parameter].map { ResourceName(Self.kinds[parameter] ?? parameter, $0) }
    }

    /// What rules call a kind where the paths have another word for it.
    private static let kinds = ["key": "api_key"]

    /// Who asks, by the one `Authorization` header, or else by the session in a cookie.
    ///
    /// Whoever is recognised is counted as one, from however many addresses they come, and with everybody of their tenant; once for
    /// each request.
    package func principal(by authenticator: Authenticator, _ look: Look = .first) async throws -> Principal {
        let principal = try await recognised(by: authenticator)
        if look == .first { try limits.require(principal) }
        try crossOrigin.settle(principal)
        return principal
    }

    /// Where the operators have a listener of their own, their accounts act there and nowhere else.
    package func requireListener(of principal: Principal) throws(Problem) {
        if audience == .tenants, principal.slug == .platform { throw .notFound }
    }

    private func recognised(by authenticator: Authenticator) async throws -> Principal {
        let values = headers[values: .authorization]
        if values.isEmpty, let token = try browser.accessToken() {
            return try await authenticator.principal(accessToken: token, from: origin.client, correlation: origin.correlation)
        }
        guard values.count == 1, let value = values.first, let space = value.firstIndex(of: " "),
            value[..<space].lowercased() == "bearer"
        else { throw Problem.unauthorized }
        return try await authenticator.principal(
            bearer: String(value[value.index(after: space)...]), from: origin.client, correlation: origin.correlation)
    }

    /// Which look at the caller it is.
    package enum Look: Sendable, Hashable {
        /// Before the body is read.
        case first
        /// After a body that was long in coming.
        case second
    }

    /// Decides about the caller before the body is read, and once more when it was long in coming.
    ///
    /// Who sends slowly holds a decision for as long as the listener waits: a session that ends meanwhile, or a right that is taken, would
    /// still do what it could when the request began.
    package func settled<Decision>(
        body rule: Route.Body, query schema: Schema?, needsIdempotencyKey: Bool = false, _ decide: (Look) async throws -> Decision
    ) async throws -> (decision: Decision, call: RouteCall) {
        let decision = try await decide(.first)
        let start = ContinuousClock.now
        let body = try await self.body()
        let isFresh = ContinuousClock.now - start < bodyPatience
        let latest = isFresh ? decision : try await decide(.second)
        return (latest, try verified(body, by: rule, query: schema, needsIdempotencyKey: needsIdempotencyKey))
    }

    /// Reads the body, and checks everything that the route says about its input.
    package func verified(body rule: Route.Body, query schema: Schema?) async throws -> RouteCall {
        try verified(try await self.body(), by: rule, query: schema, needsIdempotencyKey: false)
    }

    /// Names every field that is wrong at once.
    private func verified(_ body: [UInt8], by rule: Route.Body, query schema: Schema?, needsIdempotencyKey: Bool) throws -> RouteCall {
        var errors: [Problem.FieldError] = []
        let key = headers[values: .idempotencyKey]
        let input: Value
        let query: Value
        if case .opaque = rule {
            // A provider's report is judged by its signature, and not lost over a header or a query that nobody reads.
            (input, query) = (.null, .map([:]))
        } else {
            if needsIdempotencyKey, key.isEmpty {
                errors.append(
                    .init("idempotency-key", "send this header with a value of your own (1 to 255 characters), the same when you retry"))
            }
            if key.count > 1 || key.contains(where: { !Self.isIdempotencyKey($0) }) {
                errors.append(.init("idempotency-key", "must be one value of 1 to 255 printable ASCII characters"))
            }
            input = read(body, by: rule, into: &errors)
            query = readQuery(schema, into: &errors)
        }
        guard errors.isEmpty else { throw Problem.invalidRequest(errors) }
        return RouteCall(
            parameters: parameters, headers: headers, query: query, input: input, body: body, idempotencyKey: key.first, origin: origin,
            browser: browser, limits: limits, crossOrigin: crossOrigin)
    }

    private static func isIdempotencyKey(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    private func read(_ body: [UInt8], by rule: Route.Body, into errors: inout [Problem.FieldError]) -> Value {
        switch rule {
        case .none:
            if !body.isEmpty { errors.append(.init("body", "this operation takes no body")) }
            return .null
        case .opaque:
            return .null
        case .raw(let contentType, _):
            if mediaType != contentType { errors.append(.init("content-type", "must be \(contentType)")) }
            if body.isEmpty { errors.append(.init("body", "must not be empty")) }
            return .null
        case .json(let schema, let maxBytes):
            guard mediaType == "application/json" else {
                errors.append(.init("content-type", "must be application/json"))
                return .null
            }
            do {
                let value = try JSON.parse(body, limits: ValueLimits(maxBytes: maxBytes, maxDepth: 16, maxNodes: 5_000))
                errors += schema.validate(value).map { .init($0, root: "body") }
                NULSearch.search(value, into: &errors)
                return schema.sanitized(value)
            } catch {
                errors.append(.init("body", String(describing: error)))
                return .null
            }
        }
    }

    /// The media type without parameters, lower-case; a charset other than UTF-8 does not pass.
    private var mediaType: String? {
        let values = headers[values: .contentType]
        guard values.count == 1, let value = values.first?.lowercased() else { return nil }
        let parts = value.split(separator: ";", omittingEmptySubsequences: false).map { $0.trimmed }
        guard parts.count <= 2 else { return nil }
        if parts.count == 2, parts[1] != "charset=utf-8", parts[1] != "charset=\"utf-8\"" { return nil }
        return parts[0]
    }

    private func readQuery(_ schema: Schema?, into errors: inout [Problem.FieldError]) -> Value {
        guard let query, !query.isEmpty else {
            if let schema { errors += schema.validate(.map([:])).map { .init($0, root: "query") } }
            return .map([:])
        }
        guard let schema else {
            errors.append(.init("query", "this operation takes no query parameters"))
            return .map([:])
        }
        var members: [String: Value] = [:]
        for pair in query.split(separator: "&", omittingEmptySubsequences: false) {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = FormText.decode(halves[0]), let text = FormText.decode(halves.count == 2 ? halves[1] : "") else {
                errors.append(.init("query", "has a broken percent-escape or is not UTF-8"))
                return .map([:])
            }
            guard members[name] == nil else {
                errors.append(.init(name, "is given twice"))
                continue
            }
            guard !text.utf8.contains(0) else {
                errors.append(.init(name, NULSearch.message))
                continue
            }
            members[name] = schema.typed(text, as: name)
        }
        let value = Value.map(members)
        errors += schema.validate(value).map { .init($0, root: "query") }
        return schema.sanitized(value)
    }
}

/// A request whose input fits what its route says.
package struct RouteCall: Sendable {
    package let parameters: [String: String]
    package let headers: HTTPFields
    package let query: Value
    /// The JSON body; null where the route takes none.
    package let input: Value
    /// The body as it came.
    package let body: [UInt8]
    package let idempotencyKey: String?
    package let origin: CallOrigin
    package let browser: BrowserCall
    let limits: RateLimits
    let crossOrigin: CrossOrigin

    /// Lets the page that asks read what a tenant's door gives, if it is a page that the tenant names.
    func settleOrigin(of tenant: TenantID, _ host: Host) async {
        await crossOrigin.settle { (try? await host.edge.isNamed($0, by: tenant)) ?? false }
    }

    /// A path parameter as an identifier of its kind; another form is simply not found.
    package func identifier<Subject>(_ name: String, as: Identifier<Subject>.Type = Identifier<Subject>.self) throws(Problem) -> Identifier<
        Subject
    > {
        guard let text = parameters[name], let identifier = Identifier<Subject>(text) else { throw .notFound }
        return identifier
    }

    package func plugin(_ name: String = "plugin") throws(Problem) -> PluginID {
        guard let text = parameters[name], let plugin = PluginID(text) else { throw .notFound }
        return plugin
    }

    /// A member of the body that the schema requires as text.
    package func text(_ name: String) -> String { input[name]?.stringValue ?? "" }

    /// Which page of a list is asked for.
    var page: (cursor: String?, limit: Int) { (query["cursor"]?.stringValue, Int(query["limit"]?.intValue ?? 50)) }

    /// The key that ``Route`` has required.
    package func requiredIdempotencyKey() throws(Problem) -> String {
        guard let idempotencyKey else { throw .invalidField("idempotency-key", "send this header") }
        return idempotencyKey
    }
}

/// Finds the character that no database and no provider takes for text, wherever the schema says nothing of it.
private enum NULSearch {
    static let message = "must not hold the character U+0000"

    static func search(_ value: Value, at path: ValuePath = ValuePath(), into errors: inout [Problem.FieldError]) {
        guard errors.count < Schema.mostViolations else { return }
        switch value {
        case .string(let text): if text.utf8.contains(0) { report(path, into: &errors) }
        case .array(let elements): for (index, element) in elements.enumerated() { search(element, at: path.index(index), into: &errors) }
        case .map(let members):
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                if name.utf8.contains(0) { report(path.member(name), into: &errors) }
                search(member, at: path.member(name), into: &errors)
            }
        default: break
        }
    }

    private static func report(_ path: ValuePath, into errors: inout [Problem.FieldError]) {
        let field = path.description
        // The schema's own words stand where it had some.
        if !errors.contains(where: { $0.field == field }) { errors.append(.init(field, message)) }
    }
}

/// Percent-decoding of query strings (WHATWG URL, `application/x-www-form-urlencoded`).
package enum FormText {
    /// The text, or nil when an escape is broken or the bytes are not UTF-8.
    package static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(Hex.value), let low = rest.popFirst().flatMap(Hex.value) else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}

extension Problem.FieldError {
    /// What a schema found, with a name for the value itself.
    init(_ violation: Violation, root: String, under prefix: String? = nil) {
        let path = violation.path.isEmpty ? root : prefix.map { "\($0).\(violation.path)" } ?? violation.path
        self.init(path, violation.hint.map { "\(violation.message); \($0)" } ?? violation.message)
    }
}

extension Schema {
    /// A query has no types: what the schema wants as a number or as yes or no is read as one, and anything else stays text.
    fileprivate func typed(_ text: String, as name: String) -> Value {
        switch fields.first(where: { $0.name == name })?.schema.shape {
        case .integer: Int64(text).map(Value.int) ?? .string(text)
        case .boolean: ["true": true, "false": false][text] ?? .string(text)
        default: .string(text)
        }
    }
}
