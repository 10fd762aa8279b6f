// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import HTTPTypes

/// Every operation of the API, in the order in which the description lists them.
package struct RouteTable: Sendable {
    package let routes: [Route]
    private let templates: [Template]

    package init(_ routes: [Route]) {
        self.routes = routes
        templates = routes.map { Template($0.path) }
    }

    /// The routes for those whom a listener serves.
    package func serving(_ audience: Route.Audience) -> RouteTable {
        audience == .everybody ? self : RouteTable(routes.filter { $0.audience == audience || $0.audience == .everybody })
    }

    /// What a method and a path lead to.
    package enum Match: Sendable {
        case route(Route, parameters: [String: String])
        /// The path is served, with these methods.
        case otherMethods([HTTPRequest.Method])
        case nothing
    }

    /// Finds the route of a request.
    ///
    /// The path is taken as it was sent: escapes are not undone, so that none can smuggle a `/`, a `..` or a NUL past whoever
    /// looked at it before, and an extra `/` is another path. What identifiers are made of needs no escapes.
    package func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        let steps = path.split(separator: "/", omittingEmptySubsequences: false)
        var methods: [HTTPRequest.Method] = []
        for (route, template) in zip(routes, templates) {
            guard let parameters = template.parameters(of: steps) else { continue }
            if route.method == method { return .route(route, parameters: parameters) }
            methods.append(route.method)
        }
        return methods.isEmpty ? .nothing : .otherMethods(methods)
    }

    /// A route's path in steps.
    private struct Template: Sendable {
        enum Step: Sendable {
            case literal(Substring)
            case parameter(String)
        }

        let steps: [Step]

        init(_ path: String) {
            steps = path.split(separator: "/", omittingEmptySubsequences: false).map { step in
                step.first == "{" ? .parameter(String(step.dropFirst().dropLast())) : .literal(step)
            }
        }

        func parameters(of actual: [Substring]) -> [String: String]? {
            guard steps.count == actual.count else { return nil }
            var parameters: [String: String] = [:]
            for (step, text) in zip(steps, actual) {
                switch step {
                case .literal(let literal): if literal != text { return nil }
                case .parameter(let name):
                    guard !text.isEmpty else { return nil }
                    parameters[name] = String(text)
                }
            }
            return parameters
        }
    }
}
