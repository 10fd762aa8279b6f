// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Synchronization
import Testing

@Suite("FairQueue", .timeLimit(.minutes(10)))
struct FairQueueTests {
    private final class Ticket: Sendable {
        let tenant: String
        let number: Int
        init(_ tenant: String, _ number: Int) { (self.tenant, self.number) = (tenant, number) }
    }

    private static func names(_ tickets: [Ticket]) -> [String] { tickets.map { "\($0.tenant)\($0.number)" } }

    @Test("gives places while there are any, then lets wait, then refuses")
    func bounds() {
        var queue = FairQueue<Ticket>(Fairness(places: 3, share: 1, waiting: 2))

        let answers = (0..<6).map { queue.enter("a", Ticket("a", $0)) }

        #expect(answers == [.entered, .entered, .entered, .waits, .waits, .refused])
        #expect(queue.held == 3)
        #expect(queue.waitingCount == 2)
        #expect(Self.names(queue.leave("a")) == ["a3"])
    }

    @Test("one tenant never holds more than its share, and another one finds a place at once")
    func share() {
        var queue = FairQueue<Ticket>(Fairness(places: 4, share: 0.5, waiting: 10))

        let greedy = (0..<10).map { queue.enter("greedy", Ticket("greedy", $0)) }

        #expect(greedy.prefix(2) == [.entered, .entered] && greedy.dropFirst(2).allSatisfy { $0 == .waits })
        #expect(queue.enter("modest", Ticket("modest", 0)) == .entered)
        #expect(queue.leave("modest").isEmpty)
        #expect(Self.names(queue.leave("greedy")) == ["greedy2"])
    }

    @Test("a tenant with one call waits for one turn of each other, however long their queues are")
    func turns() {
        var queue = FairQueue<Ticket>(Fairness(places: 1, share: 1, waiting: 100))
        _ = queue.enter("a")
        for n in 0..<50 { for tenant in ["a", "b"] { _ = queue.enter(tenant, Ticket(tenant, n)) } }
        _ = queue.enter("c", Ticket("c", 0))

        var order: [String] = []
        var holder = "a"
        for _ in 0..<4 {
            let next = queue.leave(holder)
            order += Self.names(next)
            holder = next.first?.tenant ?? ""
        }

        #expect(order.contains("c0"))
        #expect(order.filter { $0.hasPrefix("a") } == order.filter { $0.hasPrefix("a") }.sorted())
    }

    @Test("who gives up waiting leaves no trace")
    func withdraws() {
        var queue = FairQueue<Ticket>(Fairness(places: 1, share: 1, waiting: 10))
        let tickets = (0..<4).map { Ticket("a", $0) }
        for ticket in tickets { _ = queue.enter("a", ticket) }

        let removed = queue.remove(tickets[2], of: "a")
        let again = queue.remove(tickets[2], of: "a")
        let matching = queue.removeAll(where: { $0.number == 1 })

        #expect((removed, again) == (true, false))
        #expect(Self.names(matching) == ["a1"])
        #expect(Self.names(queue.leave("a")) == ["a3"])
        #expect(queue.leave("a").isEmpty)
        #expect(queue.leave("a").isEmpty && queue.held == 0)
    }

    @Test("shares follow the weights while everybody wants more")
    func weights() {
        let weights = ["a": 1, "b": 2, "c": 5]
        var queue = FairQueue<Ticket>(Fairness(places: 4, share: 1, waiting: 1000) { weights[$0] ?? 1 })
        for n in 0..<1000 { for tenant in weights.keys.sorted() { _ = queue.enter(tenant, Ticket(tenant, n)) } }
        var holders = ["a", "b", "c", "a"]
        var served: [String: Int] = [:]

        for _ in 0..<800 {
            for ticket in queue.leave(holders.removeFirst()) {
                served[ticket.tenant, default: 0] += 1
                holders.append(ticket.tenant)
            }
        }

        for (tenant, weight) in weights { #expect(abs((served[tenant] ?? 0) - 100 * weight) <= 5, "\(tenant): \(served)") }
    }

    @Test("whatever comes and goes: bounds hold, order holds, nobody waits beside a free place, nobody starves")
    func properties() {
        let seed = UInt64.random(in: 0 ... .max)
        print("FairQueue seed \(seed)")
        var random = SeededRandom(seed)
        for _ in 0..<50 {
            let tenants = (0..<Int.random(in: 1...6, using: &random)).map { "t\($0)" }
            let weights = Dictionary(uniqueKeysWithValues: tenants.map { ($0, Int.random(in: 1...8, using: &random)) })
            let rules = Fairness(
                places: Int.random(in: 1...8, using: &random), share: Double.random(in: 0...1, using: &random),
                waiting: Int.random(in: 0...20, using: &random)
            ) { weights[$0] ?? 1 }
            check(FairQueue(rules), rules, tenants, seed, &random)
        }
    }

    private func check(
        _ empty: FairQueue<Ticket>, _ rules: Fairness, _ tenants: [String], _ seed: UInt64, _ random: inout SeededRandom
    ) {
        let most = max(1, min(rules.places, Int(Double(rules.places) * rules.share)))
        var queue = empty
        var holders: [String] = []
        var waiting: [String: [Int]] = [:]
        // Turns that others were given while the first of a tenant waited and could have gone in.
        var passedOver: [String: Int] = [:]
        func held(_ tenant: String) -> Int { holders.count { $0 == tenant } }

        for number in 0..<2000 {
            if Bool.random(using: &random) {
                let tenant = tenants[Int.random(in: 0..<tenants.count, using: &random)]
                switch queue.enter(tenant, Ticket(tenant, number)) {
                case .entered:
                    #expect(waiting[tenant, default: []].isEmpty, "seed \(seed): overtaken")
                    holders.append(tenant)
                case .waits: waiting[tenant, default: []].append(number)
                case .refused: #expect(waiting[tenant, default: []].count == rules.waiting, "seed \(seed): refused early")
                }
            } else if !holders.isEmpty {
                for ticket in queue.leave(holders.remove(at: Int.random(in: 0..<holders.count, using: &random))) {
                    #expect(waiting[ticket.tenant]?.first == ticket.number, "seed \(seed): out of order")
                    waiting[ticket.tenant]?.removeFirst()
                    for (tenant, numbers) in waiting where tenant != ticket.tenant && !numbers.isEmpty && held(tenant) < most {
                        passedOver[tenant, default: 0] += 1
                    }
                    passedOver[ticket.tenant] = 0
                    holders.append(ticket.tenant)
                }
            }
            #expect(queue.held == holders.count && holders.count <= rules.places, "seed \(seed)")
            #expect(tenants.allSatisfy { held($0) <= most && waiting[$0, default: []].count <= rules.waiting }, "seed \(seed)")
            #expect(queue.waitingCount == waiting.values.reduce(0) { $0 + $1.count }, "seed \(seed)")
            if holders.count < rules.places {
                #expect(tenants.allSatisfy { waiting[$0, default: []].isEmpty || held($0) >= most }, "seed \(seed): a place is free")
            }
            // Five others with eight turns each for one of ours, twice over.
            #expect(passedOver.values.allSatisfy { $0 <= 90 }, "seed \(seed): starves")
        }
    }
}
