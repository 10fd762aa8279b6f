// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Host
import Security
import Storage
import Values

struct AccessReviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access-review", abstract: "Review who holds what, and take away what nobody needs.",
        discussion: """
            'create' writes down each role of each user, and each rule that somebody has for themself. Reviewers go through the lines and
            attest that a person keeps or loses what it names; nobody attests what they hold themself. 'close' carries it out.
            """,
        subcommands: [Create.self, List.self, Show.self, Attest.self, Close.self])

    /// A tenant, and the operator's permits in it.
    struct Place: ParsableArguments {
        @Option(name: .long, help: "The tenant's short name.")
        var tenant: String

        @OptionGroup var options: DataOptions

        func open() async throws -> (installation: Installation, tenant: TenantRecord, permit: Permit, reviews: AccessReviews) {
            let installation = try await Installation(at: options.location, creating: false)
            let tenant = try await installation.tenant(self.tenant)
            return (
                installation, tenant, installation.authority.permit(.userManage, in: tenant.id, as: "cli"),
                AccessReviews(database: installation.database, clock: .system)
            )
        }
    }

    static func identifier(_ text: String) throws -> ReviewID {
        guard let id = ReviewID(text) else {
            throw ValidationError("'\(text)' is no review's id; 'panelhost access-review list' lists them")
        }
        return id
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Begin a review with who holds what at this moment.")

        @Option(name: .long, help: "What the review is called, such as 2026-Q4.")
        var name: String

        @OptionGroup var place: Place

        func run() async throws {
            let (_, _, permit, reviews) = try await place.open()
            let review = try await reviews.create(permit, name: name, origin: .commandLine)
            Console.error("a review of \(review.lines.count) lines:")
            Console.line(review.id.description)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the reviews, the newest first.")

        @OptionGroup var place: Place

        func run() async throws {
            let (_, _, permit, reviews) = try await place.open()
            for review in try await reviews.all(permit) {
                Console.line("\(review.id)\t\(review.isOpen ? "open" : "closed")\t\(UTCTime.text(review.createdAt))\t\(review.name)")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the lines of a review.")

        @Argument(help: "The review's id.")
        var review: String

        @OptionGroup var place: Place

        func run() async throws {
            let (installation, _, permit, reviews) = try await place.open()
            let review = try await reviews.review(permit, AccessReviewCommand.identifier(review))
            let users = try await installation.database.read(permit.scope) { try UserRepository($0).all() }
            let emails = Dictionary(users.map { ($0.id, $0.email) }, uniquingKeysWith: { first, _ in first })
            for line in review.lines {
                let state = line.result ?? line.decision?.rawValue ?? "undecided"
                let until = line.expiresAt.map { " until \(UTCTime.text($0))" } ?? ""
                let reviewer = line.reviewer.map { " by \($0)" } ?? ""
                Console.line("\(line.number)\t\(emails[line.user] ?? "user:\(line.user)")\t\(line.role)\(until)\t\(state)\(reviewer)")
                for permission in line.permissions { Console.line("\t\t\(Console.plain(permission))") }
            }
        }
    }

    struct Attest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Decide about lines of a review, as a reviewer.")

        @Argument(help: "The review's id.")
        var review: String

        @Option(name: .long, parsing: .upToNextOption, help: "The numbers of the lines.")
        var line: [Int64]

        @Flag(help: "Whether the person keeps it.")
        var decision: Decision

        @Option(name: .long, help: "The e-mail address of the user who decides: an active one, and none of the persons in the lines.")
        var reviewer: String

        @OptionGroup var place: Place

        enum Decision: String, EnumerableFlag { case keep, revoke }

        func run() async throws {
            let (installation, tenant, permit, reviews) = try await place.open()
            let reviewer = try await installation.user(reviewer, permit, in: tenant)
            try await reviews.attest(
                permit, AccessReviewCommand.identifier(review), lines: line, decision == .keep ? .keep : .revoke, by: reviewer.id,
                origin: .commandLine)
            Console.line("\(line.count) lines: \(decision.rawValue)")
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close a review and take away what it revokes.",
            discussion: "The last administrator of a tenant stays one, and the line says so.")

        @Argument(help: "The review's id.")
        var review: String

        @Flag(name: .long, help: "Revoke what nobody has decided about; without this such a review stays open.")
        var revokeUndecided = false

        @OptionGroup var place: Place

        func run() async throws {
            let (installation, tenant, permit, reviews) = try await place.open()
            let closed = try await reviews.close(
                permit, rules: installation.authority.permit(.roleManage, in: tenant.id, as: "cli"),
                AccessReviewCommand.identifier(review), revokesUndecided: revokeUndecided, origin: .commandLine)
            let results = Dictionary(grouping: closed.lines, by: { $0.result ?? "undecided" }).mapValues(\.count)
            for (result, count) in results.sorted(by: { $0.key < $1.key }) { Console.line("\(result)\t\(count)") }
        }
    }
}
