// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

@Suite("Sign-ins from new devices")
struct NewDeviceTests {
    private let home = ClientAddress("192.0.2.7") ?? .unknown
    private let elsewhere = ClientAddress("198.51.100.9") ?? .unknown

    private func signIn(_ house: House, _ claim: DeviceClaim = .none, from address: ClientAddress) async throws -> SignInOutcome {
        try await house.authenticator.signIn(
            slug: "acme", email: "ada@acme.test", password: Secret(House.password), device: claim, from: address)
    }

    private func told(_ house: House) -> [NewDeviceSignIn] { house.authenticator.newDevices.take().signIns }

    // MARK: Who is told

    @Test("the first sign-in tells nobody, a new place once, and a machine that signs in a hundred times causes one message")
    func places() async throws {
        let house = try await House()
        _ = try await signIn(house, from: home)
        #expect(told(house).isEmpty, "there is nothing to compare with")
        _ = try await signIn(house, from: home)
        #expect(told(house).isEmpty, "the place is known")
        for _ in 0..<20 { _ = try await signIn(house, from: elsewhere) }
        let signIns = told(house)
        #expect(signIns.map(\.user) == [house.ada] && signIns.map(\.tenant) == [Fixture.acme])
        #expect(signIns.map(\.address) == ["198.51.100.9"] && signIns.map(\.at) == [house.clock.now])
        // Every one of them is in the trail all the same.
        #expect(house.audit.count { $0.action == "session.new_device" } == 22)
    }

