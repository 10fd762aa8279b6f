// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

/// How long sessions last and how many there may be, to the millisecond.
@Suite("Session limits")
struct SessionLimitTests {
    private static let minute: Int64 = 60_000
    private static let hour = 60 * minute
    private static let day = 24 * hour

    private func isGood(_ house: House, _ pair: TokenPair) async throws -> Bool {
        do {
            _ = try await house.authenticator.principal(bearer: pair.accessToken)
            await house.authenticator.settleUses()
            return true
        } catch AuthenticationError.refused {
            return false
        }
    }

    /// A new access token, without any use of the session; nil when that is refused.
    private func refreshed(_ house: House, _ pair: TokenPair) async throws -> TokenPair? {
        do { return try await house.authenticator.refresh(pair.refreshToken) } catch AuthenticationError.refused { return nil }
    }

    private func bob(_ house: House) async throws -> TokenPair { try await house.signIn("bob@globex.test", tenant: "globex") }

    @Test("an administrator's session ends after 15 minutes without use, to the millisecond, and a refresh is no use")
    func administratorsIdle() async throws {
        let house = try await House()
        let used = try await house.signIn()
        house.clock.advance(10 * Self.minute - 1)
        #expect(try await isGood(house, used))
        let next = try #require(try await refreshed(house, used))
        house.clock.advance(15 * Self.minute - 1)
        let last = try #require(try await refreshed(house, next))
        house.clock.advance(1)
        #expect(try await !isGood(house, last))
        #expect(try await refreshed(house, last) == nil)
        #expect(house.audit.allSatisfy { $0.action != "session.refresh_reused" })
    }

    @Test("an administrator's session ends after 12 hours, however busy it is")
    func administratorsLifetime() async throws {
        let house = try await House()
        var pair = try await house.signIn()
        for _ in 0..<(12 * 6 - 1) {
            house.clock.advance(10 * Self.minute)
            pair = try #require(try await refreshed(house, pair))
            #expect(try await isGood(house, pair))
        }
        house.clock.advance(10 * Self.minute - 1)
        #expect(try await isGood(house, pair))
        let last = try #require(try await refreshed(house, pair))
        house.clock.advance(1)
        #expect(try await !isGood(house, last))
    }

    @Test("others may be idle for 14 days, to the millisecond")
    func othersIdle() async throws {
        let house = try await House()
        let (early, late) = (try await bob(house), try await bob(house))
        house.clock.advance(14 * Self.day - 1)
        #expect(try await refreshed(house, early) != nil)
        house.clock.advance(1)
        #expect(try await refreshed(house, late) == nil)
    }

    @Test("a use is noted once a minute, whoever asks how often")
    func noted() async throws {
        let house = try await House()
        let pair = try await house.signIn()
        for _ in 0..<50 { #expect(try await isGood(house, pair)) }
        #expect(house.store.state.withLock { $0.notes } == 0)
        house.clock.advance(Self.minute - 1)
        #expect(try await isGood(house, pair))
        #expect(house.store.state.withLock { $0.notes } == 0)
        house.clock.advance(1)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<64 { group.addTask { _ = try? await house.authenticator.principal(bearer: pair.accessToken) } }
        }
        await house.authenticator.settleUses()
        #expect(house.store.state.withLock { $0.notes } == 1)
        #expect(house.store.state.withLock { $0.sessions[pair.session]?.lastSeenAt } == house.clock.now)
    }

    @Test("a store that cannot note a use refuses nobody for it")
    func failingNote() async throws {
        let notes = UseNotes()
        for _ in 0..<3 {
            notes.note("a", last: nil, now: 0) { throw MemoryIdentityStore.Broken() }
            await notes.settle()
        }
        let written = TestClock(0)
        notes.note("a", last: nil, now: 0) { written.advance(1) }
        await notes.settle()
        #expect(written.now == 1)
    }

    @Test("what a tenant asks holds from the next request on, and ends what is too old already")
    func tenantsRules() async throws {
        let house = try await House()
        let pair = try await bob(house)
        house.clock.advance(9 * Self.minute)
        #expect(try await isGood(house, pair))
        var rules = SessionRules.standard
        rules.usual = .init(idle: 5 * Self.minute, lifetime: 9 * Self.minute)
        let permit = Fixture.permit(.sessionManage, in: Fixture.globex)
        try await house.authenticator.setSessionRules(rules, permit)
        #expect(try await !isGood(house, pair))
        #expect(try await refreshed(house, pair) == nil)
        try await house.authenticator.setSessionRules(nil, permit)
        #expect(try await isGood(house, pair))
        #expect(house.audit.suffix(2).map(\.action) == ["session.manage", "session.manage"])
    }

