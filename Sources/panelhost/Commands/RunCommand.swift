// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import HTTPServer
import Host
import Sandbox
import Storage

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Serve the API.",
        discussion: """
            Creates the data directory with its keys at the first start. Ends on SIGTERM or SIGINT after finishing what is under way.
            Plain HTTP is served on loopback only, for your TLS proxy; elsewhere it is HTTPS with --tls-cert and --tls-key. --development lifts
            that, exempts loopback destinations from the egress rules and accepts unsigned plugins.
            """)

    @OptionGroup var options: DataOptions
    @OptionGroup var hostOptions: HostOptions

    @OptionGroup var listeners: ListenerOptions

    @OptionGroup var edge: EdgeOptions

    @Flag(name: .long, help: "Development mode: not for real money.")
    var development = false

    func run() async throws {
        let edge = try self.edge.rules(isDevelopment: development)
        let listeners = try self.listeners.listeners(hostOptions, edge, isDevelopment: development)
        guard development || hostOptions.record == nil else {
            throw Failure(
                "--record: a recording holds what the plugin was given and what its provider answered, customers' data among it. Use it with --development on a test machine"
            )
        }
        let composition = try await Composition.start(
            location: options.location, settings: hostOptions.settings, isDevelopment: development)
        composition.announce(isDevelopment: development, recordings: hostOptions.record)
        try await composition.announceFirstOperator()
        if !development, self.edge.trustedProxy.isEmpty, listeners.api.address.isLoopback {
            Console.line(
                "requests are NOT limited by address: name your TLS proxy, which must set X-Forwarded-For, with --trusted-proxy 127.0.0.1")
        }
        try await composition.serve(listeners, edge: edge) { Console.line("listening on \($0)") }
    }
}

extension Composition {
    /// Says how somebody becomes the first operator, as long as there is none.
    func announceFirstOperator() async throws {
        let platform = try await installation.tenant("platform")
        guard try await host.accounts.isWithoutOperator(platform.id) else { return }
        Console.line("nobody operates this installation yet: 'panelhost bootstrap' prints a one-time token for the first operator")
    }

    /// Says what an operator must know: the mode, new keys, exemptions.
    func announce(isDevelopment: Bool, recordings: String? = nil) {
        if isDevelopment {
            Console.line(
                "DEVELOPMENT MODE: loopback destinations are open to plugins and unsigned plugins are accepted. Not for real money.")
        }
        if installation.isNew { Console.line("new keys in \(installation.keyFile): back this file up, apart from the database") }
        if let folder = recordings {
            Console.line("recording every call of a plugin in \(folder): requests, replies and results, never secrets")
        }
        for exemption in host.configuration.exemptions { Console.line("egress exemption: \(exemption)") }
        Console.line("sandbox layers in force: \(host.sandbox.layers)")
    }
}
