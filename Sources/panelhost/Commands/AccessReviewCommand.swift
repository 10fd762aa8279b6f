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
            'create' writes down each role of each user and guest, each rule that somebody has for themself, and each API key. Reviewers go
            through the lines and attest that it is kept or lost; nobody attests what they hold themself, or a key that they issued. 'close'
            carries it out.
            """,
        subcommands: [Create.self, List.self, Show.self, Attest.self, Close.self])

    /// A tenant, and the operator's permits in it.
    struct Place: ParsableArguments {
        @Option(name: .long, help: "The tenant's short name.")
        var tenant: String

        @OptionGroup var options: DataOptions

        func open() async throws -> Opened {
            let installation = try await Installation(at: options.location, creating: false)
            return Opened(
                installation: installation, tenant: try await installation.tenant(tenant),
                reviews: AccessReviews(database: installation.database, clock: .system))
        }
    }

    struct Opened {
        let installation: Installation
        let tenant: TenantRecord
        let reviews: AccessReviews

        func permit(_ action: Action) -> Permit { installation.authority.permit(action, in: tenant.id, as: "cli") }
    }

    static func identifier(_ text: String) throws -> ReviewID {
        guard let id = ReviewID(text) else {
            throw ValidationError("'\(text)' is no review's id; 'panelhost access-review list' lists them")
        }
        return id
    }

    /// Runs what the host may refuse, with its words as the failure.
    static func explaining<T>(_ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch let error as HostError { throw Failure(error.message) }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Begin a review with who holds what at this moment.")

        @Option(name: .long, help: "What the review is called, such as 2026-Q4.")
        var name: String

        @OptionGroup var place: Place

        func run() async throws {
            let place = try await place.open()
            let review = try await AccessReviewCommand.explaining {
                try await place.reviews.create(place.permit(.accessReviewManage), name: name, origin: .commandLine)
            }
            Console.error("a review of \(review.lineCount) lines; look at them with 'panelhost access-review show':")
            Console.line(review.id.description)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the reviews, the newest first.")

        @OptionGroup var place: Place

        func run() async throws {
            let place = try await place.open()
            for review in try await place.reviews.page(place.permit(.accessReviewRead), after: nil, limit: 1000) {
                let state = review.isOpen ? "open, \(review.undecidedCount) of \(review.lineCount) undecided" : "closed"
                Console.line("\(review.id)\t\(state)\t\(UTCTime.text(review.createdAt))\t\(Console.plain(review.name))")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the lines of a review.")

        @Argument(help: "The review's id.")
        var review: String

        @Flag(name: .long, help: "Only what nobody has decided about.")
        var undecided = false

        @OptionGroup var place: Place

        func run() async throws {
            let place = try await place.open()
            let id = try AccessReviewCommand.identifier(review)
            let lines = try await AccessReviewCommand.explaining {
                try await place.reviews.review(place.permit(.accessReviewRead), id).lines
            }
            for line in lines where !undecided || line.decision == nil && line.result == nil {
                let state = line.result ?? line.decision?.rawValue ?? "undecided"
                let reviewer = line.reviewer.map { " by \($0)" } ?? ""
                Console.line("\(line.number)\t\(Self.who(line))\t\(Self.what(line))\t\(state)\(reviewer)")
                for permission in line.permissions { Console.line("\t\t\(Console.plain(permission))") }
            }
        }

        private static func who(_ line: AccessReview.Line) -> String {
            let person = line.email.map(Console.plain) ?? line.issuedBy ?? "nobody"
            return line.kind == .apiKey ? "key of \(person)" : line.isGuest ? "\(person) (guest)" : person
        }

        private static func what(_ line: AccessReview.Line) -> String {
            var text = Console.plain(line.name)
            if line.kind == .rule { text = "rule \(text)" }
            if let key = line.key { text = "api-key \(key) '\(text)'" }
            if line.kind == .apiKey { text += line.lastUsedAt.map { ", last used \(UTCTime.text($0))" } ?? ", never used" }
            if line.isUnused { text += ", UNUSED" }
            return text + (line.expiresAt.map { " until \(UTCTime.text($0))" } ?? "")
        }
    }

    struct Attest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Decide about lines of a review, as a reviewer.")

        @Argument(help: "The review's id.")
        var review: String

        @Option(name: .long, parsing: .upToNextOption, help: "The numbers of the lines.")
        var line: [Int64]

        @Flag(help: "Whether it is kept.")
        var decision: Decision

        @Option(name: .long, help: "The e-mail address of the user who decides: an active one, and none of the persons in the lines.")
        var reviewer: String

        @OptionGroup var place: Place

        enum Decision: String, EnumerableFlag { case keep, revoke }

        func run() async throws {
            let place = try await place.open()
            let id = try AccessReviewCommand.identifier(review)
            let permit = place.permit(.accessReviewAttest)
            let reviewer = try await place.installation.user(reviewer, permit, in: place.tenant)
            let choice: AccessReview.Line.Decision = decision == .keep ? .keep : .revoke
            _ = try await AccessReviewCommand.explaining {
                try await place.reviews.attest(permit, id, line.map { ($0, choice) }, by: reviewer.id, origin: .commandLine)
            }
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
            let place = try await place.open()
            let id = try AccessReviewCommand.identifier(review)
            let rights = AccessReviews.Rights(users: .success(place.permit(.userManage)), rules: .success(place.permit(.roleManage)))
            let results = try await AccessReviewCommand.explaining {
                try await place.reviews.close(
                    place.permit(.accessReviewManage), with: rights, id, revokesUndecided: revokeUndecided, origin: .commandLine
                ).results
            }
            for (result, count) in results.sorted(by: { $0.key < $1.key }) { Console.line("\(result)\t\(count)") }
        }
    }
}
