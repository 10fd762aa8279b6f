// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import HTTPTypes

/// Every operation of the API, in the order in which the description lists them.
package struct RouteTable: Sendable {
    package let routes: [Route]

    package init(_ routes: [Route]) {
        self.routes = routes
    }

    /// The methods that are served at this path; empty where nothing is.
    package func methods(at path: String) -> [HTTPRequest.Method]? {
        let found = routes.filter { Self.matches($0.path, path) }.map(\.method)
        return found.isEmpty ? nil : found
    }

    /// The path with names for its parameters: what may be logged, since it holds no token.
    package func template(of path: String) -> String? {
        routes.first { Self.matches($0.path, path) }?.path
    }

    private static func matches(_ template: String, _ path: String) -> Bool {
        let expected = template.split(separator: "/")
        let actual = path.split(separator: "/")
        return expected.count == actual.count && zip(expected, actual).allSatisfy { $0.first == "{" || $0 == $1 }
    }
}
