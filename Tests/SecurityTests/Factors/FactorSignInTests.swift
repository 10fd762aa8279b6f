// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

/// Finds one code right, and counts how often it was asked.
final class CodeJudge: FactorJudge {
    let right: String
    let looks = Mutex(0)

    init(_ right: String = "123456") { self.right = right }

    func isRight(_ answer: FactorAnswer) async throws -> Bool {
        looks.withLock { $0 += 1 }
        return answer.code.revealedText() == right
    }
}

@Suite("Sign-in with a second factor")
struct FactorSignInTests {
    private let judge = CodeJudge()

    private func house(_ factors: [FactorName] = [.totp, .backupCode]) async throws -> House {
        let house = try await House()
        house.store.state.withLock { $0.factors[house.ada] = factors }
        return house
    }

    private func demand(_ house: House) async throws -> FactorDemand {
        let outcome = try await house.authenticator.signIn(slug: "acme", email: "ada@acme.test", password: Secret(House.password))
        guard case .factorNeeded(let demand) = outcome else { throw Unexpected() }
        return demand
    }

    private struct Unexpected: Error {}

    private func complete(_ house: House, _ token: String, _ code: String = "123456", factor: String = "totp") async throws -> TokenPair {
        try await house.authenticator.completeSignIn(token: token, factor: factor, code: Secret(code), judge: judge)
    }

    private func text(_ demand: FactorDemand) throws -> String { try #require(demand.token.revealedText()) }

    @Test("a password alone opens no session for whoever has a factor, and the two together do")
    func both() async throws {
        let house = try await house()
        let demand = try await demand(house)
        #expect(demand.factors == [.totp, .backupCode] && demand.expiresIn == 300)
        #expect(
            house.store.state.withLock { $0.sessions.isEmpty && $0.users[house.ada]?.lanes.values.allSatisfy { $0.failures == 0 } == true })
        #expect(house.audit.last?.action == "session.factor_asked")

        let pair = try await complete(house, try text(demand))
        let principal = try await house.authenticator.principal(bearer: pair.accessToken)
        #expect(principal.assurance?.methods == ["pwd", "otp", "mfa"] && principal.assurance?.factorAt == house.clock.now)
        #expect(house.audit.last?.detail["methods"] == ["pwd", "otp", "mfa"])
    }