    @Test("a tenant can ask for less than the installation, and never for more")
    func maximum() async throws {
        let house = try await House()
        let permit = Fixture.permit(.sessionManage, in: Fixture.globex)
        let changes: [(inout SessionRules) -> Void] = [
            { $0.usual.idle += 1 }, { $0.usual.lifetime += 1 }, { $0.administrators.idle += 1 }, { $0.administrators.lifetime += 1 },
            { $0.concurrent += 1 }, { $0.concurrent = 0 }, { $0.usual.idle = 119_999 }, { $0.administrators.idle = -1 },
            { $0.usual.lifetime = $0.usual.idle - 1 }, { $0.usual.idle = .max }, { $0.usual.lifetime = .min },
        ]
        for (index, change) in changes.enumerated() {
            var rules = SessionRules.standard
            change(&rules)
            await #expect(throws: AuthenticationError.self, "\(index)") { try await house.authenticator.setSessionRules(rules, permit) }
        }
        // Written past the check, it is the installation's all the same.
        var rules = SessionRules.standard
        rules.administrators = .init(idle: Self.day, lifetime: Self.day)
        let wide = rules
        house.store.state.withLock { $0.rules[Fixture.acme] = wide }
        let pair = try await house.signIn()
        house.clock.advance(15 * Self.minute)
        #expect(try await refreshed(house, pair) == nil)
    }

    @Test(
        "whoever holds some ….manage is an administrator from the next request on, others are not",
        arguments: [
            ("user.manage", true), ("plugin.manage", true), ("user", true), ("*", true), ("*.manage", true), ("plugin", true),
            ("acme_shop.manage", true), ("plugin.read", false), ("session.own", false), ("plugin.invoke", false), ("manage", true),
            ("user.manager", false),
        ])
    func administrators(pattern: String, isOne: Bool) async throws {
        let house = try await House()
        let bob = house.bob
        let pair = try await self.bob(house)
        house.clock.advance(16 * Self.minute)
        let next = try #require(try await refreshed(house, pair))
        house.store.state.withLock { $0.users[bob]?.patterns = [pattern] }
        #expect(try await isGood(house, next) == !isOne)
    }

    @Test("one session too many ends the one that was not used for the longest time, and says so in the trail")
    func oldestMakesRoom() async throws {
        let house = try await House()
        var pairs: [TokenPair] = []
        for _ in 0..<10 {
            pairs.append(try await bob(house))
            house.clock.advance(1000)
        }
        house.clock.advance(Self.minute)
        // The first one is in use, so that the second is the oldest.
        #expect(try await isGood(house, pairs[0]))
        let one = try await bob(house)
        var good: [Bool] = []
        for pair in pairs + [one] { good.append(try await isGood(house, pair)) }
        #expect(good == [true, false] + Array(repeating: true, count: 9))
        #expect(house.audit.last?.detail["ended"] == [.string(pairs[1].session.description)])
    }

    @Test("where a tenant wants it, one session too many is refused, until one has ended or lain idle")
    func refused() async throws {
        let house = try await House()
        var rules = SessionRules.standard
        (rules.concurrent, rules.whenFull) = (2, .refuse)
        rules.usual.idle = Self.hour
        let permit = Fixture.permit(.sessionManage, in: Fixture.globex)
        try await house.authenticator.setSessionRules(rules, permit)
        let first = try await bob(house)
        _ = try await bob(house)
        await #expect(throws: AuthenticationError.tooManySessions) { try await bob(house) }
        #expect(house.audit.last?.outcome == .denied && house.audit.last?.detail["reason"] == "too_many_sessions")
        let principal = try await house.authenticator.principal(bearer: first.accessToken)
        try await house.authenticator.signOut(principal)
        _ = try await bob(house)
        await #expect(throws: AuthenticationError.tooManySessions) { try await bob(house) }
        house.clock.advance(Self.hour)
        _ = try await bob(house)
    }
}
