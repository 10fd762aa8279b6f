// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

@Suite("Devices")
struct DeviceTests {
    private func signIn(_ house: House, _ claim: DeviceClaim, email: String = "ada@acme.test", tenant: String = "acme") async throws
        -> TokenPair
    {
        try #require(
            try await house.authenticator.signIn(slug: tenant, email: email, password: Secret(House.password), device: claim).session)
    }

    @Test("a device is new once, and known again by what it was given")
    func knownAgain() async throws {
        let house = try await House()

        let first = try await signIn(house, DeviceClaim(kept: nil, name: "Firefox on Linux"))
        house.clock.advance(1000)
        let second = try await signIn(house, DeviceClaim(kept: first.deviceCookie))

        #expect(first.isNewDevice && !second.isNewDevice)
        #expect(first.device != nil && first.device == second.device)
        let devices = house.store.state.withLock { $0.devices }
        #expect(devices.values.map(\.name) == ["Firefox on Linux"])
        #expect(devices.values.map(\.lastSeenAt) == [house.clock.now])
        #expect(house.audit.map(\.action) == ["session.new_device", "session.sign_in", "session.sign_in"])
    }

    @Test("a client that keeps nothing signs in from an unknown device each time, and leaves no row")
    func keepsNothing() async throws {
        let house = try await House()

        for _ in 0..<2 {
            let pair = try await house.signIn()
            #expect(pair.isNewDevice && pair.device == nil && pair.deviceCookie == nil)
        }

        #expect(house.store.state.withLock { $0.devices.isEmpty })
        #expect(house.audit.filter { $0.action == "session.new_device" }.count == 2)
    }

    @Test("one client is known for several people, each by a mark of their own")
    func severalPeople() async throws {
        let house = try await House()

        let ada = try await signIn(house, DeviceClaim(kept: nil))
        let bob = try await signIn(house, DeviceClaim(kept: ada.deviceCookie), email: "bob@globex.test", tenant: "globex")
        let again = try await signIn(house, DeviceClaim(kept: bob.deviceCookie))

        #expect(bob.isNewDevice && bob.device != ada.device)
        #expect(!again.isNewDevice && again.device == ada.device)
        #expect(DeviceCookie(try #require(again.deviceCookie))?.text.split(separator: "~").count == 2)
    }

    @Test("a mark is good for its own account only, and under this installation's key only")
    func bound() async throws {
        let (house, other) = (try await House(), try await House(ring: KEKRing(parsing: KEKRing.generate().revealedBytes())))
        let ada = try #require(try await signIn(house, DeviceClaim(kept: nil)).deviceCookie)

        #expect(try await signIn(house, DeviceClaim(kept: ada), email: "bob@globex.test", tenant: "globex").isNewDevice)
        // The row is there as well, so that only the key makes the difference.
        let rows = house.store.state.withLock { $0.devices }
        other.store.state.withLock { state in
            state.devices = rows.mapValues { row in
                var row = row; row.user = other.ada; return row
            }
        }
        #expect(try await signIn(other, DeviceClaim(kept: ada)).isNewDevice)
    }

    @Test("no changed character of a mark is taken, and no other spelling")
    func changed() async throws {
        let house = try await House()
        let cookie = try #require(try await signIn(house, DeviceClaim(kept: nil)).deviceCookie)
        let bytes = Array(cookie.utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] = changed[index] == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
            let pair = try await signIn(house, DeviceClaim(kept: String(decoding: changed, as: UTF8.self)))
            #expect(pair.isNewDevice, "changed at \(index)")
        }
        for text in [
            "", " ", cookie + " ", " " + cookie, cookie + "~", "~" + cookie, cookie + "=", cookie.uppercased(), "\(cookie)~\(cookie)",
            cookie.replacing("d1.", with: "d2."), cookie.replacing("d1.", with: ""), cookie + ".x", cookie.replacing(".", with: ".."),
            String(repeating: "a", count: 10_000), "d1.../../k.x.y", "d1.k1';--.\(UserID.make()).x", "\u{0}", "é",
        ] {
            #expect(DeviceCookie(text) == nil, "\(text.prefix(40))")
        }
        #expect(DeviceCookie(cookie)?.text == cookie)
    }

    @Test("a withdrawn device is a new one at the next sign-in, and its sessions are over")
    func revoked() async throws {
        let house = try await House()
        let (laptop, phone) = (try await signIn(house, DeviceClaim(kept: nil)), try await signIn(house, DeviceClaim(kept: nil)))
        let principal = try await house.authenticator.principal(bearer: phone.accessToken)
        let id = try #require(laptop.device)

        #expect(try await house.authenticator.revokeDevice(id, of: principal) == [laptop.session])
        #expect(try await house.authenticator.revokeDevice(id, of: principal) == nil)

        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: laptop.accessToken) }
        await #expect(throws: AuthenticationError.refused) {
            try await house.authenticator.refresh(laptop.refreshToken, device: DeviceClaim(kept: laptop.deviceCookie))
        }
        _ = try await house.authenticator.principal(bearer: phone.accessToken)
        #expect(try await signIn(house, DeviceClaim(kept: laptop.deviceCookie)).isNewDevice)
        #expect(try await house.authenticator.devices(of: principal).count == 2)
    }

    @Test("nobody names or withdraws somebody else's device")
    func foreign() async throws {
        let house = try await House()
        let ada = try #require(try await signIn(house, DeviceClaim(kept: nil)).device)
        let bob = try await signIn(house, DeviceClaim(kept: nil), email: "bob@globex.test", tenant: "globex")
        let principal = try await house.authenticator.principal(bearer: bob.accessToken)

        #expect(try await !house.authenticator.renameDevice(ada, of: principal, to: "mine"))
        #expect(try await house.authenticator.revokeDevice(ada, of: principal) == nil)
        #expect(try await house.authenticator.devices(of: principal).map(\.id) == [bob.device])
    }

    @Test("a refresh token of a device is refused elsewhere, which is recorded, and goes on on its own")
    func boundRefresh() async throws {
        let house = try await House()
        let pair = try await signIn(house, DeviceClaim(kept: nil))
        let other = try await signIn(house, DeviceClaim(kept: nil))

        for claim in [DeviceClaim.none, DeviceClaim(kept: nil), DeviceClaim(kept: other.deviceCookie), DeviceClaim(kept: "d1.x")] {
            await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(pair.refreshToken, device: claim) }
        }
        #expect(house.audit.filter { $0.action == "session.refresh_other_device" && $0.outcome == .denied }.count == 4)

        let next = try await house.authenticator.refresh(pair.refreshToken, device: DeviceClaim(kept: pair.deviceCookie))
        #expect(next.device == pair.device && !next.isNewDevice && next.deviceCookie == nil)
    }

    @Test(
        "a name is made of known words, and never of what was sent",
        arguments: [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
            ("curl/8.5.0", "curl"), ("<script>", "Unknown device"), ("", "Unknown device"),
        ])
    func names(agent: String, name: String) {
        #expect(DeviceName.guess(userAgent: agent) == name)
    }

    @Test(
        "a name of one's own is one line of text", arguments: ["", " ", "a\nb", "a\u{0}", "\u{202E}a", String(repeating: "a", count: 101)])
    func badNames(name: String) async throws {
        let house = try await House()
        let pair = try await signIn(house, DeviceClaim(kept: nil))
        let principal = try await house.authenticator.principal(bearer: pair.accessToken)
        await #expect(throws: AuthenticationError.self) {
            try await house.authenticator.renameDevice(try #require(pair.device), of: principal, to: name)
        }
        #expect(try await house.authenticator.renameDevice(try #require(pair.device), of: principal, to: "Büro 1"))
    }

    @Test("trust ends with its time, with another epoch and with the device")
    func trust() {
        var device = DeviceRecord(
            id: .make(), user: .make(), name: "x", createdAt: 0, lastSeenAt: 0, trustedUntil: 100, trustedEpoch: 7)
        #expect(device.isTrusted(epoch: 7, at: 99))
        #expect(!device.isTrusted(epoch: 7, at: 100) && !device.isTrusted(epoch: 8, at: 99))
        device.revokedAt = 1
        #expect(!device.isTrusted(epoch: 7, at: 99))
    }
}
