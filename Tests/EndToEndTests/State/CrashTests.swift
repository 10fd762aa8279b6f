// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Glibc
import NIOCore
import Security
import Storage
import Synchronization
import Testing
import Values

extension StateTests {
    /// A host that is killed, and what the next one makes of it.
    @Suite("A host that is killed", .serialized)
    struct CrashTests {
        /// Where in a payment the host dies.
        enum Moment: String, CaseIterable {
            /// The request is on its way.
            case asked
            /// The attempt is recorded, and the plugin may run.
            case recorded
            /// The provider has the request and keeps its answer.
            case providerAsked
            /// The provider has answered.
            case providerAnswered
            /// The outcome is recorded.
            case settled
            /// The caller has its answer.
            case answered
        }

        @Test("at any moment of a payment charges at most once, tells the truth afterwards, and loses no event", arguments: Engine.here)
        func everyMoment(engine: Engine) async throws {
            let house = try await House.shared(engine)
            for moment in Moment.allCases {
                let reference = "moment-\(moment.rawValue)-\(UUID().uuidString.prefix(8))"
                let kept = try await house.checkpoint()
                let admin = try await house.signIn()
                house.peer.books.withLock { $0.isSilent = moment == .providerAsked }
                let caller = Task { [api = patient(admin)] in try? await api.post(House.payments, Load.charge(reference), key: reference) }
                try await reach(moment, reference, caller, house)
                await house.end(with: SIGKILL)
                house.peer.books.withLock { $0.isSilent = false }
                caller.cancel()
                _ = await caller.value
                let charged = house.peer.charged[reference, default: 0]

                try await house.start()

                // The caller asks again under its key until it is told how the payment ended, which nobody else has to see to.
                let again = try await house.signIn()
                let end = try await eventually {
                    let answer = try await again.post(House.payments, Load.charge(reference), key: reference)
                    let id = (answer.json["payment"] ?? answer.json)["id"]?.stringValue ?? "-"
                    return try await again.get("\(House.payments)/\(id)").json["status"]?.stringValue ?? "\(answer)"
                } until: {
                    ["succeeded", "canceled"].contains($0)
                }
                print("killed on \(engine), \(moment.rawValue): \(charged) charged then, in the end \(end)")
                #expect(["succeeded", "canceled"].contains(end), "\(moment)")
                let charges = house.peer.charged[reference, default: 0]
                #expect(charges == (end == "succeeded" ? 1 : 0), "\(moment): \(charges) charges, \(end)")
                #expect(charged <= charges)
                try await house.checkTrail(continues: kept)
            }
        }

        @Test("between the commit of events and their sequencing leaves them to the next, which forgets none", arguments: Engine.here)
        func unsequenced(engine: Engine) async throws {
            let house = try await House.shared(engine)
            var waiting: [String] = []
            var kept = ""
            for attempt in 0..<12 where waiting.isEmpty {
                if attempt > 0 { try await house.start() }
                kept = try await house.checkpoint()
                let admin = try await house.signIn()
                // On PostgreSQL another sequencer that hangs holds the lock; on SQLite the host dies before its next look.
                let lock = try house.postgres.map { try SequencerHold($0) }
                _ = try await lock?.taken()
                for number in 0..<4 {
                    let reference = "waiting-\(attempt)-\(number)-\(UUID().uuidString.prefix(8))"
                    let paid = try await admin.post(House.payments, Load.charge(reference), key: reference)
                    #expect(paid.json["status"] == "succeeded", "\(paid)")
                }
                await house.end(with: SIGKILL)
                waiting = try await house.waitingEvents()
                try await lock?.release()
            }
            try #require(!waiting.isEmpty, "the sequencer was always quicker")

            try await house.start()

            let left = try await eventually {
                try await house.waitingEvents().filter(waiting.contains)
            } until: {
                $0.isEmpty
            }
            #expect(left.isEmpty)
            for event in waiting { #expect(try await house.count("audit_leaves WHERE event_id = '\(event)'") == 1) }
            print("killed before sequencing on \(engine): \(waiting.count) events waited")
            try await house.checkTrail(continues: kept)
        }

        /// Returns when the payment has come that far.
        private func reach(_ moment: Moment, _ reference: String, _ caller: Task<API.Answer?, Never>, _ house: House) async throws {
            let payment = "payments WHERE merchant_reference = '\(reference)'"
            switch moment {
            case .asked: break
            case .recorded:
                _ = try await eventually {
                    try await house.count(payment)
                } until: {
                    $0 == 1
                }
            case .providerAsked, .providerAnswered: await house.peer.charged(reference)
            case .settled:
                _ = try await eventually {
                    try await house.count("\(payment) AND status = 'succeeded'")
                } until: {
                    $0 == 1
                }
            case .answered: _ = await caller.value
            }
        }

        /// A caller that does not try again by itself for long.
        private func patient(_ api: API) -> API {
            var api = api
            api.patience = .seconds(20)
            return api
        }
    }
}

extension House {
    /// The newest checkpoint over all tenants, as an auditor keeps it.
    func checkpoint() async throws -> String { try await must("audit", "checkpoint") }

    /// Every trail is whole, nothing of it waits for good, and it continues what was signed before.
    func checkTrail(continues checkpoint: String) async throws {
        let file = world.folder + "/kept-\(UUID().uuidString).checkpoint"
        try checkpoint.write(toFile: file, atomically: false, encoding: .utf8)
        let verified = try await must("audit", "verify", "--checkpoint", file)
        #expect(verified.contains("acme:") && verified.contains("whole") && !verified.contains("BROKEN"), "\(verified)")
    }

    /// The ids of events that have no place yet.
    func waitingEvents() async throws -> [String] {
        try await texts(
            """
            SELECT event.id AS value FROM audit_events AS event LEFT JOIN audit_leaves AS leaf
            ON leaf.tenant_id = event.tenant_id AND leaf.event_id = event.id WHERE leaf.event_id IS NULL ORDER BY event.id
            """)
    }
}

/// A second sequencer that has the lock and does nothing with it.
private final class SequencerHold: Sendable {
    /// As in `SequencerLock`.
    private static let key: Int64 = 0x7061_6e65_6c61_7564
    private static let sleeper = "pg_stat_activity WHERE wait_event = 'PgSleep'"

    private let session: ChildProcess
    private let postgres: PostgresServer

    init(_ postgres: PostgresServer) throws {
        self.postgres = postgres
        session = try ChildProcess(
            [
                "\(PostgresServer.programs ?? "")/psql", "-X", "-q", "-d", postgres.url,
                "-c", "SELECT pg_advisory_lock(\(Self.key)), pg_sleep(600)",
            ])
    }

    func taken() async throws {
        let found = try await eventually {
            try await postgres.sql("SELECT COUNT(*) FROM \(Self.sleeper)")
        } until: {
            $0 == "1"
        }
        try #require(found == "1")
    }

    func release() async throws {
        try await postgres.sql("SELECT pg_terminate_backend(pid) FROM \(Self.sleeper)")
        _ = await session.exitCode()
    }
}
