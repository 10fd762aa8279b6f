// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Storage
import Testing
import Values

@Suite("Messages about accounts", .timeLimit(.minutes(10)))
struct AccountMessageTests {
    private let clock = ManualClock()

    /// A tenant that has named the notifier for its accounts.
    private func with(_ body: (Rig, MessagePeer) async throws -> Void) async throws {
        try await MessagePeer.with(clock: clock) { rig, peer in
            let plugin = try await rig.enable(MessagePeer.notifier)
            try await rig.decide { $0.messenger = plugin }
            try await body(rig, peer)
        }
    }

    private func token(in text: String) throws -> Secret {
        Secret(String(try #require(text.firstMatch(of: /pho_[A-Za-z0-9_-]{43}/)).output))
    }

    @Test("an invitation goes out with a token that lies in no queue, and makes the user active once")
    func invitation() async throws {
        try await with { rig, peer in
            let (ann, isSent) = try await rig.host.accounts.invite(
                rig.manage, email: "Ann@Acme.example", name: "Ann", roles: ["READ_ONLY"], origin: Rig.trace)
            #expect(isSent && ann.status == .invited && ann.email == "ann@acme.example" && ann.roles == ["READ_ONLY"])
            let queued = try await rig.database.read(rig.manage.scope) { tx in
                (
                    try tx.query("SELECT message FROM notifications", [])[0].text("message"),
                    try tx.query("SELECT hash FROM one_time_tokens", []).count
                )
            }
            #expect(!queued.0.contains("pho_") && queued.1 == 0)

            #expect(try await rig.host.dispatcher.sendDue() == 1)
            let text = try #require(peer.texts.first)
            #expect(!text.contains("{token}"))
            let token = try token(in: text)
            await #expect(throws: AuthenticationError.self) {
                try await rig.host.accounts.accept(token, name: nil, password: Secret("ann@acme.example"), origin: Rig.trace)
            }
            try await rig.host.accounts.accept(token, name: "Ann B.", password: Secret(Rig.password), origin: Rig.trace)
            #expect(
                await HostError.code {
                    try await rig.host.accounts.accept(token, name: nil, password: Secret(Rig.password), origin: Rig.trace)
                } == .invalidRequest)
            _ = try await rig.signIn("ann")
            let trail = try await rig.trail()
            #expect(trail.filter { $0.action == "user.invitation.accept" }.map(\.actor) == ["user:\(ann.id)"])
            #expect(!trail.contains { $0.detail.contains("pho_") || $0.detail.contains("ann@") })
        }
    }

