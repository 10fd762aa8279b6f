// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

@Suite("Pages of what may be seen", .everyEngine)
struct ListedPageTests {
    private typealias Rule = (effect: Policy.Effect, selector: ResourceSelector)

    /// Rules about one action for one user, without any of the engine's parts.
    private static func isVisible(_ payment: PaymentRecord, to user: UserID, by rules: [Rule]) -> Bool {
        func meant(_ selector: ResourceSelector) -> Bool? {
            switch selector {
            case .all: true
            case .owner: payment.createdBy.flatMap(Principal.user(named:)).map { $0 == user }
            case .id(let id): id == "payment:\(payment.id)"
            case .attribute(let name, let values):
                ["plugin": payment.plugin, "currency": payment.currency, "status": payment.status][name].map(values.contains)
            }
        }
        return rules.contains { $0.effect == .permit && meant($0.selector) == true }
            && !rules.contains { $0.effect == .deny && meant($0.selector) != false }
    }

    private static func payment(_ number: Int, by creator: String?, _ random: inout some RandomNumberGenerator) -> PaymentRecord {
        func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &random)] }
        return PaymentRecord(
            id: .make(), plugin: pick(["books", "cards"]), instance: "i-1", merchantReference: "r-\(number)",
            status: pick(["succeeded", "failed"]), amountMinor: 1, currency: pick(["EUR", "USD", "CHF"]), capture: "automatic",
            invoice: "inv-\(number % 3)", holdsInvoice: false, customerReference: "c", createdBy: creator, createdAt: TestDatabase.now,
            updatedAt: TestDatabase.now)
    }

    private func permit(_ fixture: SignInFixture, _ token: String, _ action: Action = .pluginRead) async throws -> ListPermit {
        try Authorizer().authorizeListing(try await fixture.authenticator.principal(bearer: token), to: action, in: "acme")
    }

    private func set(_ rules: [Rule], _ fixture: SignInFixture) async throws {
        try await fixture.test.write { [ann = fixture.ann.id] tx in
            let policy = PolicyRepository(tx)
            try policy.beginChange()
            try tx.execute("DELETE FROM policy_rules WHERE tenant_id = $1 AND user_id IS NOT NULL", [.text(tx.scope.tenant.description)])
            for (index, rule) in rules.enumerated() {
                let rule = Policy.Rule(id: "r\(index)", rule.effect, .user(ann), try ActionPattern("plugin.read"), on: rule.selector)
                _ = try policy.apply(
                    .setRule(rule), SystemAuthority().permit(.roleManage, in: tx.scope.tenant, as: "test"), correlation: "c", at: 1)
            }
        }
    }

    @Test("random rules over random payments: all pages together are what the rules let see, in order, and each is full or the last")
    func random() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(state: seed)
        let fixture = try await SignInFixture()
        let token = try await fixture.signIn().accessToken
        _ = try await fixture.test.write { [ann = fixture.ann.id] in try UserRepository($0).revoke("ADMIN", from: ann) }
        var payments: [PaymentRecord] = []
        for number in 0..<60 {
            let creator = [fixture.ann.id.description, UserID.make().description].map { "user:\($0)" } + ["api_key:\(APIKeyID.make())"]
            payments.append(Self.payment(number, by: number % 7 == 0 ? nil : creator[number % 3], &random))
        }
        // The same payments for the neighbour: theirs are nowhere.
        try await fixture.test.write { [payments] tx in for payment in payments { try PaymentRepository(tx).insert(payment) } }
        for round in 0..<25 {
            var rules: [Rule] = []
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let selectors = [
                    "all", "owner", "id = payment:\(payments[Int.random(in: 0..<60, using: &random)].id)", "currency in EUR, USD",
                    "status = failed", "plugin = books", "id = plugin:books", "shade = red",
                ]
                rules.append(
                    (
                        Int.random(in: 0..<4, using: &random) == 0 ? .deny : .permit,
                        try ResourceSelector(selectors[Int.random(in: 0..<selectors.count, using: &random)])
                    ))
            }
            try await set(rules, fixture)
            let invoice = round % 3 == 0 ? "inv-1" : nil
            let expected = payments.filter {
                (invoice == nil || $0.invoice == invoice) && Self.isVisible($0, to: fixture.ann.id, by: rules)
            }.map(\.id).sorted(by: >)
            let words = "seed \(seed), round \(round): \(rules.map { "\($0.effect) on \($0.selector)" })"
            guard let permit = try? await permit(fixture, token) else {
                #expect(expected.isEmpty, "\(words)")
                continue
            }
            let limit = Int.random(in: 1...20, using: &random)
            var (found, place): ([PaymentID], String?) = ([], nil)
            while true {
                let page = try await fixture.test.read { [place] in
                    try PaymentRepository($0).page(permit, invoice: invoice, behind: place, limit: limit)
                }
                found += page.rows.map(\.id)
                #expect(page.rows.count == limit || page.last == nil, "\(words)")
                guard let last = page.last else { break }
                place = last
            }
            #expect(found == expected, "\(words)")
            // The permit of one tenant is nothing in another one's transaction.
            await #expect(throws: Denial.foreignTenant) {
                try await fixture.test.read(fixture.test.globex) {
                    try PaymentRepository($0).page(permit, invoice: nil, behind: nil, limit: 100).rows.count
                }
            }
        }
    }

    @Test("so many rows are looked at for one page at most, and the next one goes on there")
    func bound() async throws {
        let fixture = try await SignInFixture()
        let token = try await fixture.signIn().accessToken
        _ = try await fixture.test.write { [ann = fixture.ann.id] in try UserRepository($0).revoke("ADMIN", from: ann) }
        try await set([(.permit, try ResourceSelector("currency = EUR"))], fixture)
        let permit = try await permit(fixture, token)
        struct Thing: ListedRow {
            static let kind = PaymentRecord.kind
            let number: Int
            var resource: Resource {
                Resource(id: "payment:\(number)", attributes: ["currency": number == 4500 ? "EUR" : "USD", "plugin": "p", "status": "s"])
            }
            var place: String { String(number) }
        }
        var (pages, place, looked, found): (Int, String?, Int, [Int]) = (0, nil, 0, [])
        while true {
            let before = looked
            let page: ListedPage<Thing> = try permit.page(behind: place, limit: 10, isDescending: false) { part, place, count in
                #expect(part == .all)
                let start = place.flatMap { Int($0) } ?? -1
                let rows = (start + 1..<min(5000, start + 1 + count)).map(Thing.init(number:))
                looked += rows.count
                return rows
            }
            pages += 1
            #expect(looked - before <= ListPermit.mostLookedAt)
            #expect(page.decided.count <= 60)
            found += page.rows.map(\.number)
            guard let last = page.last else { break }
            place = last
        }
        #expect(pages == 3 && looked == 5000 && found == [4500])
    }

    private struct SeededRandom: RandomNumberGenerator {
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
