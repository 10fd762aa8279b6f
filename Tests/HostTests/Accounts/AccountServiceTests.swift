// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

@Suite("The life of accounts", .timeLimit(.minutes(10)))
struct AccountServiceTests {
    @Test("nobody suspends or deletes themself, and the last administrator stays")
    func lastAdministrator() async throws {
        try await Rig.with { rig in
            let (ann, bob) = (try await rig.member("ann", roles: ["ADMIN"]), try await rig.member("bob", roles: ["ADMIN"]))
            let (asAnn, asBob) = (try await rig.managing("ann"), try await rig.managing("bob"))
            let accounts = rig.host.accounts

            #expect(await HostError.code { try await accounts.suspend(asAnn, ann.id, reason: nil, origin: Rig.trace) } == .conflict)
            #expect(await HostError.code { try await accounts.delete(asAnn, ann.id, origin: Rig.trace) } == .conflict)
            // Two who suspend each other at once: one stays.
            let done = await withTaskGroup(of: Bool.self) { group in
                group.addTask { (try? await accounts.suspend(asAnn, bob.id, reason: "x", origin: Rig.trace)) != nil }
                group.addTask { (try? await accounts.suspend(asBob, ann.id, reason: "x", origin: Rig.trace)) != nil }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(done == 1)
            let left = try await rig.status(ann.id) == .active ? ann : bob
            #expect(await HostError.code { try await accounts.delete(rig.manage, left.id, origin: Rig.trace) } == .conflict)
            await #expect(throws: AuthenticationError.refused) { try await rig.signIn(left.id == ann.id ? "bob" : "ann") }
            _ = try await accounts.activate(rig.manage, left.id == ann.id ? bob.id : ann.id, origin: Rig.trace)
            try await accounts.delete(rig.manage, left.id, origin: Rig.trace)
            #expect(try await rig.status(left.id) == .deleted)
        }
    }

    @Test("one takes charge of accounts and gives roles only as far as one's own rights go")
    func ceiling() async throws {
        try await Rig.with { rig in
            let (boss, clerk) = (try await rig.member("boss", roles: ["ADMIN"]), try await rig.member("clerk"))
            let colleague = try await rig.member("colleague", roles: ["READ_ONLY"])
            try await rig.database.transaction(rig.permit(.roleManage).scope) { tx in
                for action in ["user.manage", "session.own", "user.factor.reset"] {
                    _ = try PolicyRepository(tx).apply(
                        .setRule(Policy.Rule(id: "desk-\(action)", .permit, .user(clerk.id), try ActionPattern(action))),
                        rig.permit(.roleManage), correlation: "c", at: 1)
                }
            }
            let (desk, accounts) = (try await rig.managing("clerk"), rig.host.accounts)

            // Without the second factor a password would be enough.
            let resetting = try Authorizer().authorize(desk.principal, to: .factorReset)
            let factors = rig.host.factors.administration
            #expect(await HostError.code { try await factors.reset(boss.id, resetting, origin: Rig.trace) } == .conflict)
            #expect(try await factors.reset(colleague.id, resetting, origin: Rig.trace) == 0)
            // Another address would make the account the clerk's.
            #expect(
                await HostError.code {
                    try await accounts.update(desk, boss.id, email: "clerk2@acme.example", name: nil, origin: Rig.trace)
                }
                    == .conflict)
            #expect(await HostError.code { try await accounts.suspend(desk, boss.id, reason: nil, origin: Rig.trace) } == .conflict)
            #expect(
                await HostError.code {
                    try await accounts.invite(desk, email: "new@acme.example", name: nil, roles: ["ADMIN"], origin: Rig.trace)
                }
                    == .conflict)
            #expect(try await rig.database.read(rig.manage.scope) { try UserRepository($0).find(email: "new@acme.example") } == nil)
            let renamed = try await accounts.update(desk, colleague.id, email: "Col@acme.example", name: "Col", origin: Rig.trace)
            #expect(renamed.email == "col@acme.example" && renamed.name == "Col")
            _ = try await accounts.suspend(desk, colleague.id, reason: "left", origin: Rig.trace)
            let event = try #require(try await rig.trail(action: "user.manage").first)
            #expect(event.detail.contains("left") && event.actor == "user:\(clerk.id)")
        }
    }

    @Test("there is one first operator, whoever is fastest, and no second")
    func bootstrap() async throws {
        try await Rig.with { rig in
            let accounts = rig.host.accounts
            let stale = try await accounts.bootstrapToken(in: rig.platform.id, origin: Rig.trace)
            let token = try await accounts.bootstrapToken(in: rig.platform.id, origin: Rig.trace)
            @Sendable func become(_ token: Secret, _ name: String, password: String = Rig.password) async -> Bool {
                let password = Secret(password)
                return
                    (try? await accounts.bootstrap(token, email: "\(name)@acme.example", name: nil, password: password, origin: Rig.trace))
                    != nil
            }
            #expect(await !become(stale, "early"))
            #expect(await !become(token, "weak", password: "password"))
            let done = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 { group.addTask { await become(token, "op\(number)") } }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(done == 1)
            #expect(await HostError.code { try await accounts.bootstrapToken(in: rig.platform.id, origin: Rig.trace) } == .conflict)
            let operators = try await rig.database.read(rig.permit(.userManage, rig.platform).scope) { try UserRepository($0).all() }
            #expect(operators.map(\.roles) == [["SUPER_ADMIN"]])
            let name = try #require(operators.first?.email.split(separator: "@").first)
            _ = try await rig.signIn(String(name), slug: "platform")
        }
    }

    @Test("who has not been there for long is suspended, but not the last administrator")
    func dormant() async throws {
        let clock = ManualClock()
        try await Rig.with(clock: clock.host) { rig in
            let (ann, bob) = (try await rig.member("ann", roles: ["ADMIN"], at: 1), try await rig.member("bob", at: 1))
            let job = rig.host.dormantAccounts
            #expect(try await job.list(in: rig.acme.id).map(\.id) == [ann.id, bob.id])

            #expect(try await job.suspend(in: rig.acme.id).map(\.id) == [bob.id])
            #expect(try await job.suspend(in: rig.acme.id).isEmpty)
            let view = try await rig.host.accounts.user(rig.manage, bob.id)
            #expect(view.status == .suspended && view.reason == "dormant")
            #expect(try await rig.trail(action: "user.dormant").map(\.resource) == ["user:\(bob.id)"])

            _ = try await rig.host.accounts.activate(rig.manage, bob.id, origin: Rig.trace)
            clock.advance(seconds: 89 * 86_400)
            #expect(try await job.suspend(in: rig.acme.id).isEmpty)
            clock.advance(seconds: 86_401)
            #expect(try await job.suspend(in: rig.acme.id).map(\.id) == [bob.id])
            try await rig.decide { $0.dormantDays = 0 }
            #expect(try await job.list(in: rig.acme.id).isEmpty)
        }
    }

    @Test("a password is changed by whoever knows it, and under PCI DSS none of the last four comes again")
    func change() async throws {
        try await Rig.with { rig in
            _ = try await rig.member("ann", roles: ["ADMIN"], at: 1)
            try await rig.decide { $0.profile = .pci }
            var current = Rig.password
            func change(to new: String) async throws {
                let principal = try await rig.host.authenticator.principal(bearer: rig.signIn("ann", password: current).accessToken)
                try await rig.host.accounts.changePassword(principal, current: Secret(current), new: Secret(new), origin: Rig.trace)
                current = new
            }
            // Old by its date, and all the same: choose another one.
            await #expect(throws: AuthenticationError.passwordExpired) { try await rig.signIn("ann") }
            await #expect(throws: AuthenticationError.refused) {
                try await rig.host.accounts.renewPassword(
                    slug: "acme", email: "ann@acme.example", current: Secret("wrong"), new: Secret("tulip sofa lamp 0"), origin: Rig.trace)
            }
            try await rig.host.accounts.renewPassword(
                slug: "acme", email: "ann@acme.example", current: Secret(current), new: Secret("tulip sofa lamp 0"), origin: Rig.trace)
            current = "tulip sofa lamp 0"
            // A password that is still good is not changed this way: that takes a session, and the second factor with it.
            await #expect(throws: AuthenticationError.refused) {
                try await rig.host.accounts.renewPassword(
                    slug: "acme", email: "ann@acme.example", current: Secret(current), new: Secret("tulip sofa lamp 9"), origin: Rig.trace)
            }
            for number in 1...3 { try await change(to: "tulip sofa lamp \(number)") }
            for old in [0, 3] {
                await #expect(throws: AuthenticationError.self) { try await change(to: "tulip sofa lamp \(old)") }
            }
            try await change(to: "tulip sofa lamp 4")
            try await change(to: "tulip sofa lamp 0")
            #expect(try await rig.trail(action: "user.password.change").count == 6)
        }
    }
}
