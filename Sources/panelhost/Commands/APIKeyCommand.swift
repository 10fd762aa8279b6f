// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Security
import Storage

struct APIKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-key", abstract: "Create, list, rotate and withdraw the API keys of programs.",
        discussion: """
            panelhost api-key create panel --permission plugin.invoke --tenant acme
            panelhost api-key rotate ID --overlap 24h --tenant acme
            panelhost api-key list --tenant acme
            """,
        subcommands: [Create.self, List.self, Rotate.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create an API key.", discussion: "The key is printed once, alone on standard output.")

        @Argument(help: "What the key is called in lists.")
        var name: String

        @Option(name: .long, help: "A permission, for example plugin.invoke; may be repeated.")
        var permission: [String]

        @Option(name: .long, help: "Days until the key ends, at most 366.")
        var days: Int64 = 90

        @OptionGroup var place: AuthzOptions

        func run() async throws {
            guard (1...366).contains(days) else { throw ValidationError("--days: use 1 to 366") }
            let place = try await place.open()
            let issued = try await Refusal.explaining {
                try await place.installation.authenticator().issueAPIKey(
                    place.keyPermit, name: name, permissions: permission, expiresAt: place.now + days * 86_400_000)
            }
            Console.error("API key \(issued.record.id) '\(Console.plain(name))', good for \(days) days; it is shown only now:")
            Console.line(issued.text.revealedText() ?? "")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a tenant's API keys, and warn of those that end soon.")

        @OptionGroup var place: AuthzOptions

        func run() async throws {
            let place = try await place.open()
            let now = place.now
            for key in try await place.installation.authenticator().apiKeys(ListPermit(place.keyPermit)) {
                var notes: [String] = []
                if key.revokedAt != nil {
                    notes.append("withdrawn")
                } else if key.expiresAt <= now {
                    notes.append("ended")
                } else {
                    let days = (key.expiresAt - now) / 86_400_000
                    notes.append("good for \(days) days")
                    if key.expiresAt - now < APIKeyRecord.warning {
                        notes.append("ENDS SOON: panelhost api-key rotate \(key.id) --days 90")
                    }
                }
                if key.isIssuerActive == false { notes.append("its issuer is not active any more") }
                notes.append(key.lastUsedAt.map { "last used \(Ago.text($0))" } ?? "never used")
                Console.line(
                    "\(key.id)\t\(Console.plain(key.name))\t\(key.patterns.joined(separator: ","))\t\(notes.joined(separator: "; "))")
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give an API key another secret.",
            discussion:
                "The old one is good for the overlap; after a leak use --overlap 0. The new key is printed once, on standard output.")

        @Argument(help: "The key's id.")
        var id: String

        @Option(name: .long, help: ArgumentHelp("How long the old secret is good as well: 0, 30m, 24h; 7 days at most.", valueName: "time"))
        var overlap = LagLimit(milliseconds: 86_400_000)

        @Option(name: .long, help: "Days until the key ends; as before unless given.")
        var days: Int64?

        @OptionGroup var place: AuthzOptions

        func run() async throws {
            if let days, !(1...366).contains(days) { throw ValidationError("--days: use 1 to 366") }
            let place = try await place.open()
            guard let key = APIKeyID(id) else { throw Failure("'\(id)' is no key's id; see 'panelhost api-key list'") }
            let rotated = try await Refusal.explaining {
                try await place.installation.authenticator().rotateAPIKey(
                    place.keyPermit, id: key, overlap: overlap.milliseconds, expiresAt: days.map { place.now + $0 * 86_400_000 })
            }
            guard let rotated else { throw Failure("there is no such key that is good; see 'panelhost api-key list'") }
            Console.error("the old secret is good for \(overlap) more; the new key is shown only now:")
            Console.line(rotated.text.revealedText() ?? "")
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Withdraw an API key: it is refused from its next request on.")

        @Argument(help: "The key's id.")
        var id: String

        @OptionGroup var place: AuthzOptions

        func run() async throws {
            let place = try await place.open()
            guard let key = APIKeyID(id) else { throw Failure("'\(id)' is no key's id; see 'panelhost api-key list'") }
            guard try await place.installation.authenticator().revokeAPIKey(place.keyPermit, id: key) else {
                throw Failure("there is no such key that is good; see 'panelhost api-key list'")
            }
            Console.line("API key \(key) withdrawn")
        }
    }
}

extension AuthzPlace {
    fileprivate var keyPermit: Permit { installation.authority.permit(.userManage, in: tenant.id, as: "cli") }
}
