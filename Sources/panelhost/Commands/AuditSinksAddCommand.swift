// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Host
import Sandbox
import Security
import Storage

extension AuditSinksCommand {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a sink.",
            discussion: """
                file:///var/log/panelhost/audit.jsonl   appended and brought to the disk; for one host, since the file is on the machine that ships
                syslog+unix:///dev/log                  this machine's syslog
                syslog+udp://logs.example.com:514       RFC 5424 in datagrams; nobody notices what gets lost, better take tcp or tls
                syslog+tcp://logs.example.com:601       with lengths in front (RFC 6587)
                syslog+tls://logs.example.com:6514      the same over TLS, verified (RFC 5425)
                https://siem.example.com/panelhost      signed as standardwebhooks.com says; only an answer 2xx counts

                A webhook needs a secret, which signs every message. Make one, give it to the receiver as well, and never write it on a command line:
                (umask 077; printf 'whsec_%s' "$(openssl rand -base64 32)" > secret) and --secret-file secret, or PANELHOST_SINK_SECRET.
                """)

        @Argument(help: "What to call it: 1 to 40 of a-z, 0-9 and -.")
        var name: String

        @Argument(help: ArgumentHelp("Where it is; see above.", valueName: "address"))
        var address: String

        @Option(
            name: .long,
            help: "json, ocsf (Open Cybersecurity Schema Framework 1.3), or for syslog structured (RFC 5424 structured data, no JSON).")
        var format: AuditSinkFormat = .json

        @Option(
            name: .long,
            help: ArgumentHelp(
                "How old the oldest event may get that it has not taken, before changes are refused: 30s, 15m, 2h. 0 for never.",
                valueName: "time"))
        var lagLimit = LagLimit(milliseconds: 15 * 60_000)

        @Flag(name: .long, help: "Ship all that the trails have, instead of what is added from now on.")
        var fromStart = false

        @Option(name: .long, help: ArgumentHelp("A file of mode 0600 with the secret of a webhook.", valueName: "file"))
        var secretFile: String?

        @Option(
            name: .long,
            help: ArgumentHelp("Certificates (PEM) to trust for TLS instead of this machine's. Every host uses them.", valueName: "file"))
        var ca: String?

        @Option(
            name: .long,
            help: ArgumentHelp(
                "The longest syslog message: 480 to 65000. What is longer loses its detail. 2048 for UDP, else 8192, unless given.",
                valueName: "bytes"))
        var maxMessage: Int?

        @OptionGroup var options: DataOptions

        func run() async throws {
            guard (1...40).contains(name.utf8.count),
                name.utf8.allSatisfy({ $0 == 45 || (48...57).contains($0) || (97...122).contains($0) })
            else { throw ValidationError("a sink's name is 1 to 40 of a-z, 0-9 and -") }
            let place = try SinkAddress(address)
            try place.checkPlainHTTP()
            guard place.takes(format) else { throw ValidationError("--format structured is for syslog; use json or ocsf") }
            if let maxMessage, !place.isSyslog || !(480...65_000).contains(maxMessage) {
                throw ValidationError("--max-message is for syslog, from 480 to 65000")
            }
            let trust = try ca.map { try Self.text(of: $0) }
            do throws(SinkFailure) {
                if let trust { try SinkTransports.check(trustedCertificates: trust) }
            } catch {
                throw Failure("--ca: \(error)")
            }
            let secret = try readSecret(for: place)
            let installation = try await Installation(at: options.location, creating: false)
            var sink = AuditSinkRecord(
                name: name, url: place.text, format: format,
                options: AuditSinkOptions(trustedCertificates: trust, maxMessageBytes: maxMessage), lagLimit: lagLimit.milliseconds,
                createdAt: WallClock.system.now(), createdBy: "system:cli")
            if let secret {
                guard let secrets = installation.hostKeys.secrets else { throw Failure("the installation's keys cannot seal the secret") }
                sink.secret = try await secrets.seal(secret, at: sink.secretPlace)
            }
            let (record, fromStart) = (sink, fromStart)
            try await installation.database.platform(installation.authority.platform("add an audit sink")) {
                try AuditSinkRepository($0).add(
                    record, fromStart: fromStart, by: "system:cli", correlation: CallID.make().description)
            }
            Console.line("\(name): added; running hosts begin within seconds. Try it with 'panelhost audit sinks test \(name)'")
            if place.needsDevelopment { Console.line("plain http: only 'panelhost run --development' ships there") }
        }

        /// From a file or the environment: a command line is shown to everybody on the machine.
        private func readSecret(for place: SinkAddress) throws -> Secret? {
            guard case .webhook = place.way else {
                guard secretFile == nil else { throw ValidationError("--secret-file is for webhooks") }
                return nil
            }
            let given = try secretFile.map { try KeyFile.read($0) } ?? EnvironmentSecret.take("PANELHOST_SINK_SECRET")
            var text = given?.revealedText() ?? ""
            while text.last?.isWhitespace == true { text.removeLast() }
            let secret = Secret(text)
            guard SinkTransports.isWebhookSecret(secret) else {
                throw Failure(
                    "a webhook needs a secret, 'whsec_' and 24 to 64 bytes in base64: give it in --secret-file FILE or PANELHOST_SINK_SECRET; "
                        + "'panelhost audit sinks add --help' says how to make one")
            }
            return secret
        }

        private static func text(of path: String) throws -> String {
            let bytes: [UInt8]
            do throws(PlainFile.Refusal) {
                bytes = try PlainFile.read(Array(path.utf8), maximum: 256 << 10, followingLink: true)
            } catch {
                throw Failure("--ca: \(path): \(error)")
            }
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure("--ca: \(path) is not PEM") }
            return text
        }
    }
}

extension AuditSinkFormat: ExpressibleByArgument {}

/// A time as operators write it: 30s, 15m, 2h.
struct LagLimit: ExpressibleByArgument, CustomStringConvertible, Sendable {
    let milliseconds: Int64

    init(milliseconds: Int64) { self.milliseconds = milliseconds }

    init?(argument: String) {
        if argument == "0" {
            self.init(milliseconds: 0)
        } else {
            let units: [Character: Int64] = ["s": 1000, "m": 60_000, "h": 3_600_000]
            guard let unit = argument.last.flatMap({ units[$0] }), let number = Int64(argument.dropLast()), (1...100_000).contains(number)
            else { return nil }
            self.init(milliseconds: number * unit)
        }
    }

    var defaultValueDescription: String { description }

    var description: String {
        let seconds = milliseconds / 1000
        if seconds >= 3600, seconds.isMultiple(of: 3600) { return "\(seconds / 3600)h" }
        return seconds >= 60 && seconds.isMultiple(of: 60) ? "\(seconds / 60)m" : "\(seconds)s"
    }
}
