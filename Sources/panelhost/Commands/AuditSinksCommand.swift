// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Glibc
import Host
import Security
import Storage

struct AuditSinksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sinks", abstract: "Ship the audit trails elsewhere as they grow: to a file, to syslog, to a webhook.",
        discussion: """
            Hosts ship by themselves, one host for each sink, in the order of each trail and at least once: each event carries tenant, leaf
            index and id, by which a receiver drops what comes again. When a sink has not taken an event for longer than its lag limit,
            every change over HTTP is refused (503 audit_sink_lagging) until it has; reading and this command line keep working.
            docs/audit.md has the whole story.
            """,
        subcommands: [List.self, Add.self, Remove.self, Test.self, Pause.self, Resume.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show every sink, how far behind it is, and why.")

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let statuses = try await AuditSinkGate(database: installation.database, authority: installation.authority).statuses()
            if statuses.isEmpty { Console.line("there are no audit sinks; 'panelhost audit sinks add --help' says how to add one") }
            for status in statuses {
                let sink = status.sink
                let owed = try await installation.database.platformRead(installation.authority.platform("list audit sinks")) {
                    try AuditSinkRepository($0).owed(sink.id)
                }
                let address = (try? SinkAddress(sink.url).loggable) ?? "(unreadable address)"
                let limit = sink.lagLimit == 0 ? "never blocks" : "limit \(LagLimit(milliseconds: sink.lagLimit))"
                Console.line("\(sink.name)\t\(address)\t\(sink.format.rawValue)\t\(Self.state(status))")
                Console.line(
                    "  delivered \(sink.delivered), waiting \(owed), lag \(LagLimit(milliseconds: status.lag)), \(limit), failures \(sink.failures)"
                        + (sink.pruned == 0 ? "" : ", pruned before they were shipped \(sink.pruned)"))
                if let error = sink.lastError { Console.line("  last error: \(Console.plain(error))") }
            }
        }

        private static func state(_ status: AuditSinkGate.Status) -> String {
            if status.sink.pausedAt != nil { return "PAUSED" }
            if status.isOverLimit { return "OVER ITS LIMIT: changes over HTTP are refused" }
            return status.sink.failingSince == nil ? "ok" : "failing"
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget a sink and how far it was.",
            discussion: "What was not shipped stays in the trails only. To halt a sink for a while, pause it: it goes on where it was.")

        @Argument(help: "The sink's name.")
        var name: String

        @OptionGroup var options: DataOptions

        func run() async throws {
            try await options.changeSink(name) {
                try $0.remove(name: name, by: "system:cli", correlation: CallID.make().description, at: WallClock.system.now())
            }
            Console.line("\(name): removed")
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Halt a sink: nothing is shipped, and it blocks nothing.",
            discussion: "Where it was is kept. Events that retention prunes meanwhile are skipped, and counted.")

        @Argument(help: "The sink's name.")
        var name: String

        @OptionGroup var options: DataOptions

        func run() async throws {
            try await options.setSinkPaused(true, name)
            Console.line("\(name): paused; 'panelhost audit sinks resume \(name)' lets it go on where it was")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a paused sink go on where it was.",
            discussion: "Its lag is counted from now, so that it has its lag limit's time to catch up.")

        @Argument(help: "The sink's name.")
        var name: String

        @OptionGroup var options: DataOptions

        func run() async throws {
            try await options.setSinkPaused(false, name)
            Console.line("\(name): goes on where it was")
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send one event that is no event of a trail, and say whether it was accepted.",
            discussion: """
                It goes out from this machine, with this user's rights: run it where, and as whom, the host runs. Its action is 'sink_test', it
                has no leaf index, and no trail knows it.
                """)

        @Argument(help: "The sink's name.")
        var name: String

        @Flag(name: .long, help: "Allow plain http to this machine, as 'panelhost run --development' does.")
        var development = false

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let scope = installation.authority.platform("test an audit sink")
            guard let sink = try await installation.database.platformRead(scope, { try AuditSinkRepository($0).find(name: name) }) else {
                throw Failure(AuditSinksCommand.unknown(name))
            }
            let platform = try await installation.tenant(TenantSlug.platform.description)
            let event = AuditEvent(
                tenant: platform.id, actor: "system:cli", action: "sink_test", resource: "audit_sink:\(name)", outcome: .success,
                correlation: CallID.make().description)
            do throws(SinkFailure) {
                let transports = SinkTransports(
                    secrets: installation.hostKeys.secrets, encryption: installation.encryption, isDevelopment: development)
                let transport = try await transports.make(sink)
                do throws(SinkFailure) {
                    try await transport.deliver(transports.shipped([AuditRow(event)]))
                } catch {
                    await transport.close()
                    throw error
                }
                await transport.close()
            } catch {
                throw Failure("\(name) did not accept the test event: \(error)")
            }
            Console.line("\(name): accepted; look there for event \(event.id)")
        }
    }

    static func unknown(_ name: String) -> String { "there is no audit sink '\(name)': 'panelhost audit sinks list' shows those there are" }
}

extension DataOptions {
    /// Changes one sink, which must be there.
    fileprivate func changeSink(_ name: String, _ change: @escaping @Sendable (AuditSinkRepository) throws -> Bool) async throws {
        let installation = try await Installation(at: location, creating: false)
        let isThere = try await installation.database.platform(installation.authority.platform("change an audit sink")) {
            try change(AuditSinkRepository($0))
        }
        guard isThere else { throw Failure(AuditSinksCommand.unknown(name)) }
    }

    fileprivate func setSinkPaused(_ isPaused: Bool, _ name: String) async throws {
        try await changeSink(name) {
            try $0.setPaused(isPaused, name: name, by: "system:cli", correlation: CallID.make().description, at: WallClock.system.now())
        }
    }
}
