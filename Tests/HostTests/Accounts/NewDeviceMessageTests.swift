// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Storage
import Testing
import Values

/// What people are told of new devices, and how they confirm them: through a real notifier.
@Suite("Messages about devices", .timeLimit(.minutes(10)))
struct NewDeviceMessageTests {
    private let clock = ManualClock()
    private let elsewhere = CallOrigin(correlation: "test", address: "198.51.100.9")
    private let home = CallOrigin(correlation: "test", address: "192.0.2.7")

    /// A tenant whose accounts are told through the notifier, and ann, who has signed in from home.
    private func with(rule: SessionRules.NewDevices = .notify, _ body: (Rig, MessagePeer, UserRecord) async throws -> Void) async throws {
        try await MessagePeer.with(clock: clock) { rig, peer in
            let plugin = try await rig.enable(MessagePeer.notifier)
            try await rig.decide { $0.messenger = plugin }
            let ann = try await rig.member("ann")
            _ = try await signIn(rig, from: home)
            if rule == .confirm { try await strict(rig) }
            try await body(rig, peer, ann)
        }
    }

    private func strict(_ rig: Rig, _ rule: SessionRules.NewDevices = .confirm) async throws {
        var rules = SessionRules.standard
        rules.newDevices = rule
        try await rig.host.authenticator.setSessionRules(
            rules, rig.permit(.sessionManage), canTell: rig.host.accountMessages.canCarry(in: rig.acme.id))
    }

    private func signIn(
        _ rig: Rig, _ device: DeviceClaim = .none, from origin: CallOrigin, password: String = Rig.password
    ) async throws -> SignInOutcome {
        try await rig.host.signIns.signIn(
            slug: "acme", email: "ann@acme.example", password: Secret(password), device: device, origin: origin)
    }

    private func send(_ rig: Rig) async throws {
        await rig.host.newDeviceNotices.queueWaiting()
        while try await rig.host.dispatcher.sendDue() > 0 {}
    }