    @Test("a message that is sent again carries another token, and the first is void")
    func again() async throws {
        try await with { rig, peer in
            _ = try await rig.host.accounts.invite(rig.manage, email: "ann@acme.example", name: nil, roles: [], origin: Rig.trace)
            peer.answer(with: .init(status: 503))
            _ = try await rig.host.dispatcher.sendDue()
            clock.advance(seconds: 60)
            _ = try await rig.host.dispatcher.sendDue()

            let tokens = try peer.texts.map { try token(in: $0) }
            #expect(tokens.count == 2 && tokens[0] != tokens[1])
            #expect(
                await HostError.code {
                    try await rig.host.accounts.accept(tokens[0], name: nil, password: Secret(Rig.password), origin: Rig.trace)
                } == .invalidRequest)
            try await rig.host.accounts.accept(tokens[1], name: nil, password: Secret(Rig.password), origin: Rig.trace)
        }
    }

    @Test("a reset ends every session, opens none, and is sent once in a quarter of an hour")
    func reset() async throws {
        try await with { rig, peer in
            let ann = try await rig.member("ann", roles: ["ADMIN"])
            let session = try await rig.signIn("ann")
            for _ in 0..<3 {
                try await rig.host.accounts.requestReset(slug: "acme", email: "ANN@acme.example", origin: Rig.trace)
                while try await rig.host.dispatcher.sendDue() > 0 {}
            }
            #expect(peer.texts.count == 1)
            let token = try token(in: try #require(peer.texts.first))
            // For another purpose it is nothing.
            #expect(
                await HostError.code {
                    try await rig.host.accounts.accept(token, name: nil, password: Secret("other words to say here"), origin: Rig.trace)
                } == .invalidRequest)
            #expect(try await rig.host.authenticator.principal(bearer: session.accessToken).kind == .user(ann.id))

            try await rig.host.accounts.completeReset(token, password: Secret("other words to say here"), origin: Rig.trace)

            await #expect(throws: AuthenticationError.refused) { try await rig.host.authenticator.principal(bearer: session.accessToken) }
            await #expect(throws: AuthenticationError.refused) { try await rig.host.authenticator.refresh(session.refreshToken) }
            await #expect(throws: AuthenticationError.refused) { try await rig.signIn("ann") }
            _ = try await rig.signIn("ann", password: "other words to say here")
            #expect(
                await HostError.code {
                    try await rig.host.accounts.completeReset(token, password: Secret("more words to say here"), origin: Rig.trace)
                } == .invalidRequest)
            #expect(try await rig.trail(action: "user.password.reset").map(\.actor) == ["user:\(ann.id)"])
            // And the owner is told of it.
            while try await rig.host.dispatcher.sendDue() > 0 {}
            #expect(peer.texts.last?.contains("was changed") == true)
        }
    }

    @Test("of 16 uses of a reset token at once one sets its password")
    func race() async throws {
        try await with { rig, _ in
            let ann = try await rig.member("ann")
            let token = try await rig.host.accounts.token(.passwordReset, for: ann.id, rig.manage, origin: Rig.trace)
            let done = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        let password = Secret("one of several words \(number)")
                        return (try? await rig.host.accounts.completeReset(token, password: password, origin: Rig.trace)) != nil
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(done == 1)
        }
    }

    @Test("for nobody's account, and for one that is not active, nothing is sent and the trail alone knows")
    func nobody() async throws {
        try await with { rig, peer in
            let bob = try await rig.member("bob")
            _ = try await rig.host.accounts.suspend(rig.manage, bob.id, reason: nil, origin: Rig.trace)
            for (slug, email) in [
                ("acme", "nobody@acme.example"), ("acme", "bob@acme.example"), ("none", "x@y"), ("A B", String(repeating: "x", count: 999)),
            ] {
                try await rig.host.passwordResets.ask(slug: slug, email: email, origin: Rig.trace)
                try await rig.host.accounts.requestReset(slug: slug, email: email, origin: Rig.trace)
            }
            while try await rig.host.dispatcher.sendDue() > 0 {}
            #expect(peer.seen.isEmpty)
            let outcomes = try await rig.trail(action: "user.password.reset_request").map(\.outcome).sorted()
            #expect(outcomes == ["failure", "failure", "started", "started"])
        }
    }

    @Test("a token that waited for a user who has gone meanwhile is not made")
    func gone() async throws {
        try await with { rig, peer in
            let (ann, _) = try await rig.host.accounts.invite(
                rig.manage, email: "ann@acme.example", name: nil, roles: [], origin: Rig.trace)
            try await rig.host.accounts.delete(rig.manage, ann.id, origin: Rig.trace)
            _ = try await rig.host.dispatcher.sendDue()
            #expect(peer.seen.isEmpty)
            let left = try await rig.database.read(rig.manage.scope) { tx in
                try tx.query("SELECT status FROM notifications", []).map { try $0.text("status") }
            }
            #expect(left == ["failed"])
        }
    }

    @Test("what is for one person goes to no chat room by itself")
    func noChat() async throws {
        try await MessagePeer.with(clock: clock) { rig, peer in
            try await rig.enable(MessagePeer.notifier)
            let (_, isSent) = try await rig.host.accounts.invite(
                rig.manage, email: "ann@acme.example", name: nil, roles: [], origin: Rig.trace)
            #expect(!isSent)
            #expect(try await rig.host.dispatcher.sendDue() == 0)
        }
    }
}
