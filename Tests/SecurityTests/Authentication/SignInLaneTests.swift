// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

@Suite("Lanes of sign-in")
struct SignInLaneTests {
    private func address(_ text: String) throws -> ClientAddress { try #require(ClientAddress(text)) }

    @Test("a stranger who guesses on and on does not keep the owner out")
    func owner() async throws {
        let house = try await House()
        let home = try address("192.0.2.7")
        _ = try await house.signIn(from: home)

        for round in 0..<40 {
            _ = try? await house.signIn(password: "wrong", from: address("198.51.100.\(round)"))
            house.clock.advance(1000)
        }

        await #expect(throws: AuthenticationError.refused) { try await house.signIn(from: address("203.0.113.1")) }
        #expect(house.audit.last?.detail["reason"] == "too_early")
        _ = try await house.signIn(from: home)
        // And the owner's success gives the strangers no new attempts.
        await #expect(throws: AuthenticationError.refused) { try await house.signIn(from: address("203.0.113.1")) }
        #expect(house.audit.last?.detail["reason"] == "too_early")
    }

    @Test("the owner's lane is limited as well, and another place of the owner has its own")
    func limited() async throws {
        let house = try await House()
        let (home, office) = (try address("2001:db8:1:2::7"), try address("192.0.2.9"))
        for place in [home, office] { _ = try await house.signIn(from: place) }

        // The whole /64 is one place.
        for host in 0..<4 {
            await #expect(throws: AuthenticationError.refused) {
                try await house.signIn(password: "wrong", from: address("2001:db8:1:2::\(host + 1)"))
            }
        }

        await #expect(throws: AuthenticationError.refused) { try await house.signIn(from: home) }
        #expect(house.audit.last?.detail["reason"] == "too_early")
        _ = try await house.signIn(from: office)
        house.clock.advance(1000)
        _ = try await house.signIn(from: home)
    }

