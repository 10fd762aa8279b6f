// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
package import Host
package import Hummingbird
package import Logging
import NIOCore
import Security
import Values

/// The context of one request: the peer's address beside what Hummingbird needs.
package struct PanelContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let address: String?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress
    }
}

/// Turns a request into its route's reply and every failure into a problem: nothing else answers on this listener.
package struct PanelResponder: HTTPResponder {
    package typealias Context = PanelContext

    private let table: RouteTable
    private let host: Host
    private let logger: Logger
    private let edge: EdgeRules

    package init(table: RouteTable, host: Host, edge: EdgeRules, logger: Logger) {
        (self.table, self.host, self.edge, self.logger) = (table, host, edge, logger)
    }

    package func respond(to request: Request, context: PanelContext) async throws -> Response {
        let correlation = Identifier<RequestSubject>.make().description
        var response: Response
        var operation: String?
        var limited: RateDecision?
        var crossOrigin: CrossOrigin?
        switch table.match(request.method, request.uri.path) {
        case .otherMethods(let methods) where CrossOrigin.isPreflight(request.method, request.headers):
            do {
                limited = edge.limits.take(.api, from: try client(of: request, context))
                try limited?.requireAllowed()
                let page = cross(request)
                await page.settle(isNamed)
                response = Response(status: .noContent, headers: try page.preflight(methods))
            } catch {
                response = Response(ProblemMapping.problem(for: error), correlation: correlation)
            }
        case .route(let route, let parameters):
            operation = route.operation
            do {
                let client = try client(of: request, context)
                limited = edge.limits.take(route.rateClass, from: client)
                try limited?.requireAllowed()
                let page = cross(request)
                crossOrigin = page
                let reply = try await answer(request, by: route, parameters, client, page, correlation)
                response = Response(reply, correlation: correlation) { [self] in noteBreak($0, route, correlation) }
            } catch {
                response = Response(problem(for: error, route, correlation), correlation: correlation)
            }
            // A token is for pages of its own tenant, which its route has found out; anything else here tells nothing of anybody.
            if route.rateClass == .api || response.status.kind != .successful { await crossOrigin?.settle(isNamed) }
        case .otherMethods(let allowed):
            var problem = Problem(.methodNotAllowed, "method_not_allowed", "This path does not take that method")
            problem.headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
            response = Response(problem, correlation: correlation)
        case .nothing:
            response = Response(.notFound, correlation: correlation)
        }
        if let limited {
            for field in limited.headers where response.headers[field.name] == nil { response.headers[field.name] = field.value }
        }
        host.metrics.countAnswer(operation, status: response.status.code)
        if request.method == .head { response.body = .init() }
        response.headers[.correlation] = correlation
        for field in Self.safety { response.headers[field.name] = field.value }
        // A browser heeds it only where it came over TLS, be it from the proxy.
        if edge.isTLS || !edge.proxies.isEmpty { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        for field in crossOrigin?.headers ?? [:] {
            response.headers[field.name] = field.value
            response.headers[.accessControlExposeHeaders] = CrossOrigin.exposedHeaders
        }
        response.headers[.vary] = "Origin"
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
        return response
    }

    /// Answers are data: no browser may run, frame, sniff or lend them out, or come back without TLS.
    private static let safety: [HTTPField] = [
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .contentSecurityPolicy, value: "default-src 'none'; frame-ancestors 'none'"),
        HTTPField(name: .xFrameOptions, value: "DENY"),
        HTTPField(name: .referrerPolicy, value: "no-referrer"),
        HTTPField(name: .crossOriginResourcePolicy, value: "same-origin"),
    ]

    private func answer(
        _ request: Request, by route: Route, _ parameters: [String: String], _ client: IPAddress?, _ page: CrossOrigin,
        _ correlation: String
    ) async throws -> Reply {
        if route.changesState { try await host.sinks.admit() }
        // A parameter of a length that no identifier has is not worth a look-up; it is refused where the tenant would be.
        let parameters = parameters.mapValues { $0.utf8.count <= 256 ? $0 : "" }
        let (body, limit) = (request.body, route.body.maxBytes)
        let call = UnverifiedCall(
            parameters: parameters, headers: request.headers, query: request.uri.query.map { Substring($0) },
            body: { try await Self.collect(body, limit: limit) },
            origin: CallOrigin(correlation: correlation, address: client?.description),
            browser: BrowserCall(method: request.method, headers: request.headers, origins: edge.origins), limits: edge.limits,
            crossOrigin: page, audience: edge.audience, bodyPatience: edge.bodyPatience)
        return try await route.handler(call, host)
    }

    private func cross(_ request: Request) -> CrossOrigin {
        CrossOrigin(request.headers, authority: request.head.authority, origins: edge.origins)
    }

    /// What a database that does not answer says: no.
    private func isNamed(_ origin: String) async -> Bool { (try? await host.edge.isNamed(origin)) ?? false }

    /// A stream ended in the middle by a failure of this side; that its caller has gone is nobody's failure.
    private func noteBreak(_ error: any Error, _ route: Route, _ correlation: String) {
        logger.error(
            "response broken off",
            metadata: [
                "correlation": .string(correlation), "path": .string(route.path), "error": .string(ProblemMapping.logText(for: error)),
            ])
    }

    /// Where the request came from, as far as anybody who is trusted says.
    private func client(of request: Request, _ context: PanelContext) throws(Problem) -> IPAddress? {
        do {
            return try edge.proxies.client(peer: context.address, forwardedFor: request.headers[values: .xForwardedFor])
        } catch {
            throw Problem(
                .badRequest, "bad_forwarded_for", "The proxy's X-Forwarded-For cannot be read",
                detail: "A trusted proxy sets it to the address of the client that it speaks with, without a port.")
        }
    }

    private func problem(for error: any Error, _ route: Route, _ correlation: String) -> Problem {
        let problem = ProblemMapping.problem(for: error)
        // Every change is refused then: the log has the sink's own line.
        if problem.status.kind == .serverError, problem.code != HostError.Code.auditSinkLagging.description {
            logger.error(
                "request failed",
                metadata: [
                    // The path's template: what it was filled with may be a token.
                    "correlation": .string(correlation), "path": .string(route.path), "error": .string(ProblemMapping.logText(for: error)),
                ])
        }
        return problem
    }

    private static func collect(_ body: RequestBody, limit: Int) async throws -> [UInt8] {
        do {
            return try await Array(buffer: body.collect(upTo: limit))
        } catch is NIOTooManyBytesError {
            throw Problem(
                .contentTooLarge, "body_too_large", "The body is too large", detail: "This operation takes at most \(limit) bytes.")
        } catch let error as CancellationError {
            throw error
        } catch {
            // The sender broke it off, or framed it wrongly: nothing of the host's has failed.
            throw Problem.invalidField("body", "cannot be read: it ends early, or is not framed as HTTP/1.1 says")
        }
    }
}

