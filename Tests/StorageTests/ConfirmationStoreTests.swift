// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

/// What the confirmation of devices needs of the database, on both engines.
@Suite("Confirmations of devices", .everyEngine)
struct ConfirmationStoreTests {
    private let home = ClientAddress("192.0.2.7") ?? .unknown
    private let elsewhere = ClientAddress("198.51.100.9") ?? .unknown

    private func fixture() async throws -> SignInFixture {
        let fixture = try await SignInFixture()
        _ = try await signIn(fixture, from: home)
        var rules = SessionRules.standard
        rules.newDevices = .confirm
        try await fixture.authenticator.setSessionRules(
            rules, SystemAuthority().permit(.sessionManage, in: fixture.test.acme.id, as: "test"), canTell: true)
        return fixture
    }

    private func signIn(_ fixture: SignInFixture, from address: ClientAddress) async throws -> SignInOutcome {
        try await fixture.elsewhere.signIn(
            slug: "acme", email: "ann@acme.test", password: Secret("correct horse battery"), from: address)
    }

    private func waiting(_ fixture: SignInFixture) async throws -> (signIn: String, token: Secret) {
        guard case .deviceUnconfirmed(let demand) = try await signIn(fixture, from: elsewhere) else { throw AuthenticationError.overloaded }
        let (token, now) = (OneTimeToken.random(for: .device), TestDatabase.now)
        let record = token.record(
            in: fixture.test.acme.id, user: fixture.ann.id, detail: OneTimeTokenRecord.confirming(demand.binding), at: now)
        let ann = fixture.ann.id
        #expect(try await fixture.test.write { try UserRepository($0).store(record, for: ann, at: now) })
        return (try #require(demand.token.revealedText()), Secret(token.text))
    }

    @Test("what is set on one host is asked on another, and a known place goes straight")
    func everywhere() async throws {
        let fixture = try await fixture()
        #expect(try await fixture.test.read { try SessionRulesRepository($0).find().rules?.newDevices } == .confirm)
        #expect(try await signIn(fixture, from: home).session != nil)
        #expect(try await signIn(fixture, from: elsewhere).session == nil)
    }

    @Test("of sixty-four confirmations at once on two hosts one opens a session")
    func once() async throws {
        let fixture = try await fixture()
        let waiting = try await waiting(fixture)
        let opened = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                let host = number % 2 == 0 ? fixture.authenticator : fixture.elsewhere
                group.addTask {
                    (try? await host.confirmDevice(signIn: waiting.signIn, token: waiting.token, from: elsewhere)) != nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(opened == 1)
        #expect(try await fixture.count("SELECT count(*) AS n FROM sessions") == 2)
    }

    @Test("a token that does not fit leaves the sign-in as it was, and another message voids the one before for its own sign-in only")
    func both() async throws {
        let fixture = try await fixture()
        let (one, other) = (try await waiting(fixture), try await waiting(fixture))
        await #expect(throws: AuthenticationError.refused) {
            try await fixture.authenticator.confirmDevice(signIn: one.signIn, token: other.token, from: elsewhere)
        }
        let (ann, now) = (fixture.ann.id, TestDatabase.now)
        let signIn = try #require(OneTimeToken(one.signIn, for: .signIn))
        let again = OneTimeToken.random(for: .device)
        let record = again.record(in: fixture.test.acme.id, user: ann, detail: OneTimeTokenRecord.confirming(signIn.hash), at: now)
        #expect(try await fixture.test.write { try UserRepository($0).store(record, for: ann, at: now) })
        await #expect(throws: AuthenticationError.refused) {
            try await fixture.authenticator.confirmDevice(signIn: one.signIn, token: one.token, from: elsewhere)
        }
        _ = try await fixture.authenticator.confirmDevice(signIn: one.signIn, token: Secret(again.text), from: elsewhere)
        _ = try await fixture.authenticator.confirmDevice(signIn: other.signIn, token: other.token, from: elsewhere)
        // A sign-in that is through takes no more messages.
        let late = OneTimeToken.random(for: .device).record(
            in: fixture.test.acme.id, user: ann, detail: OneTimeTokenRecord.confirming(signIn.hash), at: now)
        #expect(try await !fixture.test.write { try UserRepository($0).store(late, for: ann, at: now) })
    }

    @Test("of sign-ins at once no more wait than may")
    func bound() async throws {
        let fixture = try await fixture()
        let waiting = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    if case .deviceUnconfirmed = try? await signIn(fixture, from: elsewhere) { true } else { false }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(waiting <= Authenticator.waitingConfirmations && waiting > 0)
        #expect(
            try await fixture.count("SELECT count(*) AS n FROM one_time_tokens WHERE used_at IS NULL")
                <= Int64(Authenticator.waitingConfirmations))
    }
}
