// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Glibc
import Synchronization
import Testing
import Values

/// Three real hosts on one real PostgreSQL: what one of them does, the others know; what one leaves undone, another finishes.
@Suite(
    "Many hosts", .serialized, ClosingCluster(), .timeLimit(.minutes(10)),
    .enabled(if: PostgresServer.programs != nil, "no PostgreSQL server: run 'make test'"))
struct ManyHostsTests {
    private let payments = "/v1/tenants/acme/payments"

    @Test("a session of one host is one of all, and ends on all at once")
    func sessions() async throws {
        let cluster = try await Cluster.shared.value
        let login = try await cluster.login("acme", on: 0)
        let token = try #require(login.json["access_token"]?.stringValue)
        let (a, b, c) = (cluster.api(0).signedIn(token), cluster.api(1).signedIn(token), cluster.api(2).signedIn(token))
        let plugin = "/v1/tenants/acme/plugins/\(BooksPlugins.gateway)"
        #expect(try await b.get(plugin).status == 200)
        let refreshed = try await cluster.api(1).post("/v1/auth/refresh", ["refresh_token": login.json["refresh_token"] ?? .null])
        #expect(refreshed.status == 200, "\(refreshed)")

        #expect(try await a.post("/v1/auth/logout").status == 204)

        #expect(try await b.get(plugin).status == 401)
        #expect(try await c.get(plugin).status == 401)
        let again = try await cluster.api(2).post("/v1/auth/refresh", ["refresh_token": refreshed.json["refresh_token"] ?? .null])
        #expect(again.status == 401)
    }

    @Test("what is configured on one host is charged with on another, without a restart")
    func configuration() async throws {
        let cluster = try await Cluster.shared.value
        let (a, b) = (try await cluster.signIn("acme", on: 0), try await cluster.signIn("acme", on: 1))
        for (turn, (key, one, other)) in [("sk_second", a, b), ("sk_third", b, a), ("sk_fourth", a, b)].enumerated() {
            try await cluster.configure(key, by: one)

            let answer = try await other.post(payments, Load.charge("configured-\(turn)"), key: "configured-\(turn)")

            #expect(answer.json["status"] == "succeeded", "\(answer)")
            #expect(cluster.peer.books.withLock { $0.authorizations.last } == "Bearer \(key)")
        }
    }

    @Test("a plugin that is killed on one host stops on another, in the middle of a call")
    func killSwitch() async throws {
        let cluster = try await Cluster.shared.value
        let platform = try await cluster.signIn("platform", on: 0)
        let b = try await cluster.signIn("acme", on: 1)
        cluster.peer.books.withLock { $0.isSilent = true }
        async let pending = b.post(payments, Load.charge("killed-1"), key: "killed-1")
        await cluster.peer.charged("killed-1")

        let start = ContinuousClock.now
        let killed = try await platform.post("/v1/plugins/\(BooksPlugins.gateway)/kill", ["reason": "test"])
        #expect(killed.status == 200, "\(killed)")
        let refused = try await b.post(payments, Load.charge("killed-2"), key: "killed-2")
        // The provider keeps silent for ever: only the switch ends this call.
        let ended = try await pending
        print("kill on one host, end of a running call on another: \(start.duration(to: .now))")

        cluster.peer.books.withLock { $0.isSilent = false }
        #expect(refused.code == "plugin_killed", "\(refused)")
        #expect(ended.json["status"] == "unknown", "\(ended)")
        #expect(try await platform.post("/v1/plugins/\(BooksPlugins.gateway)/revive").status == 200)
        let id = ended.json["id"]?.stringValue ?? ""
        let synced = try await eventually {
            try await cluster.signIn("acme", on: 2).post("\(payments)/\(id)/sync")
        } until: {
            $0.json["status"] == "succeeded"
        }
        #expect(synced.json["status"] == "succeeded", "\(synced)")
    }

