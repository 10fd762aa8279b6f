// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Host
package import Hummingbird
import HTTPTypes
package import Logging
import NIOCore
import Security
import Values

/// The context of one request: the peer's address beside what Hummingbird needs.
package struct PanelContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let address: String?
    /// Of this request alone.
    package var correlation = ""

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress
    }
}

/// Turns a request into its route's reply and every failure into a problem: nothing else answers on this listener.
package struct PanelResponder: HTTPResponder {
    package typealias Context = PanelContext

    private let router: RouterResponder<PanelContext>
    private let table: RouteTable
    private let logger: Logger

    package init(table: RouteTable, host: Host, logger: Logger) {
        let router = Router(context: PanelContext.self)
        for route in table.routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await Self.answer(request, context, by: route, host: host)
            }
        }
        self.router = router.buildResponder()
        self.table = table
        self.logger = logger
    }

    package func respond(to request: Request, context: PanelContext) async throws -> Response {
        let correlation = Identifier<RequestSubject>.make().description
        var context = context
        context.correlation = correlation
        var response: Response
        do {
            response = try await router.respond(to: request, context: context)
        } catch {
            response = problem(for: error, request: request, correlation: correlation)
        }
        response.headers[.correlation] = correlation
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
        return response
    }

    private func problem(for error: any Error, request: Request, correlation: String) -> Response {
        var problem = ProblemMapping.problem(for: error)
        if error is HTTPError, let allowed = table.methods(at: request.uri.path), !allowed.isEmpty {
            problem = Problem(.methodNotAllowed, "method_not_allowed", "This path does not take that method")
            problem.headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
        }
        if problem.status.kind == .serverError {
            logger.error("request failed", metadata: [
                "correlation": .string(correlation), "path": .string(table.template(of: request.uri.path) ?? "unknown"),
                "error": .string(ProblemMapping.logText(for: error)),
            ])
        }
        return Response(problem, correlation: correlation)
    }

    private static func answer(_ request: Request, _ context: PanelContext, by route: Route, host: Host) async throws -> Response {
        let correlation = context.correlation
        var parameters: [String: String] = [:]
        for name in route.parameters {
            // A parameter of a length that no identifier has is not worth a look-up.
            guard let text = context.parameters.get(name), text.utf8.count <= 256 else { throw Problem.notFound }
            parameters[name] = text
        }
        let call = UnverifiedCall(
            parameters: parameters, headers: request.headers, query: request.uri.query.map { Substring($0) },
            body: try await collect(request.body, limit: route.body.maxBytes),
            origin: CallOrigin(correlation: correlation, address: context.address))
        return Response(try await route.handler(call, host), correlation: correlation)
    }

    private static func collect(_ body: RequestBody, limit: Int) async throws -> [UInt8] {
        do {
            return try await Array(buffer: body.collect(upTo: limit))
        } catch is NIOTooManyBytesError {
            throw Problem(.contentTooLarge, "body_too_large", "The body is too large", detail: "This operation takes at most \(limit) bytes.")
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

    fileprivate init(_ reply: Reply, correlation: String) {
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
        }
    }
}

extension ResponseBody {
    fileprivate init(bytes: [UInt8]) {
        self.init(byteBuffer: ByteBuffer(bytes: bytes))
    }
}
