// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import HTTPServer
import Host
import Security

/// What `run` is told about its listeners.
struct ListenerOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Serve HTTPS: the certificate with its chain, in PEM. A renewed one is taken into use within ten seconds, or at once on SIGHUP, "
                + "and breaks no connection.", valueName: "file"))
    var tlsCert: String?

    @Option(name: .long, help: ArgumentHelp("The certificate's private key in PEM, readable by its owner alone.", valueName: "file"))
    var tlsKey: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Serve what is for those who operate the installation here and nowhere else: a port on 127.0.0.1, or an address and a port. "
                + "Unless given, --listen serves everything.", valueName: "[host:]port"))
    var adminListen: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Serve /metrics for Prometheus here, without credentials: a port on 127.0.0.1, or an address and a port. Off unless given.",
            valueName: "[host:]port"))
    var metrics: String?

    @Option(name: .long, help: ArgumentHelp("Connections at once on each listener.", valueName: "number"))
    var maxConnections = ListenerBudget().connections

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Connections at once of one address (a /64 of IPv6) on each listener; loopback and --trusted-proxy are not counted.",
            valueName: "number"))
    var maxConnectionsPerAddress = ListenerBudget().connectionsPerAddress

    @Option(name: .long, help: ArgumentHelp("How long a request may take until its answer begins.", valueName: "seconds"))
    var requestSeconds = 120

    func validate() throws {
        guard (tlsCert == nil) == (tlsKey == nil) else { throw ValidationError("--tls-cert and --tls-key belong together") }
        guard (1...1_000_000).contains(maxConnections), (1...1_000_000).contains(maxConnectionsPerAddress) else {
            throw ValidationError("--max-connections and --max-connections-per-address: from 1 to 1000000")
        }
        guard (1...3600).contains(requestSeconds) else { throw ValidationError("--request-seconds: from 1 to 3600") }
    }

    /// Everything that is listened on.
    func listeners(_ hostOptions: HostOptions, _ edge: EdgeRules, isDevelopment: Bool) throws -> Listeners {
        let (host, port) = try hostOptions.address()
        let identity = try identity()
        var budget = ListenerBudget()
        budget.connections = Installation.connections(atMost: maxConnections)
        budget.connectionsPerAddress = maxConnectionsPerAddress
        budget.request = .seconds(requestSeconds)
        let make = { (name: String, address: ListenAddress) in
            Listener(name, address, proxies: edge.proxies, budget: budget, identity: identity)
        }
        let api = make("api", ListenAddress(host: host, port: port))
        let admin = try adminListen.map { make("admin", try Self.address($0, "--admin-listen")) }
        for (listener, option) in [(api, "--listen"), (admin, "--admin-listen")] {
            guard let listener, identity == nil, !isDevelopment, !listener.address.isLoopback else { continue }
            throw Failure(
                "\(option) \(listener.address.host): plain HTTP is served on loopback only. Give --tls-cert and --tls-key, put a TLS proxy "
                    + "before 127.0.0.1, or use --development on a test machine")
        }
        return Listeners(api: api, admin: admin, metrics: try metrics.map { try Self.address($0, "--metrics") }, identity: identity)
    }

    private static func address(_ text: String, _ option: String) throws -> ListenAddress {
        let (host, port) = try HostOptions.parse(text.contains(":") ? text : "127.0.0.1:\(text)", option: option)
        return ListenAddress(host: host, port: port)
    }

    private func identity() throws(Failure) -> TLSIdentity? {
        guard let tlsCert, let tlsKey else { return nil }
        do {
            return try TLSIdentity(certificateFile: tlsCert, keyFile: tlsKey)
        } catch {
            throw Failure("--tls-cert, --tls-key: \(error)")
        }
    }
}

/// Everything that one host listens on.
struct Listeners: Sendable {
    var api: Listener
    var admin: Listener?
    var metrics: ListenAddress?
    var identity: TLSIdentity?

    /// Plain HTTP on one address, for development.
    static func plain(_ address: ListenAddress) -> Listeners { Listeners(api: Listener("api", address)) }
}