    private func waiting(_ rig: Rig, _ peer: MessagePeer, _ device: DeviceClaim = .none) async throws -> (signIn: String, token: Secret) {
        guard case .deviceUnconfirmed(let demand) = try await signIn(rig, device, from: elsewhere) else {
            throw AuthenticationError.overloaded
        }
        try await send(rig)
        return (try #require(demand.token.revealedText()), try token(in: try #require(peer.texts.last)))
    }

    private func token(in text: String) throws -> Secret {
        Secret(String(try #require(text.firstMatch(of: /pho_[A-Za-z0-9_-]{43}/)).output))
    }

    private func confirm(_ rig: Rig, _ signIn: String, _ token: Secret, _ device: DeviceClaim = .none) async throws -> TokenPair {
        try await rig.host.signIns.confirmDevice(signIn: signIn, token: token, device: device, origin: elsewhere)
    }

    // MARK: Notices

    @Test("a new device and a new place are told of once each, and the first sign-in of all is not")
    func notices() async throws {
        try await with { rig, peer, _ in
            try await send(rig)
            #expect(peer.seen.isEmpty)
            for _ in 0..<12 { _ = try await signIn(rig, from: elsewhere) }
            try await send(rig)
            #expect(peer.texts.count == 1 && peer.texts.first?.contains("a device that was not seen before") == true)
            let kept = try #require(try await signIn(rig, DeviceClaim(kept: nil, name: "Firefox on Linux"), from: elsewhere).session)
            for _ in 0..<2 { _ = try await signIn(rig, DeviceClaim(kept: kept.deviceCookie), from: elsewhere) }
            try await send(rig)
            #expect(peer.texts.count == 2)
            #expect(try await rig.trail(action: "session.new_device").count == 14)
        }
    }

    @Test("a notifier that is gone, or never was, changes nothing for a sign-in, and the trail has it all the same")
    func noNotifier() async throws {
        try await Rig.with { rig in
            _ = try await rig.member("ann")
            for origin in [home, elsewhere] { #expect(try await signIn(rig, from: origin).session != nil) }
            try await send(rig)
            #expect(try await rig.trail(action: "session.new_device").count == 2)
            #expect(rig.host.metrics.families().contains { "\($0)".contains("no_notifier") })
        }
    }

    @Test("a notice that cannot be queued is in the trail and counted, and its sign-in went through")
    func unqueued() async throws {
        try await with { rig, peer, ann in
            _ = try await rig.database.transaction(rig.manage.scope) { tx in try tx.execute("DROP TABLE notifications", []) }
            #expect(try await signIn(rig, from: elsewhere).session != nil)
            await rig.host.newDeviceNotices.queueWaiting()
            #expect(try await rig.trail(action: "session.new_device_notice").map(\.resource) == ["user:\(ann.id)"])
        }
    }

    @Test("a guest is told through their home tenant, and only of what that does not know")
    func guest() async throws {
        try await with { rig, peer, ann in
            let globex = rig.globex
            let offer = try await rig.host.membershipOffers.offer(
                email: "ann@acme.example", roles: [], rig.permit(.userManage, globex), Rig.trace)
            let first = try #require(try await signIn(rig, from: home).session)
            let principal = try await rig.host.authenticator.principal(bearer: first.accessToken)
            _ = try await rig.host.authenticator.acceptMembership(principal, token: try #require(offer.token.revealedText()))
            func go(_ origin: CallOrigin) async throws {
                _ = try await rig.host.authenticator.switchTenant(principal, to: "globex", from: origin.client)
            }
            try await go(home)
            try await send(rig)
            #expect(peer.seen.isEmpty, "the place is known at home")
            try await go(elsewhere)
            try await send(rig)
            #expect(peer.texts.count == 1)
            #expect(peer.seen.first?["tenant"] == .string(rig.acme.id.description))
        }
    }

    // MARK: Confirmation

    @Test("the token that is sent confirms the sign-in that it was sent for, and lies in no queue")
    func confirmed() async throws {
        try await with(rule: .confirm) { rig, peer, ann in
            guard case .deviceUnconfirmed(let demand) = try await signIn(rig, DeviceClaim(kept: nil), from: elsewhere) else {
                Issue.record("nothing was asked")
                return
            }
            let signInToken = try #require(demand.token.revealedText())
            let queued = try await rig.database.read(rig.manage.scope) { tx in
                try tx.query("SELECT message FROM notifications", []).map { try $0.text("message") }
            }
            #expect(queued.count == 1 && !queued[0].contains("pho_"))
            try await send(rig)
            let token = try token(in: try #require(peer.texts.last))
            // Neither is the other, and what was sent is good for nothing else.
            let text = try #require(token.revealedText())
            await #expect(throws: AuthenticationError.refused) { try await confirm(rig, text, Secret(signInToken)) }
            #expect(
                await HostError.code {
                    try await rig.host.accounts.completeReset(token, password: Secret("other words to say here"), origin: Rig.trace)
                } == .invalidRequest)
            await #expect(throws: AuthenticationError.refused) { try await rig.host.authenticator.refresh(text) }

            let pair = try await confirm(rig, signInToken, token, DeviceClaim(kept: nil))
            #expect(try await rig.host.authenticator.principal(bearer: pair.accessToken).kind == .user(ann.id))
            await #expect(throws: AuthenticationError.refused) { try await confirm(rig, signInToken, token) }
            #expect(try await signIn(rig, DeviceClaim(kept: pair.deviceCookie), from: elsewhere).session != nil)
            try await send(rig)
            #expect(peer.texts.count == 1, "whoever has confirmed a device is not told of it again")
            #expect(try await rig.trail().allSatisfy { !$0.detail.contains("pho_") })
        }
    }

    @Test("two sign-ins of one user have a token each, and neither confirms the other")
    func two() async throws {
        try await with(rule: .confirm) { rig, peer, _ in
            let (one, other) = (try await waiting(rig, peer), try await waiting(rig, peer))
            await #expect(throws: AuthenticationError.refused) { try await confirm(rig, one.signIn, other.token) }
            await #expect(throws: AuthenticationError.refused) { try await confirm(rig, other.signIn, one.token) }
            _ = try await confirm(rig, one.signIn, one.token)
            _ = try await confirm(rig, other.signIn, other.token)
        }
    }

    @Test("of sixty-four confirmations at once one opens a session")
    func race() async throws {
        try await with(rule: .confirm) { rig, peer, ann in
            let waiting = try await waiting(rig, peer)
            let opened = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<64 {
                    group.addTask { (try? await confirm(rig, waiting.signIn, waiting.token)) != nil }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(opened == 1)
            let sessions = try await rig.host.authenticator.sessions(of: ann.id, rig.permit(.sessionManage))
            #expect(sessions?.count == 2)
        }
    }

    @Test("a password that changed, a suspension and an hour end a sign-in that waits, and the message is not made any more")
    func between() async throws {
        try await with(rule: .confirm) { rig, peer, ann in
            let one = try await waiting(rig, peer)
            _ = try await rig.host.accounts.suspend(rig.manage, ann.id, reason: nil, origin: Rig.trace)
            await #expect(throws: AuthenticationError.refused) { try await confirm(rig, one.signIn, one.token) }
            _ = try await rig.host.accounts.activate(rig.manage, ann.id, origin: Rig.trace)
            await #expect(throws: AuthenticationError.refused) { try await confirm(rig, one.signIn, one.token) }

            let two = try await waiting(rig, peer)
            let reset = try await rig.host.accounts.token(.passwordReset, for: ann.id, rig.manage, origin: Rig.trace)
            try await rig.host.accounts.completeReset(reset, password: Secret("other words to say here"), origin: Rig.trace)
            await #expect(throws: AuthenticationError.refused) { try await confirm(rig, two.signIn, two.token) }

            try await send(rig)
            let before = peer.texts.count
            guard case .deviceUnconfirmed = try await signIn(rig, from: elsewhere, password: "other words to say here") else {
                Issue.record("nothing was asked")
                return
            }
            try await rig.database.transaction(rig.manage.scope) { tx in
                try OneTimeTokenRepository(tx).withdraw(of: ann.id, .signIn, now: .max / 2)
                try tx.execute("UPDATE one_time_tokens SET used_at = 1 WHERE used_at IS NULL", [])
            }
            try await send(rig)
            #expect(peer.texts.count == before)
        }
    }

    @Test("where nobody can carry messages the rule is not taken, and where the notifier went away nobody gets in until it is taken back")
    func failsClosed() async throws {
        try await Rig.with { rig in
            await #expect {
                try await strict(rig)
            } throws: {
                guard case .invalid(let reason)? = $0 as? AuthenticationError else { return false }
                return reason.contains("notifier")
            }
        }
        try await with(rule: .confirm) { rig, peer, _ in
            try await rig.decide { _ in }
            for _ in 0..<8 {
                await #expect(throws: AuthenticationError.refused) { try await signIn(rig, from: elsewhere) }
            }
            let reasons = try await rig.trail(action: "session.sign_in").filter { $0.outcome == "denied" }.map(\.detail)
            #expect(reasons.count == 8 && reasons.allSatisfy { $0.contains("no_notifier") })
            #expect(try await signIn(rig, from: home).session != nil, "what is known goes on")
            try await strict(rig, .notify)
            #expect(try await signIn(rig, from: elsewhere).session != nil)
        }
    }
}
