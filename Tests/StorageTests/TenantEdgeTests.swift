// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

@Suite("From where a tenant is used", .everyEngine)
struct TenantEdgeTests {
    private let home = ClientAddress("10.1.2.3") ?? .unknown
    private let away = ClientAddress("203.0.113.7") ?? .unknown

    @discardableResult
    private func change<T: Sendable>(
        _ test: TestDatabase, _ body: @escaping @Sendable (TenantEdgeRepository) throws -> T
    ) async throws -> T {
        try await test.write { tx in
            try TenantEdgeRepository(tx).begin()
            return try body(TenantEdgeRepository(tx))
        }
    }

    @Test("a list works on the very next request, for sessions, keys, refresh tokens and sign-ins, and its refusals are audited")
    func atOnce() async throws {
        let fixture = try await SignInFixture()
        let (test, door) = (fixture.test, fixture.authenticator)
        let pair = try await fixture.signIn()
        let admin = try await door.principal(bearer: pair.accessToken, from: away)
        let permit = try Authorizer().authorize(admin, to: .userManage)
        let key = try await door.issueAPIKey(
            permit, name: "panel", permissions: ["plugin.read"], expiresAt: fixture.time.now + 86_400_000
        ).text
        let text = try #require(key.revealedText())
        let other = try await fixture.signIn("another password entirely", slug: "globex")
        _ = try await door.principal(bearer: text, from: away)

        let range = try #require(NetworkPrefix("10.0.0.0/8"))
        try await change(test) { try $0.set(range, .allow, by: "test", at: 1) }

        let denied = AuthenticationError.denied(.addressNotAllowed)
        for bearer in [pair.accessToken, text] {
            await #expect(throws: denied) { try await door.principal(bearer: bearer, from: away) }
            await #expect(throws: denied, "who cannot be told") { try await door.principal(bearer: bearer) }
            _ = try await door.principal(bearer: bearer, from: home)
        }
        await #expect(throws: denied) { try await door.refresh(pair.refreshToken, from: away) }
        let sign = { (address: ClientAddress, password: String) in
            try #require(try await door.signIn(slug: "acme", email: "ann@acme.test", password: Secret(password), from: address).session)
        }
        // The same answer as to a wrong password.
        await #expect(throws: AuthenticationError.refused) { try await sign(away, "correct horse battery") }
        _ = try await door.principal(bearer: other.accessToken, from: away)
        fixture.time.advance(by: 3_600_000)
        let next = try await sign(home, "correct horse battery")
        _ = try await door.refresh(next.refreshToken, from: home)

        #expect(try await fixture.actions(AuditQuery(action: "network.refuse")) == Array(repeating: "network.refuse denied", count: 5))
        let refusal = try await test.read { try AuditRepository($0).search(AuditQuery(action: "session.sign_in", outcome: .denied)) }
        #expect(refusal.first?.detailValue["reason"]?.stringValue == "address_not_allowed")

        try await change(test) { try $0.remove(range) }
        _ = try await door.principal(bearer: text, from: away)
    }

    @Test("a refused refresh does not use the token up")
    func refresh() async throws {
        let fixture = try await SignInFixture()
        let pair = try await fixture.signIn()
        let range = try #require(NetworkPrefix("203.0.113.0/24"))
        try await change(fixture.test) { try $0.set(range, .deny, by: "test", at: 1) }
        await #expect(throws: AuthenticationError.denied(.addressNotAllowed)) {
            try await fixture.authenticator.refresh(pair.refreshToken, from: away)
        }
        _ = try await fixture.authenticator.refresh(pair.refreshToken, from: home)
    }

    @Test("origins are the tenant's own, and come with the principal from the next request on")
    func origins() async throws {
        let fixture = try await SignInFixture()
        let pair = try await fixture.signIn()
        let door = fixture.authenticator
        #expect(try await door.principal(bearer: pair.accessToken).origins.isEmpty)
        #expect(try await change(fixture.test) { try $0.add("https://panel.acme.example", by: "test", at: 1) })
        #expect(try await !change(fixture.test) { try $0.add("https://panel.acme.example", by: "test", at: 2) })
        #expect(try await door.principal(bearer: pair.accessToken).origins == ["https://panel.acme.example"])
        let other = try await fixture.signIn("another password entirely", slug: "globex")
        #expect(try await door.principal(bearer: other.accessToken).origins.isEmpty)

        let test = fixture.test
        func isNamed(_ origin: String) async throws -> Bool {
            try await test.database.platformRead(test.platform) { try TenantEdgeRepository.isNamed(origin, $0) }
        }
        #expect(try await isNamed("https://panel.acme.example"))
        #expect(try await !isNamed("https://panel.acme.example.evil.example"))
        #expect(try await change(test) { try $0.remove(origin: "https://panel.acme.example") })
        #expect(try await door.principal(bearer: pair.accessToken).origins.isEmpty)
        #expect(try await !isNamed("https://panel.acme.example"))
    }

    @Test("there is an end to both lists")
    func bounds() async throws {
        let fixture = try await SignInFixture()
        await #expect(throws: StorageError.self) {
            try await change(fixture.test) { edge in
                for number in 0...TenantEdgeRepository.maximumOrigins { _ = try edge.add("https://o\(number).example", by: "t", at: 1) }
            }
        }
        #expect(try await fixture.test.read { try TenantEdgeRepository($0).origins().isEmpty })
    }
}
