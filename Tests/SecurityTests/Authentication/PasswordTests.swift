// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

@Suite("Passwords")
struct PasswordTests {
    @Test(
        "a PHC string reads back as it was written",
        arguments: [
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=65536,t=3,p=4,keyid=azE$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ])
    func phcRoundTrip(text: String) {
        #expect(PHCString(text)?.text == text)
    }

    @Test(
        "another PHC string is refused",
        arguments: [
            "", "plain", "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$t=2,m=19456,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=019456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=19456,t=9999,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=19456,t=2,p=0$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=-1,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=19456,t=2,p=1,data=x$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ=$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=19456,t=2,p=1$c2E$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAA",
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA$",
            " $argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
        ])
    func phcRefused(text: String) {
        #expect(PHCString(text) == nil)
    }

    @Test(
        "the cost has a floor",
        arguments: [
            (19_455, 2, 1, false), (19_456, 1, 1, false), (19_456, 2, 0, false), (19_456, 2, 1, true), (65_536, 3, 4, true),
            (2_000_000, 2, 1, false),
        ] as [(UInt32, UInt32, UInt32, Bool)])
    func floor(memory: UInt32, passes: UInt32, lanes: UInt32, isAllowed: Bool) {
        #expect((PasswordCost(memory: memory, passes: passes, lanes: lanes) != nil) == isAllowed)
    }

    @Test("a password fits its hash and no other does")
    func verifies() async throws {
        let hasher = Fixture.hasher()
        let hash = try await hasher.hash(Secret("correct horse"))

        #expect(hash.hasPrefix("$argon2id$v=19$m=64,t=1,p=1,keyid="))
        #expect(try await hasher.hash(Secret("correct horse")) != hash)
        #expect(try await hasher.verify(Secret("correct horse"), against: hash) == .init(isCorrect: true, needsRehash: false))
        for wrong in ["correct horsf", "", "correct horse\0", "Correct horse"] {
            #expect(try await hasher.verify(Secret(wrong), against: hash).isCorrect == false)
        }
    }

    @Test("nobody's password is never right")
    func dummy() async throws {
        let hasher = Fixture.hasher()
        for stored in [nil, "", "garbage"] { #expect(try await hasher.verify(Secret("x"), against: stored).isCorrect == false) }
    }

    @Test("an older cost or pepper asks for a new hash; a lost pepper fits nothing")
    func rehash() async throws {
        let old = try KEKRing(parsing: "k1:\(Fixture.key(1))")
        let hash = try await Fixture.hasher(old).hash(Secret("pw"))

        #expect(try await Fixture.hasher().verify(Secret("pw"), against: hash) == .init(isCorrect: true, needsRehash: true))
        #expect(
            try await Fixture.hasher(old, cost: .floor).verify(Secret("pw"), against: hash) == .init(isCorrect: true, needsRehash: true))
        let stranger = try KEKRing(parsing: "k7:\(Fixture.key(7))")
        #expect(try await Fixture.hasher(stranger).verify(Secret("pw"), against: hash).isCorrect == false)
    }

    @Test("agrees with the argon2 reference tool, without a pepper")
    func reference() async throws {
        // echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1
        let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

        #expect(try await Fixture.hasher().verify(Secret("password"), against: hash) == .init(isCorrect: true, needsRehash: true))
        #expect(try await Fixture.hasher().verify(Secret("passwore"), against: hash).isCorrect == false)
    }

    @Test("the pool says no when its queue is full or a job waited too long")
    func overload() async throws {
        let time = Mutex(ContinuousClock.now)
        let pool = WorkerPool(threads: 1, capacity: 2, deadline: .seconds(1), now: { time.withLock { $0 } })
        let gate = Gate()

        try await withThrowingTaskGroup(of: Result<Int, WorkerPool.Refusal>.self) { group in
            func add(_ number: Int, _ work: @escaping @Sendable () -> Void) {
                group.addTask {
                    do throws(WorkerPool.Refusal) {
                        return .success(
                            try await pool.run {
                                work(); return number
                            })
                    } catch { return .failure(error) }
                }
            }
            add(0) { gate.enter() }
            await gate.entered()
            add(1) {}
            add(2) {}
            while pool.waiting < 2 { await Task.yield() }
            await #expect(throws: WorkerPool.Refusal.overloaded) { try await pool.run { 3 } }

            time.withLock { $0 += .seconds(2) }
            gate.open()
            var results: [Result<Int, WorkerPool.Refusal>] = []
            for try await result in group { results.append(result) }
            #expect(results.filter { $0 == .failure(.overloaded) }.count == 2)
            #expect(results.contains(.success(0)))
        }
        #expect(try await pool.run { 4 } == 4)
    }

    @Test("a pool that is let go finishes its work")
    func pools() async throws {
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            let pool = WorkerPool(threads: 2, capacity: 1000, deadline: .seconds(60))
            for number in 1...200 { group.addTask { try await pool.run { number } } }
            return try await group.reduce(0, +)
        }
        #expect(sum == 20_100)
    }
}

/// Holds one pool thread until it is opened.
private final class Gate: Sendable {
    private let state = Mutex((entered: false, open: false))

    func enter() {
        state.withLock { $0.entered = true }
        while !state.withLock({ $0.open }) { _ = Hash.sha256([1]) }
    }

    func entered() async {
        while !state.withLock({ $0.entered }) { await Task.yield() }
    }

    func open() { state.withLock { $0.open = true } }
}
