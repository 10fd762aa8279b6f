// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import HTTPServer
import Security

/// What `run` is told about browsers, proxies and limits.
struct EdgeOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Let pages of this origin keep their sessions in HttpOnly cookies, such as https://panel.example. May be repeated.",
            valueName: "origin"))
    var origin: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Believe X-Forwarded-For from this address or range, such as 127.0.0.1 or 10.0.0.0/8. May be repeated. Without it, or "
                + "when the proxy sends no such header, clients behind a proxy on this machine are not limited by address at all.",
            valueName: "range"))
    var trustedProxy: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Change a limit: \(RateClass.allCases.map(\.rawValue).joined(separator: ", ")) = requests/seconds:burst, such as login=30/60:10. May be repeated.",
            valueName: "class=limit"))
    var rateLimit: [String] = []

    func rules(isDevelopment: Bool) throws -> EdgeRules {
        EdgeRules(origins: try origins(isDevelopment), proxies: try proxies(), limits: RateLimits(try limits()))
    }

    private func origins(_ isDevelopment: Bool) throws(Failure) -> BrowserOrigins {
        do {
            return try BrowserOrigins(origin, allowsLoopback: isDevelopment)
        } catch {
            throw Failure("--origin: \(error)")
        }
    }

    private func proxies() throws(Failure) -> TrustedProxies {
        var ranges: [NetworkPrefix] = []
        for text in trustedProxy {
            guard let range = NetworkPrefix(text) else {
                throw Failure(
                    "--trusted-proxy \(text): write an address or a range whose address ends in zero bits, such as 127.0.0.1 or 10.0.0.0/8")
            }
            ranges.append(range)
        }
        return TrustedProxies(ranges)
    }

    private func limits() throws(Failure) -> [RateClass: RateLimit] {
        var limits: [RateClass: RateLimit] = [:]
        for text in rateLimit {
            let halves = text.split(separator: "=", maxSplits: 1)
            guard halves.count == 2, let name = RateClass(rawValue: String(halves[0])), let limit = RateLimit(String(halves[1])) else {
                throw Failure(
                    "--rate-limit \(text): write a class (\(RateClass.allCases.map(\.rawValue).joined(separator: ", "))), '=', requests/seconds "
                        + "and perhaps ':' and how many at once, such as login=30/60:10")
            }
            limits[name] = limit
        }
        return limits
    }
}
