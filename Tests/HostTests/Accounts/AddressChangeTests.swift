// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Storage
import Testing
import Values

/// People change their own address, through a real notifier that says whom it was asked to send to.
@Suite("Changes of one's own address", .timeLimit(.minutes(10)))
struct AddressChangeTests {
    private let clock = ManualClock()
    private let new = "ann@new.example"

    private struct Person {
        let record: UserRecord
        let principal: Principal
        var id: UserID { record.id }
    }

    private func with(_ body: (Rig, MessagePeer, Person) async throws -> Void) async throws {
        try await MessagePeer.with(clock: clock) { rig, peer in
            let plugin = try await rig.enable(MessagePeer.notifier)
            try await rig.decide { $0.messenger = plugin }
            try await body(rig, peer, try await person(rig, "ann"))
        }
    }

    private func person(_ rig: Rig, _ name: String) async throws -> Person {
        let record = try await rig.member(name)
        return Person(record: record, principal: try await principal(rig, name))
    }

    private func principal(_ rig: Rig, _ name: String) async throws -> Principal {
        try await rig.host.authenticator.principal(bearer: rig.signIn(name).accessToken)
    }

    private func send(_ rig: Rig) async throws { while try await rig.host.dispatcher.sendDue() > 0 {} }

    private func request(_ rig: Rig, _ person: Person, _ email: String? = nil, password: String = Rig.password) async throws {
        try await rig.host.addressChanges.request(
            person.principal, email: email ?? new, password: Secret(password), origin: Rig.trace)
    }

