// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("Which of a policy is used", .everyEngine)
struct PolicyUsageTests {
    private static let day: Int64 = 86_400_000

    @Test("counts of one day add up, and what is used stays used until it is older than was asked about")
    func counts() async throws {
        let test = try await TestDatabase()
        let today = PolicyUsageRepository.day(of: TestDatabase.now) + 100
        let now = today * Self.day + 5
        let (used, other) = (PolicyUse(.rule, "ADMIN:audit.read"), PolicyUse(.role, "ADMIN"))
        try await test.write { tx in
            let usage = PolicyUsageRepository(tx)
            #expect(try usage.firstDay() == nil)
            try usage.add([used: 2, other: 1], on: today - 10)
            try usage.add([used: 3], on: today - 10)
            try usage.add([used: 1], on: today - 5)
        }
        try await test.write { tx in
            let usage = PolicyUsageRepository(tx)
            let sums = try tx.query(
                "SELECT SUM(uses) AS n FROM policy_usage WHERE tenant_id = $1 AND day = $2", [tx.tenant, .int(today - 10)])
            #expect(try sums.first?.int("n") == 6)
            #expect(try usage.lastDays() == [used: today - 5, other: today - 10])
            #expect(try usage.firstDay() == today - 10)
            for (days, isUsed, wasRole, isCounted) in [
                (4, false, false, true), (5, true, false, true), (10, true, true, true), (11, true, true, false),
            ] {
                let found = try usage.unused(for: Int64(days), at: now)
                #expect(found.parts.contains { $0.use == used } == !isUsed, "\(days) days")
                #expect(found.parts.contains { $0.use == other } == !wasRole, "\(days) days")
                #expect(found.isCountedLongEnough == isCounted, "\(days) days")
                #expect(found.parts.contains { $0.use == PolicyUse(.role, "CLIENT") && $0.lastDay == nil })
            }
            try usage.forget(before: today - 5)
            #expect(try usage.lastDays() == [used: today - 5])
        }
    }

    @Test("what is younger than the days asked about is not named")
    func young() async throws {
        let test = try await TestDatabase()
        let now = TestDatabase.now + 3 * Self.day
        try await test.write { tx in
            let permit = SystemAuthority().permit(.roleManage, in: tx.scope.tenant, as: "test")
            _ = try PolicyRepository(tx).apply(.createRole("YOUNG", parents: []), permit, correlation: "c", at: now - Self.day)
            let found = { (days: Int64) in
                try PolicyUsageRepository(tx).unused(for: days, at: now).parts.contains { $0.use == PolicyUse(.role, "YOUNG") }
            }
            #expect(try !found(2))
            #expect(try PolicyUsageRepository(tx).unused(for: 1, at: now + 1).parts.contains { $0.use == PolicyUse(.role, "YOUNG") })
        }
    }
}
