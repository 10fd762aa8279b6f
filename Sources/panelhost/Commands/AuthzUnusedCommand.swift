// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import FoundationEssentials
import Security
import Storage
import Values

struct AuthzUnusedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unused", abstract: "Name the rules, roles and assignments that nobody needed for some days.",
        discussion: """
            Hosts count which rule decides, and by which role, once a minute; what a host that died had not written is missing. Of several
            rules that would do, the first by its id counts. What is younger than the days asked about is not named. Ends with 0 when there is
            nothing, and with 2 when there is something.

              panelhost authz unused --days 90 --tenant acme
            """)

    @Option(name: .long, help: "In how many days, not counting today.")
    var days = 90

    @Flag(name: .long, help: "One JSON object.")
    var json = false

    @OptionGroup var authz: AuthzOptions

    func run() async throws {
        guard (1...365).contains(days) else { throw ValidationError("--days must be from 1 to 365") }
        let place = try await authz.open()
        let found = try await place.unused(days: days)
        if json {
            Console.line(JSON.text(found.value))
        } else {
            let names = try await place.names()
            for part in found.parts {
                var name = Console.plain(part.use.name)
                for (id, text) in names where part.use.kind == .assignment { name = name.replacing("\(id)/", with: "\(text)\t") }
                let last = part.lastDay.map { "last used \(($0 * 86_400_000).utcDate)" } ?? "never used"
                Console.line(
                    [part.use.kind.rawValue, name, last].joined(separator: "\t") + (found.rule(part.use).map { "\t\($0.text)" } ?? ""))
            }
        }
        if !found.isCountedLongEnough {
            let since = found.countedSince.map { "since \($0.utcDate) only" } ?? "not at all yet"
            Console.error("panelhost: use has been counted \(since): what was used before that is not known")
        }
        if !found.parts.isEmpty { throw ExitCode(2) }
    }
}

extension Int64 {
    /// A moment in milliseconds as a date, such as `2026-11-22`.
    fileprivate var utcDate: String { String(Date(timeIntervalSince1970: Double(self) / 1000).ISO8601Format().prefix(10)) }
}