    /// Asks for a change and gives the token that was sent for it.
    private func token(_ rig: Rig, _ peer: MessagePeer, _ person: Person, _ email: String? = nil) async throws -> Secret {
        try await request(rig, person, email)
        try await send(rig)
        return Secret(String(try #require(peer.texts.last?.firstMatch(of: /pho_[A-Za-z0-9_-]{43}/)).output))
    }

    private func confirm(_ rig: Rig, _ person: Person, _ token: Secret) async throws {
        try await rig.host.addressChanges.confirm(person.principal, token: token, origin: Rig.trace)
    }

    private func email(_ rig: Rig, _ person: Person) async throws -> String? {
        try await rig.database.read(rig.manage.scope) { try UserRepository($0).find(person.id)?.email }
    }

    private func refused(_ rig: Rig, _ person: Person, _ token: Secret, _ comment: Comment) async throws {
        let before = try await email(rig, person)
        #expect(await HostError.code { try await confirm(rig, person, token) } == .invalidRequest, comment)
        #expect(try await email(rig, person) == before, comment)
    }

    @Test("a new address counts once its owner shows the token that was sent there, and the old one is told")
    func change() async throws {
        try await with { rig, peer, ann in
            let reset = try await rig.host.accounts.token(.passwordReset, for: ann.id, rig.manage, origin: Rig.trace)
            try await request(rig, ann)
            // It waits sealed, and in no queue; nor is there a token.
            let stored = try await rig.database.read(rig.manage.scope) { tx in
                try ["email_changes", "notifications", "one_time_tokens"].flatMap { try tx.query("SELECT * FROM \($0)", []) }
                    .map { "\($0.values)" }.joined()
            }
            #expect(!stored.contains("new.example") && !stored.contains("pho_") && stored.contains("email_verification"))
            try await send(rig)
            #expect(peer.seen.last?["to"] == .string(new))
            #expect(try await email(rig, ann) == "ann@acme.example", "nothing counts yet")
            let token = Secret(String(try #require(peer.texts.last?.firstMatch(of: /pho_[A-Za-z0-9_-]{43}/)).output))

            try await confirm(rig, ann, token)
            #expect(try await email(rig, ann) == new)
            try await send(rig)
            #expect(peer.seen.last?["to"] == "ann@acme.example" && peer.texts.last?.contains("another e-mail address") == true)
            #expect(peer.texts.last?.contains("new.example") == false)
            // The session goes on; what was under way to the old address is void, and so is the token.
            #expect(try await rig.host.authenticator.sessions(of: ann.principal).count == 1)
            #expect(
                await HostError.code {
                    try await rig.host.accounts.completeReset(reset, password: Secret("other words to say here"), origin: Rig.trace)
                } == .invalidRequest)
            try await refused(rig, ann, token, "twice")
            #expect(try await rig.host.authenticator.signIn(slug: "acme", email: new, password: Secret(Rig.password)).session != nil)

            let trail = try await rig.trail()
            #expect(
                trail.filter { $0.action.hasPrefix("user.email_change") }.map(\.action) == [
                    "user.email_changed", "user.email_change_requested",
                ])
            #expect(!trail.contains { $0.detail.contains("new.example") || $0.detail.contains("pho_") })
        }
    }

    @Test("a token of another person, another purpose, or a change that was replaced confirms nothing")
    func foreign() async throws {
        try await with { rig, peer, ann in
            let bob = try await person(rig, "bob")
            let first = try await token(rig, peer, ann)
            try await refused(rig, bob, first, "another person who has begun nothing")
            let theirs = try await token(rig, peer, bob, "bob@new.example")
            try await refused(rig, ann, theirs, "another person's token")
            for purpose in OneTimeToken.Purpose.allCases where purpose != .emailVerification {
                let token = OneTimeToken.random(for: purpose)
                let record = token.record(in: rig.acme.id, user: ann.id, detail: [:], at: clock.nowMs)
                try await rig.database.transaction(rig.manage.scope) { try OneTimeTokenRepository($0).insert(record) }
                try await refused(rig, ann, Secret(token.text), "\(purpose)")
            }
            for text in ["", "pho_", String(repeating: "x", count: 100_000)] { try await refused(rig, ann, Secret(text), "no token") }
            let second = try await token(rig, peer, ann, "ann@other.example")
            try await refused(rig, ann, first, "replaced by another change")
            try await confirm(rig, ann, second)
            #expect(try await email(rig, ann) == "ann@other.example")
        }
    }

    @Test("an address that somebody has gets no message and the same answer, and one that is taken meanwhile is not given twice")
    func taken() async throws {
        try await with { rig, peer, ann in
            let bob = try await person(rig, "bob")
            try await request(rig, ann, "BOB@acme.example")
            try await send(rig)
            #expect(peer.seen.isEmpty)
            let (one, other) = (try await token(rig, peer, ann), try await token(rig, peer, bob))
            try await confirm(rig, bob, other)
            try await refused(rig, ann, one, "bob was first")
            #expect(try await email(rig, bob) == new)
        }
    }

    @Test("a password that changed, a suspension, an administrator's address and time void what was begun")
    func between() async throws {
        try await with { rig, peer, ann in
            var token = try await token(rig, peer, ann)
            clock.advance(seconds: 900)
            try await refused(rig, ann, token, "over")

            token = try await self.token(rig, peer, Person(record: ann.record, principal: principal(rig, "ann")))
            _ = try await rig.host.accounts.update(rig.manage, ann.id, email: "ann@given.example", name: nil, origin: Rig.trace)
            try await refused(rig, ann, token, "an administrator was first")
            try await send(rig)
            #expect(peer.seen.last?["to"] == "ann@acme.example", "whoever had the address until now is told")
            _ = try await rig.host.accounts.update(rig.manage, ann.id, email: "ann@acme.example", name: nil, origin: Rig.trace)
            try await send(rig)

            var signedIn = Person(record: ann.record, principal: try await principal(rig, "ann"))
            token = try await self.token(rig, peer, signedIn, "ann@third.example")
            // As when an administrator takes somebody's factors away: the rights are others, though no token was voided.
            try await rig.database.transaction(rig.manage.scope) {
                try UserRepository($0).endEverything(of: ann.id, at: clock.nowMs)
            }
            try await refused(rig, signedIn, token, "whatever was signed in has ended")
            signedIn = Person(record: ann.record, principal: try await principal(rig, "ann"))
            token = try await self.token(rig, peer, signedIn, "ann@fifth.example")
            try await rig.host.accounts.changePassword(
                signedIn.principal, current: Secret(Rig.password), new: Secret("other words to say here"), origin: Rig.trace)
            try await refused(rig, signedIn, token, "another password")

            // And a message that waits is not made any more.
            let before = peer.seen.count
            try await send(rig)
            clock.advance(seconds: 7200)
            let again = try await rig.host.authenticator.principal(
                bearer: rig.signIn("ann", password: "other words to say here").accessToken)
            try await request(rig, Person(record: ann.record, principal: again), "ann@fourth.example", password: "other words to say here")
            _ = try await rig.host.accounts.suspend(rig.manage, ann.id, reason: nil, origin: Rig.trace)
            try await send(rig)
            #expect(peer.seen.dropFirst(before).allSatisfy { $0["to"] != "ann@fourth.example" })
        }
    }

    @Test("the password is asked for, a factor of whoever has one, and nobody fills strangers' mailboxes")
    func guarded() async throws {
        try await with { rig, peer, ann in
            await #expect(throws: AuthenticationError.notConfirmed) { try await request(rig, ann, password: "not the password at all") }
            clock.advance(seconds: 60)
            for bad in ["", "x", "a@b@c", "a b@c.example", "ann@acme.example"] {
                #expect(await HostError.code { try await request(rig, ann, bad) } == .invalidRequest, "\(bad)")
            }
            for number in 0..<3 { try await request(rig, ann, "ann\(number)@new.example") }
            _ = await HostError.code { try await request(rig, ann, "ann4@new.example") }
            #expect(await HostError.code { try await request(rig, ann, "ann5@new.example") } == .rateLimited)
            try await send(rig)
            // Of changes that were replaced before their message went out there is none.
            #expect(peer.seen.count == 1)
        }
        try await Rig.with { rig in
            let ann = try await person(rig, "ann")
            #expect(await HostError.code { try await request(rig, ann) } == .conflict, "nobody carries messages")
        }
    }

    @Test("of sixteen confirmations at once one changes the address")
    func race() async throws {
        try await with { rig, peer, ann in
            let token = try await token(rig, peer, ann)
            let done = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 { group.addTask { (try? await confirm(rig, ann, token)) != nil } }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(done == 1)
            #expect(try await rig.trail(action: "user.email_changed").count == 1)
        }
    }
}
