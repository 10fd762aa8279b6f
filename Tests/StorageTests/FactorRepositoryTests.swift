// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("FactorRepository", .everyEngine)
struct FactorRepositoryTests {
    private static let now = TestDatabase.now

    private static func sealed(_ text: String = "aa:bb:cc") -> Sealed { Sealed(text: text, keyID: "key", keyVersion: 3) }

    /// A tenant's factor and a challenge of it, stored.
    private func seed(
        _ test: TestDatabase, _ tenant: TenantRecord? = nil, status: EnrollmentRecord.Status = .pending, purpose: String = "enroll"
    ) async throws -> (EnrollmentRecord, ChallengeRecord) {
        let instance = try await test.enableStripe(for: tenant)
        let enrollment = EnrollmentRecord(
            id: .make(), instance: instance.id, plugin: instance.plugin, userRef: "client-42", destination: Self.sealed("01:02:03"),
            hint: "…78",
            status: status, createdAt: Self.now, expiresAt: Self.now + 900_000)
        let challenge = ChallengeRecord(
            id: .make(), enrollment: enrollment.id, purpose: purpose, nonceHash: "nonce", code: Self.sealed(), status: .created,
            attempts: 0,
            requestKey: "request", createdAt: Self.now, expiresAt: Self.now + 300_000)
        try await test.write(tenant) { tx in
            let factors = FactorRepository(tx)
            try factors.insert(enrollment)
            try factors.insert(challenge)
        }
        return (enrollment, challenge)
    }

    private func database() async throws -> TestDatabase {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        return test
    }

    @Test("gives back what was stored, to its tenant alone")
    func roundTrip() async throws {
        let test = try await database()
        let (enrollment, challenge) = try await seed(test)

        let found = try await test.read { tx in
            let factors = FactorRepository(tx)
            return try (
                factors.enrollment(enrollment.id), factors.challenge(challenge.id),
                factors.challenge(of: enrollment.id, requestKey: "request"),
                factors.challenge(requestKey: "request")
            )
        }
        #expect(found == (enrollment, challenge, challenge, challenge))

        let foreign = try await test.read(test.globex) { tx in
            let factors = FactorRepository(tx)
            return try (
                factors.enrollment(enrollment.id), factors.challenge(challenge.id),
                factors.challenge(of: enrollment.id, requestKey: "request"),
                factors.challenge(requestKey: "request")
            )
        }
        #expect(foreign == (nil, nil, nil, nil))
    }

    @Test("lets no tenant change another one's rows")
    func foreignWrites() async throws {
        let test = try await database()
        let (enrollment, challenge) = try await seed(test)

        let changed = try await test.write(test.globex) { tx in
            let factors = FactorRepository(tx)
            return try (
                factors.activate(enrollment.id, at: Self.now), factors.move(challenge.id, from: [.created], to: .accepted),
                factors.takeAttempt(challenge.id, limit: 5, at: Self.now)
            )
        }

        #expect(changed == (false, false, nil))
        #expect(try await test.read { try FactorRepository($0).enrollment(enrollment.id) } == enrollment)
        #expect(try await test.read { try FactorRepository($0).challenge(challenge.id) } == challenge)
    }

    @Test("does not hang a challenge on another tenant's factor")
    func foreignKey() async throws {
        let test = try await database()
        let (_, challenge) = try await seed(test)
        var copy = challenge
        copy.id = .make()
        let smuggled = copy

        let code = await StorageError.code { try await test.write(test.globex) { try FactorRepository($0).insert(smuggled) } }

        #expect(code != nil)
    }

    @Test("keeps one challenge for one request")
    func duplicate() async throws {
        let test = try await database()
        let (_, challenge) = try await seed(test)
        var copy = challenge
        copy.id = .make()
        let twin = copy

        #expect(await StorageError.code { try await test.write { try FactorRepository($0).insert(twin) } } == .duplicate)
    }

    @Test("finds by request key alone only what an enrolment made")
    func requestKey() async throws {
        let test = try await database()
        _ = try await seed(test, status: .active, purpose: "login")

        #expect(try await test.read { try FactorRepository($0).challenge(requestKey: "request") } == nil)
    }

