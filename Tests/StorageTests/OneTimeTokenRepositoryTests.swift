// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

@Suite("OneTimeTokenRepository", .everyEngine)
struct OneTimeTokenRepositoryTests {
    private let now = TestDatabase.now

    private func inserted(
        _ test: TestDatabase, _ purpose: OneTimeToken.Purpose = .passwordReset, lifetime: Int64 = .max
    ) async throws -> OneTimeToken {
        let token = OneTimeToken.random(for: purpose)
        let record = token.record(in: test.acme.id, user: nil, detail: ["epoch": 3], at: now, lifetime: lifetime)
        try await test.write { try OneTimeTokenRepository($0).insert(record) }
        return token
    }

    @Test("a token of one purpose never works for another")
    func purposes() async throws {
        let test = try await TestDatabase()
        for purpose in OneTimeToken.Purpose.allCases {
            let token = try await inserted(test, purpose)
            for other in OneTimeToken.Purpose.allCases where other != purpose {
                let read = try #require(OneTimeToken(token.text, for: other))
                let found = try await test.write { tx in
                    let tokens = OneTimeTokenRepository(tx)
                    // As it would be read for the other purpose, and with the hash of this one.
                    return try [read.hash, token.hash].flatMap { hash in
                        try [
                            tokens.use(hash, other, now: now), tokens.find(hash, other, now: now),
                            tokens.attempt(hash, other, limit: 5, now: now),
                        ]
                    }
                }
                #expect(found.allSatisfy { $0 == nil }, "\(purpose) as \(other)")
            }
            let used = try await test.write { try OneTimeTokenRepository($0).use(token.hash, purpose, now: now) }
            #expect(used?.detail == ["epoch": 3] && used?.usedAt == now)
        }
    }

    @Test("of 64 uses at once one gets the token")
    func once() async throws {
        let test = try await TestDatabase()
        let token = try await inserted(test)

        let uses = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 {
                group.addTask { try await test.write { try OneTimeTokenRepository($0).use(token.hash, .passwordReset, now: now) } != nil }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }

        #expect(uses == 1)
        #expect(try await test.read { try OneTimeTokenRepository($0).find(token.hash, .passwordReset, now: now) } == nil)
    }

    @Test("of 64 attempts at once as many are taken as there may be")
    func attempts() async throws {
        let test = try await TestDatabase()
        let token = try await inserted(test, .signIn)

        let taken = try await withThrowingTaskGroup(of: Int64?.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    try await test.write { try OneTimeTokenRepository($0).attempt(token.hash, .signIn, limit: 5, now: now)?.attempts }
                }
            }
            return try await group.reduce(into: [Int64]()) { if let number = $1 { $0.append(number) } }
        }

        #expect(taken.sorted() == [1, 2, 3, 4, 5])
        // A token whose attempts are used up can still be found, and be used by whoever had the right answer in time.
        #expect(try await test.read { try OneTimeTokenRepository($0).find(token.hash, .signIn, now: now)?.attempts } == 5)
    }

    @Test("a token is good until the last millisecond before its end, and not in the next")
    func edge() async throws {
        let test = try await TestDatabase()
        let token = try await inserted(test, lifetime: 60_000)
        func found(at time: Int64) async throws -> [Bool] {
            try await test.write { tx in
                let tokens = OneTimeTokenRepository(tx)
                return try [
                    tokens.find(token.hash, .passwordReset, now: time) != nil,
                    tokens.attempt(token.hash, .passwordReset, limit: 100, now: time) != nil,
                ]
            }
        }

        #expect(try await found(at: now + 59_999) == [true, true])
        #expect(try await found(at: now + 60_000) == [false, false])
        #expect(try await test.write { try OneTimeTokenRepository($0).use(token.hash, .passwordReset, now: now + 60_000) } == nil)
        #expect(try await test.write { try OneTimeTokenRepository($0).use(token.hash, .passwordReset, now: now + 59_999) } != nil)
    }

    @Test("a withdrawn token is used up, and those of other purposes and people stay")
    func withdrawn() async throws {
        let test = try await TestDatabase()
        let (reset, device, other) = (
            OneTimeToken.random(for: .passwordReset), OneTimeToken.random(for: .device), OneTimeToken.random(for: .passwordReset)
        )
        let withdrawn = try await test.write { tx in
            let users = UserRepository(tx)
            let ann = try users.create(email: "ann@acme.test", name: "Ann", passwordHash: "x", roles: [], at: now)
            let bob = try users.create(email: "bob@acme.test", name: "Bob", passwordHash: "x", roles: [], at: now)
            let tokens = OneTimeTokenRepository(tx)
            for (token, user) in [(reset, ann), (device, ann), (other, bob)] {
                try tokens.insert(token.record(in: test.acme.id, user: user.id, at: now))
            }
            return try tokens.withdraw(of: ann.id, .passwordReset, now: now)
        }
        let good = try await test.read { tx in
            try [reset, device, other].map { try OneTimeTokenRepository(tx).find($0.hash, $0.purpose, now: now) != nil }
        }

        #expect(withdrawn == 1)
        #expect(good == [false, true, true])
    }

    @Test("tokens that were over long ago are cleared away by the next one")
    func cleared() async throws {
        let test = try await TestDatabase()
        _ = try await inserted(test)
        func count() async throws -> Int64 {
            try await test.read { try $0.query("SELECT count(*) AS n FROM one_time_tokens", [])[0].int("n") }
        }
        func add(after days: Int64) async throws {
            let record = OneTimeToken.random(for: .device).record(in: test.acme.id, user: nil, at: now + days * 86_400_000)
            try await test.write { try OneTimeTokenRepository($0).insert(record) }
        }

        try await add(after: 30)
        #expect(try await count() == 2)
        try await add(after: 31)
        #expect(try await count() == 2)
    }
}
