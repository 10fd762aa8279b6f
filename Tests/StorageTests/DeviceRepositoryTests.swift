// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("DeviceRepository", .everyEngine)
struct DeviceRepositoryTests {
    private func signIn(_ fixture: SignInFixture, kept: String? = nil) async throws -> TokenPair {
        let outcome = try await fixture.authenticator.signIn(
            slug: "acme", email: "ann@acme.test", password: Secret("correct horse battery"), device: DeviceClaim(kept: kept, name: "curl"))
        return try #require(outcome.session)
    }

    @Test("a device is stored once, seen again, named, and withdrawn with its sessions")
    func life() async throws {
        let fixture = try await SignInFixture()
        let first = try await signIn(fixture)
        fixture.time.advance(by: 5000)
        let second = try await signIn(fixture, kept: first.deviceCookie)
        let elsewhere = try await signIn(fixture)
        let principal = try await fixture.authenticator.principal(bearer: elsewhere.accessToken)
        let id = try #require(first.device)

        #expect(!second.isNewDevice && second.device == id)
        #expect(try await fixture.authenticator.renameDevice(id, of: principal, to: "Laptop"))
        let known = try await fixture.test.read { try DeviceRepository($0).find(id) }
        #expect(known?.name == "Laptop" && known?.createdAt == TestDatabase.now && known?.lastSeenAt == TestDatabase.now + 5000)

        let ended = try await fixture.authenticator.revokeDevice(id, of: principal)
        #expect(Set(ended ?? []) == [first.session, second.session])
        await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.principal(bearer: second.accessToken) }
        #expect(try await fixture.authenticator.devices(of: principal).map(\.id) == [elsewhere.device])
        #expect(try await signIn(fixture, kept: first.deviceCookie).isNewDevice)
        #expect(
            try await fixture.actions().filter { $0.hasPrefix("device") } == ["device.revoke success", "device.rename success"])
    }

    @Test("of too many devices the one that was not used for the longest time is forgotten")
    func bound() async throws {
        let fixture = try await SignInFixture()
        let (ann, now) = (fixture.ann.id, TestDatabase.now)
        let oldest = try await signIn(fixture)
        try await fixture.test.write { tx in
            for index in 1..<DeviceRepository.most {
                try tx.execute(
                    "INSERT INTO devices (tenant_id, id, user_id, name, created_at, last_seen_at) VALUES ($1, $2, $3, 'x', $4, $4)",
                    [tx.tenant, .text(DeviceID.make().description), .text(ann.description), .int(now + Int64(index))])
            }
        }
        fixture.time.advance(by: 1000)
        let newest = try await signIn(fixture)

        let kept = try await fixture.test.read { try DeviceRepository($0).all(of: ann).map(\.id) }
        #expect(kept.count == DeviceRepository.most && kept.first == newest.device)
        #expect(!kept.contains { $0 == oldest.device })
    }

    @Test("trust ends with a password that changed, and with a factor")
    func trust() async throws {
        let fixture = try await SignInFixture()
        let (ann, id) = (fixture.ann.id, try #require(try await signIn(fixture).device))
        let epoch = try await fixture.count(
            "SELECT u.epoch + t.epoch AS n FROM users u JOIN tenants t ON t.id = u.tenant_id WHERE u.id = '\(ann)'")
        func trusted(_ epoch: Int64) async throws -> Bool? {
            try await fixture.test.read { try DeviceRepository($0).find(id)?.isTrusted(epoch: epoch, at: TestDatabase.now) }
        }
        _ = try await fixture.test.write { tx in
            try tx.execute(
                "UPDATE devices SET trusted_until = $2, trusted_epoch = $3 WHERE tenant_id = $1",
                [tx.tenant, .int(TestDatabase.now + 1), .int(epoch)])
        }

        #expect(try await trusted(epoch) == true)
        try await fixture.test.write { try UserRepository($0).setPassword("x", of: ann, at: 1) }
        let later = try await fixture.count(
            "SELECT u.epoch + t.epoch AS n FROM users u JOIN tenants t ON t.id = u.tenant_id WHERE u.id = '\(ann)'")
        #expect(try await trusted(later) == false)
        _ = try await fixture.test.write { try DeviceRepository($0).endTrust(of: ann) }
        #expect(try await fixture.test.read { try DeviceRepository($0).find(id)?.trustedUntil } == .some(nil))
    }
}
