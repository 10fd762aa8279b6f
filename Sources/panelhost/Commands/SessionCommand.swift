// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Security
import Storage

struct SessionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "See where a user is signed in, and end sessions.",
        discussion: """
            panelhost session list ann@acme.example --tenant acme
            panelhost session end ann@acme.example --tenant acme --session ID

            A session that was ended is refused from its next request on, on every host. How long sessions last: 'panelhost tenant sessions'.
            """,
        subcommands: [List.self, End.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the sessions of a user, the newest first.")

        @Argument(help: "The user's e-mail address or id.")
        var user: String

        @OptionGroup var place: AuthzOptions

        func run() async throws {
            let place = try await place.open()
            let user = try await place.user(user)
            let sessions = try await place.installation.authenticator().sessions(of: user, place.sessionPermit) ?? []
            for session in sessions {
                let device = session.device.map { "device \($0)" } ?? "no device"
                Console.line(
                    "\(session.id)\tsigned in \(Ago.text(session.createdAt))\tlast used \(Ago.text(session.lastSeenAt))"
                        + "\t\(session.methods.joined(separator: "+"))\t\(device)")
            }
            if sessions.isEmpty { Console.error("nobody is signed in as this user") }
        }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End the sessions of a user.", discussion: "All of them, or the one that --session names.")

        @Argument(help: "The user's e-mail address or id.")
        var user: String

        @Option(name: .long, help: ArgumentHelp("Only this session.", valueName: "id"))
        var session: String?

        @OptionGroup var place: AuthzOptions

        func run() async throws {
            let place = try await place.open()
            let user = try await place.user(user)
            var choice = SessionChoice.all
            if let session {
                guard let id = SessionID(session) else { throw Failure("'\(session)' is no session's id; see 'panelhost session list'") }
                choice = .only(id)
            }
            let ended = try await place.installation.authenticator().endSessions(of: user, choice, place.sessionPermit) ?? []
            if session != nil, ended.isEmpty { throw Failure("the user has no such session that is open; see 'panelhost session list'") }
            Console.line("\(ended.count) session\(ended.count == 1 ? "" : "s") ended")
        }
    }
}

/// How long ago something was, for people.
enum Ago {
    static func text(_ time: Int64, now: Int64 = WallClock.system.now()) -> String {
        let minutes = max(0, now - time) / 60_000
        if minutes < 120 { return "\(minutes) min ago" }
        return minutes < 48 * 60 ? "\(minutes / 60) h ago" : "\(minutes / 1440) days ago"
    }
}

/// What the host says no to.
enum Refusal {
    /// Runs what may be refused, and says what was wrong with what was asked for.
    static func explaining<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch {
            guard case .invalid(let reason)? = error as? AuthenticationError else { throw error }
            throw Failure("nothing was changed: \(reason)")
        }
    }
}

extension AuthzPlace {
    var sessionPermit: Permit { installation.authority.permit(.sessionManage, in: tenant.id, as: "cli") }
}
