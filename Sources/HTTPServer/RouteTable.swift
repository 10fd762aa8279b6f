// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import HTTPTypes

/// Every operation of the API, in the order in which the description lists them.
package struct RouteTable: Sendable {
    package let routes: [Route]
    /// By the number of steps, in the order of the routes.
    private let templates: [Int: [Template]]

    package init(_ routes: [Route]) {
        self.routes = routes
        templates = Dictionary(grouping: routes.indices.map { Template(routes[$0].path, of: $0) }, by: \.stepCount)
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
        for template in templates[steps.count] ?? [] where template.fits(steps) {
            let served = routes[template.route].method
            if served == method { return .route(routes[template.route], parameters: template.parameters(of: steps)) }
            methods.append(served)
        }
        return methods.isEmpty ? .nothing : .otherMethods(methods)
    }

    /// A route's path in steps.
    private struct Template: Sendable {
        let route: Int
        let stepCount: Int
        /// The last one first: routes begin alike and end differently.
        private var literals: [(place: Int, text: Substring)] = []
        private var names: [(place: Int, name: String)] = []

        init(_ path: String, of route: Int) {
            let steps = path.split(separator: "/", omittingEmptySubsequences: false)
            (self.route, stepCount) = (route, steps.count)
            for (place, step) in steps.enumerated().reversed() {
                if step.first == "{" {
                    names.append((place, String(step.dropFirst().dropLast())))
                } else {
                    literals.append((place, step))
                }
            }
        }

        /// Whether a path of as many steps is one of the route's.
        func fits(_ steps: [Substring]) -> Bool {
            literals.allSatisfy { steps[$0.place] == $0.text } && names.allSatisfy { !steps[$0.place].isEmpty }
        }

        func parameters(of steps: [Substring]) -> [String: String] {
            var parameters: [String: String] = [:]
            for (place, name) in names { parameters[name] = String(steps[place]) }
            return parameters
        }
    }
}