/// Marks the identifiers of single requests.
enum RequestSubject {}

extension Route.Body {
    /// The most that is read of a body; a route that takes none still reads a little to say so.
    fileprivate var maxBytes: Int {
        switch self {
        case .none: 1024
        case .json(_, let maxBytes), .raw(_, let maxBytes), .opaque(let maxBytes): maxBytes
        }
    }
}

extension Response {
    fileprivate init(_ problem: Problem, correlation: String) {
        var headers = problem.headers
        headers[.contentType] = "application/problem+json"
        self.init(status: problem.status, headers: headers, body: .init(bytes: JSON.serialize(problem.body(correlation: correlation))))
    }

    fileprivate init(_ reply: Reply, correlation: String, onBreak: @escaping @Sendable (any Error) -> Void) {
        var headers = reply.headers
        switch reply.content {
        case .none:
            self.init(status: reply.status, headers: headers)
        case .problem(let problem):
            self.init(problem, correlation: correlation)
        case .json(let value):
            headers[.contentType] = "application/json"
            self.init(status: reply.status, headers: headers, body: .init(bytes: JSON.serialize(value)))
        case .bytes(let bytes, let contentType):
            headers[.contentType] = contentType
            self.init(status: reply.status, headers: headers, body: .init(bytes: bytes))
        case .stream(let stream, let contentType):
            headers[.contentType] = contentType
            self.init(status: reply.status, headers: headers, body: .init(stream, onBreak: onBreak))
        }
    }
}

extension ResponseBody {
    fileprivate init(bytes: [UInt8]) {
        self.init(byteBuffer: ByteBuffer(bytes: bytes))
    }
}
