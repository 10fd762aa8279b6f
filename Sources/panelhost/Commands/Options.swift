// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Glibc

/// Where the state is.
struct DataOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The data directory.", valueName: "directory"))
    var data = "./data"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A PostgreSQL database instead of the file in the data directory: postgres://user@host1,host2/name. "
                + "PANELHOST_DATABASE_URL says the same and does not show a password in the list of processes.",
            valueName: "url"))
    var database: String?

    var location: InstallationLocation {
        InstallationLocation(directory: data, databaseURL: database ?? getenv("PANELHOST_DATABASE_URL").map { String(cString: $0) })
    }
}

/// Which program cells are.
struct CellOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The SandboxCell executable; found beside panelhost unless said otherwise.", valueName: "path"))
    var cell: String?

    /// The executable's path; an error that says what to do when there is none.
    func path() throws(Failure) -> String { try Composition.cellPath(cell) }
}

/// How a host serves.
struct HostOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Address and port to listen on.", valueName: "host:port"))
    var listen = "127.0.0.1:8080"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Exempt a destination from the egress rules: an origin on a private address that plugins may reach (http://10.0.0.5:9000), "
                + "or a public origin that another one stands in for (https://api.stripe.com=http://127.0.0.1:8420). May be repeated.",
            valueName: "origin[=origin]"))
    var destination: [String] = []

    @OptionGroup var cells: CellOptions

    @Option(name: .long, help: ArgumentHelp("How much to log: trace, debug, info, notice, warning, error.", valueName: "level"))
    var logLevel = "notice"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Record every call of a plugin in this folder, for 'panelhost replay'. In development mode only.", valueName: "directory"))
    var record: String?

    var settings: HostSettings { HostSettings(destinations: destination, cell: cells.cell, logLevel: logLevel, recordings: record) }

    /// The address in parts, or what is wrong with it.
    func address() throws -> (host: String, port: Int) { try Self.parse(listen, option: "--listen") }

    /// An address and a port in parts, or what is wrong with them.
    static func parse(_ text: String, option: String) throws -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65535).contains(port) else {
            throw ValidationError("\(option): write an address and a port, for example 127.0.0.1:8080")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { throw ValidationError("\(option): write an address before the port, for example 127.0.0.1:8080") }
        return (host, port)
    }
}