    @Test("64 guesses at once, from as many addresses, are looked at as often as one lane allows")
    func parallel() async throws {
        let house = try await House()
        _ = try await house.signIn(from: address("192.0.2.7"))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask { _ = try? await house.signIn(password: "wrong", from: ClientAddress("198.51.100.\(number)") ?? .unknown) }
            }
        }

        let reasons = house.audit.compactMap { $0.detail["reason"]?.stringValue }
        #expect(reasons.filter { $0 == "wrong_credential" }.count == 4)
        #expect(reasons.filter { $0 == "too_early" }.count == 60)
    }

    private func pciHouse() async throws -> House {
        let house = try await House()
        house.store.state.withLock { state in
            state.users[house.ada]?.profile = .pci
            state.users[house.ada]?.passwordChangedAt = house.clock.now
        }
        return house
    }

    @Test("under PCI DSS the fifth failure locks a lane for half an hour")
    func lockOut() async throws {
        let house = try await pciHouse()
        for _ in 0..<5 {
            _ = try? await house.signIn(password: "wrong")
            house.clock.advance(70_000)
        }
        house.clock.advance(30 * 60_000 - 70_000 - 1)
        await #expect(throws: AuthenticationError.refused) { try await house.signIn() }
        house.clock.advance(1)
        _ = try await house.signIn()
    }

    @Test("under PCI DSS no more than ten guesses in all are looked at before everything waits half an hour, from wherever they come")
    func lockOutInAll() async throws {
        let house = try await pciHouse()
        // The owner is known in many places, and has several sessions open.
        var sessions: [Principal] = []
        for number in 0..<12 {
            let pair = try await house.signIn(from: address("192.0.2.\(number)"))
            sessions.append(try await house.authenticator.principal(bearer: pair.accessToken))
        }
        let before = house.audit.count
        var looked = 0
        // For 25 minutes strangers, known places and stolen sessions guess in turn.
        for round in 0..<1500 {
            house.clock.advance(1000)
            switch round % 3 {
            case 0: _ = try? await house.signIn(password: "wrong", from: address("198.51.100.\(round % 250)"))
            case 1: _ = try? await house.signIn(password: "wrong", from: address("192.0.2.\(round % 12)"))
            default: _ = try? await house.authenticator.confirmPassword(sessions[round % 12], Secret("wrong"))
            }
        }
        looked = house.audit[before...].count { $0.detail["reason"] == "wrong_credential" }
        #expect(looked == 10)
    }

    @Test("under PCI DSS strangers do not keep the owner out of where they are known")
    func lockOutByStrangers() async throws {
        let house = try await pciHouse()
        let home = try address("192.0.2.7")
        _ = try await house.signIn(from: home)
        for round in 0..<200 {
            _ = try? await house.signIn(password: "wrong", from: address("198.51.100.\(round)"))
            house.clock.advance(30_000)
        }
        _ = try await house.signIn(from: home)
    }

    @Test("a password that was taken beside a factor opens nothing when the factor is gone")
    func shortPassword() async throws {
        let house = try await House()
        house.store.state.withLock { $0.users[house.ada]?.passwordStandsAlone = false }
        await #expect(throws: AuthenticationError.passwordExpired) { try await house.signIn() }
        await #expect(throws: AuthenticationError.refused) { try await house.signIn(password: "wrong") }
        let proof = try await house.authenticator.confirmExpiredPassword(
            slug: "acme", email: "ada@acme.test", password: Secret(House.password))
        #expect(proof.user == house.ada)
        house.store.state.withLock { $0.users[house.ada]?.passwordStandsAlone = true }
        await #expect(throws: AuthenticationError.refused) {
            try await house.authenticator.confirmExpiredPassword(slug: "acme", email: "ada@acme.test", password: Secret(House.password))
        }
    }

    @Test("whether a new password stands alone is judged as if there were no factor")
    func standsAlone() async throws {
        let house = try await House()
        func alone(_ password: String, hasFactor: Bool, _ profile: PasswordProfile = .nist) async throws -> Bool {
            try await house.authenticator.newPassword(
                Secret(password), for: PasswordOwner(profile: profile, hasFactor: hasFactor, context: [])
            ).standsAlone
        }
        #expect(try await !alone("vex9Qoruh2", hasFactor: true))
        #expect(try await alone("tulip sofa lamp orchard", hasFactor: true))
        #expect(try await alone("tulip sofa lamp orchard", hasFactor: false))
        #expect(try await alone("tulip sofa 4 orchard", hasFactor: true, .pci))
    }

    @Test("an old password opens nothing under PCI DSS, and only who has it learns so")
    func expired() async throws {
        let house = try await House()
        house.store.state.withLock { state in
            state.users[house.ada]?.profile = .pci
            state.users[house.ada]?.passwordChangedAt = house.clock.now
        }
        house.clock.advance(90 * 86_400_000 - 1)
        _ = try await house.signIn()
        house.clock.advance(1)

        await #expect(throws: AuthenticationError.passwordExpired) { try await house.signIn() }
        #expect(house.audit.last?.detail["reason"] == "password_expired")
        await #expect(throws: AuthenticationError.refused) { try await house.signIn(password: "wrong") }
    }

    @Test("somebody who is signed in shows the password again, whatever strangers do")
    func confirmation() async throws {
        let house = try await House()
        let principal = try await house.authenticator.principal(bearer: house.signIn().accessToken)
        for _ in 0..<10 { _ = try? await house.signIn(password: "wrong") }

        let proof = try await house.authenticator.confirmPassword(principal, Secret(House.password))
        #expect(proof.user == house.ada && proof.tenant == Fixture.acme && proof.session == principal.session && proof.epoch == 1)
        for _ in 0..<4 {
            await #expect(throws: AuthenticationError.notConfirmed) {
                try await house.authenticator.confirmPassword(principal, Secret("wrong"))
            }
        }
        // A stolen session guesses no faster than anybody else.
        await #expect(throws: AuthenticationError.notConfirmed) {
            try await house.authenticator.confirmPassword(principal, Secret(House.password))
        }
        let refused = house.audit.filter { $0.action == "session.confirm" }
        #expect(refused.compactMap { $0.detail["reason"]?.stringValue } == Array(repeating: "wrong_credential", count: 4) + ["too_early"])

        let key = try await house.principal(["plugin.read"])
        await #expect(throws: AuthenticationError.self) { try await house.authenticator.confirmPassword(key, Secret(House.password)) }
    }
}