    @Test("activates a pending factor once, before it runs out")
    func activation() async throws {
        let test = try await database()
        let (enrollment, _) = try await seed(test)

        let results = try await test.write { tx in
            let factors = FactorRepository(tx)
            return try (
                factors.activate(enrollment.id, at: Self.now + 900_000), factors.activate(enrollment.id, at: Self.now + 899_999),
                factors.activate(enrollment.id, at: Self.now + 899_999)
            )
        }

        #expect(results == (false, true, false))
        let active = try #require(try await test.read { try FactorRepository($0).enrollment(enrollment.id) })
        #expect(active.status == .active)
        #expect(active.expiresAt == nil)
    }

    @Test("activates nothing that was suspended or revoked", arguments: [EnrollmentRecord.Status.suspended, .revoked, .active])
    func withdrawn(status: EnrollmentRecord.Status) async throws {
        let test = try await database()
        let (enrollment, _) = try await seed(test, status: status)

        #expect(try await test.write { try FactorRepository($0).activate(enrollment.id, at: Self.now) } == false)
    }

    @Test("hands out as many attempts as there are, then none")
    func attempts() async throws {
        let test = try await database()
        let (_, challenge) = try await seed(test)

        let numbers = try await test.write { tx in
            try (0..<7).map { _ in try FactorRepository(tx).takeAttempt(challenge.id, limit: 5, at: Self.now) }
        }

        #expect(numbers == [1, 2, 3, 4, 5, nil, nil])
    }

    @Test("hands out no more attempts when sixty-four ask at once")
    func parallelAttempts() async throws {
        let test = try await database()
        let (_, challenge) = try await seed(test)

        let numbers = try await withThrowingTaskGroup(of: Int?.self) { group in
            for _ in 0..<64 {
                group.addTask { try await test.write { try FactorRepository($0).takeAttempt(challenge.id, limit: 5, at: Self.now) } }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(numbers.compactMap { $0 }.sorted() == [1, 2, 3, 4, 5])
    }

    @Test(
        "takes no attempt at what has run out or is over",
        arguments: [ChallengeRecord.Status.failed, .accepted, .expired, .canceled, .locked])
    func closed(status: ChallengeRecord.Status) async throws {
        let test = try await database()
        let (_, challenge) = try await seed(test)

        let late = try await test.write { try FactorRepository($0).takeAttempt(challenge.id, limit: 5, at: Self.now + 300_000) }
        let over = try await test.write { tx in
            let factors = FactorRepository(tx)
            #expect(try factors.move(challenge.id, from: [.created], to: status))
            return try factors.takeAttempt(challenge.id, limit: 5, at: Self.now)
        }

        #expect(late == nil)
        #expect(over == nil)
        #expect(try await test.read { try FactorRepository($0).challenge(challenge.id) }?.attempts == 0)
    }

    @Test("moves a challenge on only from where it is expected")
    func moves() async throws {
        let test = try await database()
        let (_, challenge) = try await seed(test)

        let moved = try await test.write { tx in
            let factors = FactorRepository(tx)
            return try (
                factors.move(challenge.id, from: [.sent], to: .accepted),
                factors.move(challenge.id, from: [.created, .sent], to: .accepted),
                factors.move(challenge.id, from: [.created, .sent], to: .accepted)
            )
        }

        #expect(moved == (false, true, false))
    }

    @Test("counts what was sent to whom, newest first, for each tenant alone")
    func sends() async throws {
        let test = try await database()
        try await test.write { tx in
            for offset: Int64 in [5, 1, 9, 3] { try FactorRepository(tx).recordSend(subject: "user", id: .make(), at: Self.now + offset) }
            try FactorRepository(tx).recordSend(subject: "another", id: .make(), at: Self.now + 7)
        }

        #expect(try await test.read { try FactorRepository($0).sends(to: "user", since: Self.now + 1) } == [9, 5, 3].map { Self.now + $0 })
        #expect(try await test.read(test.globex) { try FactorRepository($0).sends(to: "user", since: 0) } == [])
    }
}