    @Test("the token is good once, for its time, in its one spelling, and for nothing else")
    func token() async throws {
        let house = try await house()
        let used = try text(try await demand(house))
        _ = try await complete(house, used)
        await #expect(throws: AuthenticationError.refused) { try await complete(house, used) }

        let late = try text(try await demand(house))
        house.clock.advance(300_000)
        await #expect(throws: AuthenticationError.refused) { try await complete(house, late) }

        let good = try text(try await demand(house))
        for other in ["", "pho_", good + "A", String(good.dropLast()), good.uppercased(), String(repeating: "x", count: 100_000)] {
            await #expect(throws: AuthenticationError.refused) { try await complete(house, other) }
        }
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(good) }
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: good) }
        for purpose in OneTimeToken.Purpose.allCases where purpose != .signIn {
            let token = OneTimeToken.random(for: purpose)
            house.store.state.withLock {
                $0.tokens[token.hash] = token.record(in: Fixture.acme, user: house.ada, detail: ["epoch": 1], at: house.clock.now)
            }
            await #expect(throws: AuthenticationError.refused, "\(purpose)") { try await complete(house, token.text) }
        }
        #expect(judge.looks.withLock(\.self) == 1)
    }

    @Test("an account that changed after the password was looked at has to begin again")
    func epoch() async throws {
        let house = try await house()
        let token = try text(try await demand(house))
        house.store.state.withLock { $0.users[house.ada]?.epoch += 1 }
        await #expect(throws: AuthenticationError.refused) { try await complete(house, token) }
        house.store.state.withLock { $0.users[house.ada]?.epoch -= 1 }
        house.store.state.withLock { $0.users[house.ada]?.isActive = false }
        await #expect(throws: AuthenticationError.refused) { try await complete(house, token) }
        #expect(judge.looks.withLock(\.self) == 0)
    }

    @Test(
        "a factor that the user does not have is not asked", arguments: ["", "sms", "plugin:sms-twilio", "backup_code", "TOTP", "password"])
    func others(factor: String) async throws {
        let house = try await house([.totp])
        let token = try text(try await demand(house))
        await #expect(throws: AuthenticationError.refused) { try await complete(house, token, factor: factor) }
        #expect(judge.looks.withLock(\.self) == 0 && house.audit.last?.detail["reason"] == "no_such_factor")
    }

    @Test("sixty-four guesses at once are not looked at more often than one counter allows, whichever sign-in they come by")
    func parallel() async throws {
        let house = try await house()
        var tokens: [String] = []
        for _ in 0..<8 { tokens.append(try text(try await demand(house))) }
        await withTaskGroup(of: Void.self) { group in
            for guess in 0..<64 {
                group.addTask { [tokens] in _ = try? await complete(house, tokens[guess % 8], "\(100_000 + guess)") }
            }
        }
        #expect(judge.looks.withLock(\.self) == Int(house.policy.freeFailures) + 1)
        // Now the right one has to wait as well, by whichever path; another factor has a counter of its own.
        await #expect(throws: AuthenticationError.refused) { try await complete(house, tokens[0]) }
        house.clock.advance(1000)
        _ = try await complete(house, try text(try await demand(house)))
    }

    @Test("one sign-in has ten answers, also when none of them has to wait")
    func answers() async throws {
        let house = try await house()
        let token = try text(try await demand(house))
        for _ in 0..<Int(Authenticator.answersPerSignIn) {
            house.store.state.withLock { $0.factorCounters = [:] }
            await #expect(throws: AuthenticationError.refused) { try await complete(house, token, "000000") }
        }
        house.store.state.withLock { $0.factorCounters = [:] }
        await #expect(throws: AuthenticationError.refused) { try await complete(house, token) }
        #expect(house.audit.last?.detail["reason"] == "too_many_answers")
    }

    @Test("sixty-four right answers at once open one session")
    func once() async throws {
        let house = try await house()
        let token = try text(try await demand(house))
        let opened = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { (try? await complete(house, token)) != nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(opened == 1 && house.store.state.withLock { $0.sessions.count } == 1)
    }

    @Test("a device that was remembered stands in for the factor: for its account, for its time, and as long as the tenant allows")
    func remembered() async throws {
        let house = try await house()
        func again(_ claim: DeviceClaim) async throws -> TokenPair? {
            try await house.authenticator.signIn(slug: "acme", email: "ada@acme.test", password: Secret(House.password), device: claim)
                .session
        }
        let first = try await house.authenticator.completeSignIn(
            token: try text(try await demand(house)), factor: "totp", code: Secret("123456"), judge: judge, device: DeviceClaim(kept: nil))
        let kept = DeviceClaim(kept: first.deviceCookie)
        #expect(try await again(kept) == nil, "nobody asked for it")
        _ = try await house.authenticator.completeSignIn(
            token: try text(try await demand(house)), factor: "totp", code: Secret("123456"), judge: judge, device: kept, remembers: true)

        let trusted = try #require(try await again(kept))
        let principal = try await house.authenticator.principal(bearer: trusted.accessToken)
        #expect(principal.assurance?.methods == ["pwd", "device"] && principal.assurance?.factorAt == nil)
        #expect(throws: Denial.stepUpRequired(maximumAge: 900)) { try Authorizer().authorize(principal, to: .roleManage) }
        for other in [DeviceClaim.none, DeviceClaim(kept: nil)] { #expect(try await again(other) == nil, "another device") }
        for days: Int64 in [29, 0] {
            house.store.state.withLock { $0.factorPolicy.trustedDeviceDays = days }
            #expect(try await again(kept) == nil, "the tenant has shortened it to \(days)")
        }
        house.store.state.withLock { $0.factorPolicy = .standard }
        house.store.state.withLock { $0.users[house.ada]?.epoch += 1 }
        #expect(try await again(kept) == nil, "the account has changed")
        house.store.state.withLock { $0.users[house.ada]?.epoch -= 1 }
        #expect(try await again(kept) != nil)
        house.clock.advance(30 * 86_400_000)
        #expect(try await again(kept) == nil, "its time is over")
    }

    // MARK: What a session may do

    /// Lets a quarter of an hour pass with a request in it: an administrator's session would end without.
    private func work(_ house: House, _ pair: TokenPair) async throws {
        house.clock.advance(500_000)
        _ = try await house.authenticator.principal(bearer: pair.accessToken)
        await house.authenticator.settleUses()
        house.clock.advance(401_000)
    }

    @Test("dangerous actions want a factor that was shown a short while ago, of whoever has one")
    func stepUp() async throws {
        let house = try await house()
        let pair = try await complete(house, try text(try await demand(house)))
        let fresh = try await house.authenticator.principal(bearer: pair.accessToken)
        _ = try Authorizer().authorize(fresh, to: .roleManage)
        try await work(house, pair)
        let next = try await house.authenticator.refresh(pair.refreshToken)
        let stale = try await house.authenticator.principal(bearer: next.accessToken)
        _ = try Authorizer().authorize(stale, to: .auditRead)
        for action in [Action.roleManage, .userManage, .pluginConfigure] {
            #expect(throws: Denial.stepUpRequired(maximumAge: 900)) { try Authorizer().authorize(stale, to: action) }
        }
        await #expect(throws: AuthenticationError.refused) {
            try await house.authenticator.stepUp(stale, factor: "totp", code: Secret("000000"), judge: judge)
        }
        try await house.authenticator.stepUp(stale, factor: "totp", code: Secret("123456"), judge: judge)
        _ = try Authorizer().authorize(try await house.authenticator.principal(bearer: next.accessToken), to: .roleManage)
        #expect(house.audit.suffix(2).map(\.action) == ["session.step_up", "session.step_up"])
    }

    @Test("a right that is missing is not hidden behind a step-up")
    func order() async throws {
        let house = try await house()
        let pair = try await complete(house, try text(try await demand(house)))
        try await work(house, pair)
        let next = try await house.authenticator.refresh(pair.refreshToken)
        let stale = try await house.authenticator.principal(bearer: next.accessToken)
        #expect(throws: Denial.missingPermission(.tenantManage)) { try Authorizer().authorize(stale, to: .tenantManage) }
        #expect(throws: Denial.foreignTenant) { try Authorizer().authorize(stale, to: .roleManage, in: "globex") }
    }

    @Test("a factor shown in the future is none: a clock that was set back lends no time")
    func future() async throws {
        let house = try await house()
        let pair = try await complete(house, try text(try await demand(house)))
        house.clock.advance(-5_000)
        let principal = try await house.authenticator.principal(bearer: pair.accessToken)
        #expect(throws: Denial.stepUpRequired(maximumAge: 900)) { try Authorizer().authorize(principal, to: .roleManage) }
    }

    @Test("everybody is bound where the tenant says so; whoever has no factor is asked for one all the same")
    func everybody() async throws {
        let house = try await House()
        house.store.state.withLock { $0.factorPolicy.reach = .everybody }
        let principal = try await house.authenticator.principal(bearer: try await house.signIn().accessToken)
        _ = try Authorizer().authorize(principal, to: .auditRead)
        #expect(throws: Denial.stepUpRequired(maximumAge: 900)) { try Authorizer().authorize(principal, to: .roleManage) }
    }
}