    @Test("sign-ins at once from a new place have one key, whatever each of them saw")
    func parallelPlaces() async throws {
        let house = try await House()
        _ = try await signIn(house, from: home)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 { group.addTask { _ = try? await signIn(house, from: elsewhere) } }
        }
        #expect(Set(told(house).map(\.key)).count == 1)
    }

    @Test("an IPv6 customer moves within their /64 unnoticed")
    func network() async throws {
        let house = try await House()
        for address in ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"] { _ = try await signIn(house, from: #require(ClientAddress(address))) }
        #expect(told(house).isEmpty)
        _ = try await signIn(house, from: #require(ClientAddress("2001:db8:1:3::1")))
        #expect(told(house).count == 1)
    }

    @Test("a device that is kept is told of once, also from a place that is known")
    func keeps() async throws {
        let house = try await House()
        _ = try await signIn(house, from: home)
        let new = try #require(try await signIn(house, DeviceClaim(kept: nil, name: "Firefox on Linux"), from: home).session)
        _ = try await signIn(house, DeviceClaim(kept: new.deviceCookie), from: elsewhere)
        let signIns = told(house)
        #expect(signIns.map(\.device) == ["Firefox on Linux"])
        #expect(signIns.map(\.key) == ["device:\(try #require(new.device))"])
    }

    @Test("a second factor on a new device is told of as well, and a refused sign-in is not")
    func others() async throws {
        let house = try await House()
        _ = try await signIn(house, from: home)
        house.store.state.withLock { $0.factors[house.ada] = [.totp] }
        guard case .factorNeeded(let demand) = try await signIn(house, DeviceClaim(kept: nil), from: home) else {
            Issue.record("no factor was asked for")
            return
        }
        #expect(told(house).isEmpty)
        _ = try await house.authenticator.completeSignIn(
            token: try #require(demand.token.revealedText()), factor: "totp", code: Secret("123456"), judge: CodeJudge(),
            device: DeviceClaim(kept: nil), from: home)
        #expect(told(house).count == 1)
        house.store.state.withLock { $0.rules[Fixture.acme] = .init(.standard, concurrent: 1, .refuse) }
        house.store.state.withLock { $0.factors[house.ada] = [] }
        await #expect(throws: AuthenticationError.tooManySessions) { try await signIn(house, DeviceClaim(kept: nil), from: elsewhere) }
        #expect(told(house).isEmpty)
    }

    // MARK: Confirmation

    /// A house whose tenant has new devices confirmed, and an account that was signed in to from home.
    private func strict() async throws -> House {
        let house = try await House()
        _ = try await signIn(house, from: home)
        house.store.state.withLock { $0.rules[Fixture.acme] = .init(.standard, .confirm) }
        return house
    }

    private struct Waiting {
        let signIn: String
        let token: Secret
    }

    /// A sign-in that waits, with the token that was sent for it.
    private func waiting(_ house: House, _ claim: DeviceClaim = .none, from address: ClientAddress? = nil) async throws -> Waiting {
        guard case .deviceUnconfirmed(let demand) = try await signIn(house, claim, from: address ?? elsewhere) else {
            throw AuthenticationError.overloaded
        }
        return Waiting(signIn: try #require(demand.token.revealedText()), token: send(house, demand.binding))
    }

    private func send(
        _ house: House, _ binding: [UInt8], user: UserID? = nil, purpose: OneTimeToken.Purpose = .device, tenant: TenantID = Fixture.acme
    ) -> Secret {
        let token = OneTimeToken.random(for: purpose)
        let record = token.record(
            in: tenant, user: user ?? house.ada, detail: OneTimeTokenRecord.confirming(binding), at: house.clock.now)
        house.store.state.withLock { $0.tokens[token.hash] = record }
        return Secret(token.text)
    }

    @discardableResult
    private func confirm(_ house: House, _ signIn: String, _ token: Secret, _ claim: DeviceClaim = .none) async throws -> TokenPair {
        try await house.authenticator.confirmDevice(signIn: signIn, token: token, device: claim, from: elsewhere)
    }

    private func refused(_ house: House, _ signIn: String, _ token: Secret, _ reason: String?, _ comment: Comment = "") async {
        await #expect(throws: AuthenticationError.refused, comment) { try await confirm(house, signIn, token) }
        if let reason { #expect(house.audit.last?.detail["reason"] == .string(reason), comment) }
        #expect(house.store.state.withLock { $0.sessions.count } == 1, comment)
    }

    @Test("a known device, a known place and the first sign-in of all go straight; a new device does not")
    func straight() async throws {
        let house = try await House()
        house.store.state.withLock { $0.rules[Fixture.acme] = .init(.standard, .confirm) }
        #expect(try await signIn(house, from: home).session != nil, "the first")
        #expect(try await signIn(house, from: home).session != nil, "a known place")
        #expect(try await signIn(house, DeviceClaim(kept: nil), from: home).session == nil, "a new device in a known place")
        #expect(try await signIn(house, from: elsewhere).session == nil, "a client that keeps nothing in a new place")
        #expect(house.audit.last?.action == "session.device_asked" && house.store.state.withLock { $0.sessions.count } == 2)
        #expect(house.store.state.withLock { $0.users[house.ada]?.lanes.values.allSatisfy { $0.failures == 0 } } == true)
    }

    @Test("both tokens open a session once, whose device is known from then on and whose owner has no second message")
    func both() async throws {
        let house = try await strict()
        let waiting = try await waiting(house, DeviceClaim(kept: nil))
        let pair = try await confirm(house, waiting.signIn, waiting.token, DeviceClaim(kept: nil))
        let principal = try await house.authenticator.principal(bearer: pair.accessToken)
        #expect(principal.assurance?.methods == ["pwd", "device_confirmed"] && principal.assurance?.factorAt == nil)
        #expect(try await signIn(house, DeviceClaim(kept: pair.deviceCookie), from: elsewhere).session?.isNewDevice == false)
        #expect(told(house).isEmpty)
        #expect(house.audit.first { $0.action == "session.new_device" && $0.detail["confirmed"] == true } != nil)
        for _ in 0..<2 {
            await #expect(throws: AuthenticationError.refused) { try await confirm(house, waiting.signIn, waiting.token) }
        }
    }

    @Test("a client that keeps nothing is known by the place that it has confirmed")
    func place() async throws {
        let house = try await strict()
        let waiting = try await waiting(house)
        _ = try await confirm(house, waiting.signIn, waiting.token)
        #expect(try await signIn(house, from: elsewhere).session != nil)
    }

    @Test("a token of another sign-in, another user, another tenant or another purpose confirms nothing")
    func foreign() async throws {
        let house = try await strict()
        let (one, other) = (try await waiting(house), try await waiting(house))
        await refused(house, one.signIn, other.token, "wrong_device_token", "another sign-in of the same user")
        let binding = try #require(OneTimeToken(one.signIn, for: .signIn)).hash
        await refused(house, one.signIn, send(house, binding, user: house.bob), "wrong_device_token", "another user")
        await refused(house, one.signIn, send(house, binding, tenant: Fixture.globex), "wrong_device_token", "another tenant")
        for purpose in OneTimeToken.Purpose.allCases where purpose != .device {
            await refused(house, one.signIn, send(house, binding, purpose: purpose), "wrong_device_token", "\(purpose)")
        }
        // What was sent opens nothing without the sign-in, and the sign-in nothing without what was sent.
        let sent = try #require(one.token.revealedText())
        await refused(house, sent, one.token, nil, "what was sent twice")
        await refused(house, one.signIn, Secret(one.signIn), nil, "the sign-in twice")
    }

    @Test("no text is taken for a token, and ten wrong ones end the sign-in")
    func limited() async throws {
        let house = try await strict()
        let waiting = try await waiting(house)
        let right = try #require(waiting.token.revealedText())
        let wrong = [
            "", "pho_", right + "A", String(right.dropLast()), right.uppercased(), " " + right, String(repeating: "x", count: 100_000),
        ]
        for text in wrong { await refused(house, waiting.signIn, Secret(text), "wrong_device_token") }
        for _ in wrong.count..<Int(Authenticator.answersPerSignIn) {
            await refused(house, waiting.signIn, Secret(OneTimeToken.random(for: .device).text), "wrong_device_token")
        }
        await refused(house, waiting.signIn, waiting.token, "too_many_answers")
    }

    @Test("a sign-in that waits for a factor is not completed by a device, nor the other way round")
    func kinds() async throws {
        let house = try await strict()
        let device = try await waiting(house)
        house.store.state.withLock { $0.factors[house.ada] = [.totp] }
        // Whoever has a factor by now shows it.
        await refused(house, device.signIn, device.token, "factor_missing")
        await #expect(throws: AuthenticationError.refused) {
            try await house.authenticator.completeSignIn(
                token: device.signIn, factor: "totp", code: Secret("123456"), judge: CodeJudge(), from: elsewhere)
        }
        guard case .factorNeeded(let demand) = try await signIn(house, from: elsewhere) else { throw AuthenticationError.overloaded }
        let text = try #require(demand.token.revealedText())
        let binding = try #require(OneTimeToken(text, for: .signIn)).hash
        house.store.state.withLock { $0.factors[house.ada] = [] }
        await refused(house, text, send(house, binding), nil, "a factor's sign-in")
    }

    @Test("an account that changed, a password that is too old by now, and time end it")
    func changed() async throws {
        let house = try await strict()
        let waiting = try await waiting(house)
        house.store.state.withLock { $0.users[house.ada]?.epoch += 1 }
        await refused(house, waiting.signIn, waiting.token, nil, "another password or right")
        house.store.state.withLock { $0.users[house.ada]?.epoch -= 1 }
        house.store.state.withLock { $0.users[house.ada]?.isActive = false }
        await refused(house, waiting.signIn, waiting.token, nil, "deactivated")
        house.store.state.withLock { $0.users[house.ada]?.isActive = true }
        house.store.state.withLock { $0.users[house.ada]?.profile = .pci }
        await refused(house, waiting.signIn, waiting.token, "password_expired")
        house.store.state.withLock { $0.users[house.ada]?.profile = .nist }
        house.clock.advance(900_000)
        await refused(house, waiting.signIn, waiting.token, nil, "over")
    }

    @Test("of sixty-four confirmations at once one opens a session")
    func once() async throws {
        let house = try await strict()
        let waiting = try await waiting(house)
        house.store.state.withLock { state in
            state.tokens = state.tokens.mapValues {
                var row = $0; row.attempts = -100; return row
            }
        }
        let opened = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { (try? await confirm(house, waiting.signIn, waiting.token)) != nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(opened == 1 && house.store.state.withLock { $0.sessions.count } == 2)
    }

    @Test("only so many sign-ins wait at once: each of them sends a message")
    func many() async throws {
        let house = try await strict()
        for _ in 0..<Authenticator.waitingConfirmations { _ = try await waiting(house) }
        await #expect(throws: AuthenticationError.refused) { try await signIn(house, from: elsewhere) }
        #expect(house.audit.last?.detail["reason"] == "too_many_confirmations")
        house.clock.advance(900_000)
        _ = try await waiting(house)
    }

    @Test("a password that is too old is replaced from a known place only")
    func expired() async throws {
        let house = try await strict()
        house.store.state.withLock { $0.users[house.ada]?.profile = .pci }
        await #expect(throws: AuthenticationError.passwordExpired) { try await signIn(house, from: elsewhere) }
        func renew(_ address: ClientAddress) async throws -> UserID {
            try await house.authenticator.confirmExpiredPassword(
                slug: "acme", email: "ada@acme.test", password: Secret(House.password), from: address
            ).user
        }
        await #expect(throws: AuthenticationError.refused) { try await renew(elsewhere) }
        #expect(house.audit.last?.detail["reason"] == "new_device")
        #expect(try await renew(home) == house.ada)
    }

    @Test("a rule that nobody could follow is refused with what to do about it")
    func refusedRule() async throws {
        let house = try await House()
        let (permit, rules) = (Fixture.permit(.sessionManage), SessionRules(.standard, .confirm))
        await #expect {
            try await house.authenticator.setSessionRules(rules, permit)
        } throws: {
            guard case .invalid(let reason)? = $0 as? AuthenticationError else { return false }
            return reason.contains("new_devices") && reason.contains("notifier")
        }
        try await house.authenticator.setSessionRules(rules, permit, canTell: true)
        #expect(try await house.authenticator.sessionRules(permit).inForce.newDevices == .confirm)
        #expect(house.audit.last?.detail["new_devices"] == "confirm")
        // The way out needs nobody.
        try await house.authenticator.setSessionRules(.standard, permit)
    }
}

extension SessionRules {
    fileprivate init(_ rules: SessionRules, _ newDevices: NewDevices) {
        self = rules
        self.newDevices = newDevices
    }

    fileprivate init(_ rules: SessionRules, concurrent: Int64, _ whenFull: WhenFull) {
        self = rules
        (self.concurrent, self.whenFull) = (concurrent, whenFull)
    }
}
