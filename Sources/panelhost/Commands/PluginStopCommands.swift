// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Host
import Security
import Storage

extension PluginCommand {
    struct Kill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop a plugin's program for every tenant at once, until it is revived.",
            discussion: """
                Every host on this database ends the program's processes within a second; calls in flight end with 'plugin_killed', later ones are
                refused. Works with and without a running host, survives restarts, and is written into the audit trail of each tenant that has it.
                """)

        @OptionGroup var named: NamedProgram

        @Option(name: .long, help: "Why, in one line: every tenant that has the plugin reads it.")
        var reason: String?

        @OptionGroup var options: DataOptions

        func run() async throws {
            let (installation, stops) = try await options.stops()
            let changes = try await stops.kill(
                named.program, reason: reason, as: installation.authority, trail: try await installation.tenant("platform").id, .commandLine
            )
            for change in changes { Console.line("\(change.label)\t\(change.program)\t\(change.isNew ? "killed" : "was killed before")") }
        }
    }

    struct Revive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a killed program run again.")

        @OptionGroup var named: NamedProgram
        @OptionGroup var options: DataOptions

        func run() async throws {
            let (installation, stops) = try await options.stops()
            let changes = try await stops.revive(
                named.program, as: installation.authority, trail: try await installation.tenant("platform").id, .commandLine)
            for change in changes { Console.line("\(change.label)\t\(change.program)\t\(change.isNew ? "revived" : "was not killed")") }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a tenant's quarantined plugin run again.",
            discussion: "A plugin is quarantined for a tenant when its process dies too often there: read its log first.")

        @Argument(help: "The plugin's id.")
        var plugin: String

        @Option(name: .long, help: "The tenant's slug.")
        var tenant: String

        @OptionGroup var options: DataOptions

        func run() async throws {
            guard let id = PluginID(plugin) else { throw Failure("\(plugin): this is not the id of a plugin") }
            let (installation, stops) = try await options.stops()
            let permit = installation.authority.permit(.pluginEnable, in: try await installation.tenant(tenant).id, as: "command-line")
            let released = try await stops.release(id, permit, .commandLine)
            for version in released { Console.line("\(id) \(version) released for \(tenant)") }
            if released.isEmpty { Console.line("nothing of \(id) is in quarantine for \(tenant)") }
        }
    }

    /// What an operator calls a program.
    struct NamedProgram: ParsableArguments {
        @Argument(help: ArgumentHelp("A content's hash, id@version, or an id for all its versions.", valueName: "program"))
        var name: String

        var program: ProgramName {
            get throws {
                guard let program = ProgramName(name) else {
                    throw Failure("\(name): write a content's hash (64 characters), id@version, or an id")
                }
                return program
            }
        }
    }
}

extension DataOptions {
    /// The switches over the data directory alone: no plugin is started, so that it works when they are what is wrong.
    fileprivate func stops() async throws -> (Installation, PluginStops) {
        let installation = try await Installation(at: location, creating: false)
        return (installation, PluginStops(database: installation.database))
    }
}

extension CallOrigin {
    /// A command of the operator.
    static var commandLine: CallOrigin { CallOrigin(correlation: CallID.make().description) }
}
