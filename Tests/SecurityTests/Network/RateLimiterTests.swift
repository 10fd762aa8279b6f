// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

@Suite("Rate limits")
struct RateLimiterTests {
    private static let second: Int64 = 1_000_000_000

    private func limiter(_ text: String, places: Int = 1024) throws -> RateLimiter {
        RateLimiter(try #require(RateLimit(text)), places: places)
    }

    @Test("so many at once, then one for each interval, and after a rest all at once again")
    func shape() throws {
        let limiter = try limiter("6/60:3")
        var now: Int64 = 5
        #expect((0..<3).map { _ in limiter.take("a", at: now).remaining } == [2, 1, 0])
        #expect(limiter.take("a", at: now) == .init(isAllowed: false, remaining: 0, seconds: 10))
        #expect(limiter.take("b", at: now).isAllowed, "another key has its own")
        now += 9_999_999_999
        #expect(limiter.take("a", at: now) == .init(isAllowed: false, remaining: 0, seconds: 1))
        now += 1
        #expect(limiter.take("a", at: now) == .init(isAllowed: true, remaining: 0, seconds: 30))
        #expect(!limiter.take("a", at: now).isAllowed)
        now += 30 * Self.second
        #expect((0..<4).map { _ in limiter.take("a", at: now).isAllowed } == [true, true, true, false])
    }

    @Test("however requests are spread, no window has more than its rate and one burst; a refused one takes nothing")
    func bound() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(state: seed)
        let limiter = try limiter("100/10:20")
        var (now, allowed): (Int64, [Int64]) = (0, [])
        for _ in 0..<20_000 {
            now += Int64(random.next() % 40_000_000)
            if limiter.take("a", at: now).isAllowed { allowed.append(now) }
        }
        for (index, start) in allowed.enumerated() {
            let inside = allowed[index...].prefix { $0 < start + 10 * Self.second }.count
            #expect(inside <= 120, "seed \(seed)")
        }
        // One in a tenth of a second goes through whatever was refused before.
        #expect(allowed.count >= Int(now / 100_000_000) - 1, "seed \(seed): \(allowed.count) in \(now / Self.second) s")
    }

    @Test("64 at once never get more than the limit")
    func parallel() async throws {
        let limiter = try limiter("10/60:10")
        let allowed = await withTaskGroup(of: Bool.self) { tasks in
            for _ in 0..<64 { tasks.addTask { limiter.take("a", at: 7).isAllowed } }
            return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(allowed == 10)
    }

    @Test("a flood of keys takes no memory, and cannot lock others out by a share worth naming")
    func flood() throws {
        let limiter = try limiter("5/60:5", places: 4096)
        for key in 0..<1000 { for _ in 0..<5 { _ = limiter.take(key, at: 1) } }
        let refused = (0..<2000).filter { !limiter.take("innocent \($0)", at: 1).isAllowed }.count
        #expect(refused < 20, "\(refused) of 2000")
        for key in 0..<1000 { #expect(!limiter.take(key, at: 1).isAllowed, "what is used up stays used up") }
    }

    @Test("memory stays as it is, however many keys come")
    func memory() throws {
        let limiter = try limiter("5/60:5", places: 4096)
        let before = limiter.byteCount
        for key in 0..<200_000 { _ = limiter.take(UInt64(key) &* 0x9E37_79B9_7F4A_7C15, at: Int64(key)) }
        #expect(limiter.byteCount == before && before <= 4 * 4096 * 8 + 64)
    }

    @Test("a key's own limit holds for it in place of the others', from the next one on")
    func own() throws {
        let limiter = try limiter("60/60:2")
        let (wide, narrow) = (try #require(RateLimit("600/60:10")), try #require(RateLimit("6/60:1")))
        #expect((0..<11).map { _ in limiter.take("wide", within: wide, at: 0).isAllowed } == Array(repeating: true, count: 10) + [false])
        #expect((0..<3).map { _ in limiter.take("other", at: 0).isAllowed } == [true, true, false])
        #expect((0..<2).map { _ in limiter.take("narrow", within: narrow, at: 0).isAllowed } == [true, false])
        #expect(limiter.take("narrow", within: narrow, at: 0).seconds == 10)
        #expect(limiter.take("narrow", within: wide, at: 0).isAllowed, "what is lifted is lifted at once")
    }

    @Test(
        "a limit is written as count/seconds:burst",
        arguments: ["", "5", "5/", "0/60", "5/0", "5/60:", "5/60:0", "5/60:5:5", "-5/60", "5/90000", "a/b", "1/86400:1000000"])
    func invalid(text: String) {
        #expect(RateLimit(text) == nil)
        #expect(RateLimit("20/60")?.description == "20/60:20" && RateLimit("20/60:5")?.description == "20/60:5")
    }

    private struct SplitMix {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}
