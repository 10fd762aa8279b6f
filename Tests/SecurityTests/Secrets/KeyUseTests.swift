// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

@Suite("Key uses and versions")
struct KeyUseTests {
    private let store = MemoryKeyStore()
    private let clock = TestClock()
    // swift-format-ignore: NeverForceUnwrap
    private let place = SealedLocation(tenant: Fixture.acme, plugin: PluginID("stripe")!, field: "plugin_config.a", record: "r")

    private func host(_ limits: KeyUseLimits = KeyUseLimits()) throws -> EncryptionService {
        try EncryptionService(ring: Fixture.ring, store: store, limits: limits, clock: clock.wall)
    }

    @Test("two hosts together never use a version more often than its soft limit and a block each, nor beyond its hard limit")
    func twoHosts() async throws {
        let limits = KeyUseLimits(soft: 64, hard: 96, block: 8)
        let hosts = [try host(limits), try host(limits)]
        let versions = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<600 { group.addTask { try await hosts[index % 2].seal([1], as: place).keyVersion } }
            return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        }

        #expect(versions.values.reduce(0, +) == 600)
        #expect(versions.values.allSatisfy { $0 <= 64 + 2 * 8 } && versions.count >= 600 / 80, "\(versions)")
    }

    @Test("two hosts that cannot make a new version stop at the hard limit together")
    func hardLimit() async throws {
        let limits = KeyUseLimits(soft: 8, hard: 32, block: 4)
        let hosts = [try host(limits), try host(limits)]
        _ = try await hosts[0].seal([1], as: place)
        store.state.withLock { $0.refusesInserts = true }

        var sealed = 1
        var refused: [EncryptionError] = []
        for index in 0..<64 {
            if let error = await refusal(hosts[index % 2]) { refused.append(error) } else { sealed += 1 }
        }
        #expect(sealed <= 32 && sealed >= 32 - 2 * 4, "\(sealed) sealed")
        #expect(refused.count == 65 - sealed && refused.allSatisfy { $0 == .keyExhausted })
    }

    private func refusal(_ host: EncryptionService) async -> EncryptionError? {
        do throws(EncryptionError) {
            _ = try await host.seal([1], as: place)
            return nil
        } catch {
            return error
        }
    }

    @Test("limits beyond what is safe are refused")
    func limits() {
        for limits in [KeyUseLimits(hard: 1 << 33), KeyUseLimits(soft: 0), KeyUseLimits(soft: 2, hard: 1), KeyUseLimits(block: 0)] {
            #expect(throws: EncryptionError.self) { try host(limits) }
        }
    }

    @Test("a running host writes with another host's new version within the recheck time")
    func followsRotation() async throws {
        let (here, there) = (try host(), try host())
        let before = try await there.seal([1], as: place)
        #expect(try await here.rotate(place) == 2)
        #expect(try await there.seal([1], as: place).keyVersion == 1)

        clock.advance(KeyUseLimits().recheck)

        #expect(try await there.seal([1], as: place).keyVersion == 2)
        #expect(try await there.open(before, at: place).revealedBytes() == [1])
        #expect(try await there.open(here.seal([2], as: place), at: place).revealedBytes() == [2])
    }

    @Test("a clock that was set back does not keep old versions in use")
    func clockSetBack() async throws {
        let (here, there) = (try host(), try host())
        _ = try await there.seal([1], as: place)
        _ = try await here.rotate(place)
        clock.advance(-3_600_000)

        #expect(try await there.seal([1], as: place).keyVersion == 2)
    }
}