@Suite("Factor policy")
struct FactorPolicyTests {
    @Test("is read back as it was written")
    func roundTrip() throws {
        var policy = FactorPolicy.standard
        #expect(try FactorPolicy(policy.value) == policy && policy.stepUps.count == 13)
        policy.requiredRoles = ["ADMIN", "MANAGER"]
        policy.reach = .everybody
        #expect(try FactorPolicy(policy.value) == policy)
    }

    @Test(
        "what cannot be read is refused",
        arguments: [
            Value.null, [:], ["required_roles": []],
            ["required_roles": [1], "step_up_for": "enrolled", "step_up": [], "trusted_device_days": 0],
            ["required_roles": [], "step_up_for": "nobody", "step_up": [], "trusted_device_days": 0],
            ["required_roles": [], "step_up_for": "enrolled", "step_up": [["action": "a b", "max_age_s": 900]], "trusted_device_days": 0],
            ["required_roles": [], "step_up_for": "enrolled", "step_up": [["action": "a", "max_age_s": 0]], "trusted_device_days": 0],
            ["required_roles": [], "step_up_for": "enrolled", "step_up": [], "trusted_device_days": -1],
            ["required_roles": [], "step_up_for": "enrolled", "step_up": [], "trusted_device_days": 0, "more": 1],
        ])
    func nonsense(value: Value) {
        #expect(throws: PolicyProblem.self) { try FactorPolicy(value) }
    }

    @Test("the strictest rule over an action counts")
    func strictest() throws {
        let policy = FactorPolicy(stepUps: [
            .init(try ActionPattern("plugin"), maximumAge: 3600), .init(try ActionPattern("plugin.configure"), maximumAge: 60),
        ])
        #expect(policy.maximumAge(for: .pluginConfigure) == 60 && policy.maximumAge(for: .pluginEnable) == 3600)
        #expect(policy.maximumAge(for: .auditRead) == nil)
    }

    @Test(
        "a session may do nothing while the factor is missing that its tenant wants",
        arguments: [
            (false, false, nil, ["pwd"], false, nil), (true, false, nil, ["pwd"], false, .enrolment),
            (true, true, nil, ["pwd"], false, .factor), (true, true, Int64(1), ["pwd", "otp"], false, nil),
            (true, true, nil, ["pwd", "device"], false, nil), (true, true, nil, ["pwd", "device"], true, .factor),
            (false, true, nil, ["pwd"], false, nil),
        ] as [(Bool, Bool, Int64?, [String], Bool, Assurance.Gap?)])
    func gaps(required: Bool, has: Bool, shown: Int64?, methods: [String], forgets: Bool, gap: Assurance.Gap?) {
        var policy = FactorPolicy.standard
        if forgets { policy.trustedDeviceDays = 0 }
        let assurance = Assurance(
            methods: methods, authenticatedAt: 0, factorAt: shown, hasFactor: has, isFactorRequired: required, policy: policy, now: 2)
        #expect(assurance.gap == gap)
    }
}
