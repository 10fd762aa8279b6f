// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Host
package import Security
import Synchronization

/// How many connections are open on one listener, in all and by address, and what was cut short there.
package final class ConnectionLimits: Sendable {
    /// Why a connection is not taken.
    package enum Refusal: String, Sendable, CaseIterable {
        case all = "connections"
        case address = "connections_of_address"
    }

    /// Why one was ended by this side.
    package enum Cut: String, Sendable, CaseIterable {
        case slowHead = "slow_head"
        case slowBody = "slow_body"
        case slowReader = "slow_reader"
        case headTooLarge = "head_too_large"
        case bodyTooLarge = "body_too_large"
        case requestTime = "request_time"
        case badHead = "bad_head"
        case notTLS = "not_tls"
    }

    private struct State {
        var open = 0
        var byAddress: [NetworkPrefix: Int] = [:]
        var refused: [Refusal: Int] = [:]
        var cut: [Cut: Int] = [:]
    }

    private let listener: String
    private let most: Int
    private let mostOfAddress: Int
    private let proxies: TrustedProxies
    private let state = Mutex(State())

    package init(_ listener: String, _ budget: ListenerBudget, proxies: TrustedProxies) {
        (self.listener, self.proxies) = (listener, proxies)
        (most, mostOfAddress) = (budget.connections, budget.connectionsPerAddress)
    }

    /// What an address is counted as; nil for the machine itself and for proxies, which speak for many.
    private func prefix(_ address: IPAddress?) -> NetworkPrefix? {
        guard let address = address?.unmapped, !proxies.trusts(address), !address.isLoopback else { return nil }
        return NetworkPrefix(around: address, length: address.isV6 ? 64 : 32)
    }

    /// Takes a place, which ``release(_:)`` gives back; or says why there is none.
    package func take(_ address: IPAddress?) -> Refusal? {
        let prefix = prefix(address)
        return state.withLock { state in
            let refusal: Refusal? =
                state.open >= most ? .all : prefix.map { state.byAddress[$0, default: 0] >= mostOfAddress } == true ? .address : nil
            if let refusal {
                state.refused[refusal, default: 0] += 1
                return refusal
            }
            state.open += 1
            if let prefix { state.byAddress[prefix, default: 0] += 1 }
            return nil
        }
    }

    /// Gives a place back.
    package func release(_ address: IPAddress?) {
        let prefix = prefix(address)
        state.withLock { state in
            state.open -= 1
            guard let prefix, let count = state.byAddress[prefix] else { return }
            state.byAddress[prefix] = count > 1 ? count - 1 : nil
        }
    }

    func count(_ cut: Cut) { state.withLock { $0.cut[cut, default: 0] += 1 } }

    /// Places taken at this moment.
    package var open: Int { state.withLock { $0.open } }

    /// What several listeners have counted.
    package static func families(_ all: [ConnectionLimits]) -> [MetricFamily] {
        var open = MetricFamily("panelhost_http_connections", .gauge, "Open connections.")
        var refused = MetricFamily("panelhost_http_connections_refused_total", .counter, "Connections that were not taken.")
        var cut = MetricFamily("panelhost_http_connections_cut_total", .counter, "Connections that were ended for what came over them.")
        for limits in all {
            let state = limits.state.withLock { $0 }
            open.add(state.open, [("listener", limits.listener)])
            for reason in Refusal.allCases {
                refused.add(state.refused[reason] ?? 0, [("listener", limits.listener), ("reason", reason.rawValue)])
            }
            for reason in Cut.allCases { cut.add(state.cut[reason] ?? 0, [("listener", limits.listener), ("reason", reason.rawValue)]) }
        }
        return [open, refused, cut]
    }
}
