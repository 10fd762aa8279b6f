// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import NIOCore
import Security

/// Where a request really goes: the operator's exemptions applied, and which addresses the connection may use.
struct EgressRoute: Sendable {
    /// What is connected to.
    let target: EgressURL
    /// What the `Host` header says: the place that the plugin asked for.
    let hostHeader: String
    /// True where the operator exempted the place from the address rules.
    let exempt: Bool
}

/// The operator's rules on where plugins may connect, beneath every plugin's own allow-list.
package struct EgressPolicy: Sendable {
    /// Places that the operator exempted.
    package var exemptions: [EgressExemption]
    /// Development mode: loopback and plain http to it need no exemption of their own.
    package var allowsLoopback: Bool

    /// The rules with these exceptions.
    package init(exemptions: [EgressExemption] = [], allowsLoopback: Bool = false) {
        self.exemptions = exemptions
        self.allowsLoopback = allowsLoopback
    }

    func route(_ url: EgressURL) throws(EgressFailure) -> EgressRoute {
        let header = Self.hostHeader(url)
        for exemption in exemptions {
            switch exemption.rule {
            case .allow(let origin) where origin == url.origin:
                return EgressRoute(target: url, hostHeader: header, exempt: true)
            case .reroute(let origin, let place) where origin == url.origin:
                var target = place
                (target.path, target.query) = (url.path, url.query)
                return EgressRoute(target: target, hostHeader: header, exempt: true)
            default: continue
            }
        }
        guard url.scheme == .https || allowsLoopback else {
            throw EgressFailure(.networkDenied, "plain http is refused; the operator can exempt this one destination", sent: false)
        }
        return EgressRoute(target: url, hostHeader: header, exempt: false)
    }

    /// Every address must pass, or none is used: one private address among public ones is how rebinding begins.
    func check(_ addresses: [IPAddress], for route: EgressRoute) throws(EgressFailure) {
        guard !addresses.isEmpty else {
            throw EgressFailure(.providerUnavailable, "the name has no address", sent: false)
        }
        guard !route.exempt else { return }
        let loopbackOnly = allowsLoopback && addresses.allSatisfy(\.isLoopback)
        guard !loopbackOnly else { return }
        if let purpose = addresses.lazy.compactMap(\.specialPurpose).first {
            throw EgressFailure(
                .networkDenied, "the destination has a \(purpose) address; the operator can exempt this one destination", sent: false)
        }
        guard route.target.scheme == .https else {
            throw EgressFailure(.networkDenied, "plain http is refused; the operator can exempt this one destination", sent: false)
        }
    }

    private static func hostHeader(_ url: EgressURL) -> String {
        // The origin without its scheme is exactly the header's grammar.
        String(url.origin.dropFirst(url.scheme.rawValue.utf8.count + 3))
    }
}