    @Test("each message is sent once, whichever host took it in")
    func notifications() async throws {
        let cluster = try await Cluster.shared.value
        let token = try #require(try await cluster.login("acme", on: 0).json["access_token"]?.stringValue)
        let count = 60

        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<count {
                group.addTask {
                    let answer = try await cluster.api(number % Cluster.size).signedIn(token).post(
                        "/v1/tenants/acme/notifications",
                        [
                            "plugin": .string(BooksPlugins.notifier), "event_type": "invoice.paid", "title": "Paid",
                            "text": .string("note-\(number)"),
                        ],
                        key: "note-\(number)")
                    return try #require(answer.json["notification_id"]?.stringValue, "\(answer)")
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for id in ids {
            let view = try await eventually {
                try await cluster.api(0).signedIn(token).get("/v1/tenants/acme/notifications/\(id)")
            } until: {
                $0.json["status"] == "accepted"
            }
            #expect(view.json["status"] == "accepted", "\(view)")
        }

        #expect(
            cluster.peer.messages.filter { $0.key.hasPrefix("note-") }
                == Dictionary(uniqueKeysWithValues: (0..<count).map { ("note-\($0)", 1) }))
        let owners = try await cluster.postgres.sql("SELECT COUNT(*) FROM panelhost.notifications WHERE attempts <> 1")
        #expect(owners == "0")
    }

    /// How many payments each fault is tried with.
    static let count = Int(ProcessInfo.processInfo.environment["PANELHOST_TEST_PAYMENTS"] ?? "") ?? 200

    @Test("a host that is killed in the middle of many payments loses none and doubles none")
    func hostKilled() async throws {
        let cluster = try await Cluster.shared.value
        let load = try await Load(cluster, prefix: "crash")
        let report = try await load.run(Self.count) { answered in
            guard answered == Self.count / 3 else { return }
            load.avoid(0)
            cluster.process(0).send(SIGKILL)
        }
        _ = await cluster.process(0).exitCode()
        try await cluster.restart(0)

        try await audit(cluster, report, "crash")
    }

    @Test("a database that stops and starts again costs typed errors and time, and nobody has to help")
    func databaseStopped() async throws {
        let cluster = try await Cluster.shared.value
        let load = try await Load(cluster, prefix: "outage")
        let report = try await load.run(Self.count) { answered in
            guard answered == Self.count / 3 else { return }
            await cluster.postgres.stop()
            // While it is down, callers are told so.
            let refused = try await cluster.api(1).post("/v1/auth/login", ["tenant": "acme", "email": "a@b.example", "password": "x"])
            #expect(refused.status == 503, "\(refused)")
            #expect(refused.code != nil)
            try await cluster.postgres.start()
        }

        #expect(report.untyped.isEmpty)
        try await audit(cluster, report, "outage")
    }

    @Test("connections that are cut in the middle lose nothing")
    func connectionsCut() async throws {
        let cluster = try await Cluster.shared.value
        let load = try await Load(cluster, prefix: "cut")
        let report = try await load.run(Self.count) { answered in
            guard answered % (Self.count / 10) == 0 else { return }
            try await cluster.postgres.sql(
                "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'panelhost'")
        }

        #expect(report.untyped.isEmpty)
        try await audit(cluster, report, "cut")
    }

    /// Compares what the hosts say with the provider's own books.
    private func audit(_ cluster: Cluster, _ report: Load.Report, _ prefix: String) async throws {
        print("\(prefix): \(report.answers.sorted { $0.key < $1.key }.map { "\($0.value)× \($0.key)" }.joined(separator: ", "))")
        #expect(report.payments.count == Self.count)
        let open = "status NOT IN ('succeeded', 'canceled')"
        let left = try await eventually {
            try await cluster.postgres.sql(
                "SELECT COUNT(*) FROM panelhost.payments WHERE merchant_reference LIKE '\(prefix)-%' AND \(open)")
        } until: {
            $0 == "0"
        }
        #expect(left == "0", "payments that nobody settled")

        let rows = try await cluster.postgres.sql(
            "SELECT merchant_reference, status, amount_minor, captured_minor FROM panelhost.payments WHERE merchant_reference LIKE '\(prefix)-%'"
        )
        let charged = cluster.peer.charged.filter { $0.key.hasPrefix(prefix + "-") }
        #expect(charged.values.allSatisfy { $0 == 1 }, "charged twice: \(charged.filter { $0.value > 1 })")
        var succeeded: Set<String> = []
        for row in rows.split(separator: "\n") {
            let columns = row.split(separator: "|").map(String.init)
            guard columns.count == 4 else { continue }
            if columns[1] == "succeeded" {
                succeeded.insert(columns[0])
                #expect(columns[2] == columns[3], "\(row)")
            }
        }
        // Money that the provider has is money that the hosts know of, and the other way round.
        #expect(succeeded == Set(charged.keys))
        let verified = try await cluster.command("audit", "verify")
        print("\(prefix): \(succeeded.count) of \(Self.count) charged, \(verified.split(separator: "\n").last ?? "")")
        let attempts = try await cluster.postgres.sql("SELECT COUNT(*) FROM panelhost.payment_attempts WHERE state = 'in_flight'")
        #expect(attempts == "0")
    }
}
