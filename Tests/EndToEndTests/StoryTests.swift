// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import NIOHTTP1
import Security
import Testing
import Values

/// The main job against an independent implementation of Stripe's API, through the real host, over HTTP.
@Suite("The story", .serialized, .timeLimit(.minutes(10)), .enabled(if: World.python != nil, "no Python with localstripe: run 'make test'"))
struct StoryTests {
    private let payments = "/v1/tenants/acme/payments"

    @Test("a charge of 12.30 EUR succeeds, and its repetition charges nothing")
    func charges() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")
        let card = try await stage.card("4242424242424242")

        let first = try await admin.post(payments, charge("S-1", card), key: "s-1")
        let again = try await admin.post(payments, charge("S-1", card), key: "s-1")
        let other = try await admin.post(payments, charge("S-1b", card), key: "s-1")

        #expect(first.status == 201, "\(first)")
        #expect(first.json["status"] == "succeeded")
        #expect(first.json["captured"]?["amount_minor"] == 1230)
        #expect(again.json == first.json)
        let replayed = again.headers["idempotent-replayed"]
        #expect(replayed == ["true"])
        #expect(other.status == 409)
        #expect(other.code == "idempotency_mismatch")
        #expect(try await stage.intents(of: "S-1").count == 1)
    }

    @Test("a declined card is a result, not an error")
    func declines() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")

        let answer = try await admin.post(payments, charge("S-2", try await stage.card("4000000000000341")), key: "s-2")

        #expect(answer.status == 201, "\(answer)")
        #expect(answer.json["status"] == "declined")
        #expect(answer.json["decline"]?["code"]?.stringValue != nil)
    }

    @Test("a card that requires action waits for it, and is paid after it")
    func requiresAction() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")
        let created = try await admin.post(payments, charge("S-3", try await stage.card("4000002500003155")), key: "s-3")
        #expect(created.status == 201, "\(created)")
        #expect(created.json["status"] == "requires_action")
        let id = try #require(created.json["id"]?.stringValue)

        // The customer authenticates at the provider.
        let intent = try #require(try await stage.intents(of: "S-3").first)
        let secret = intent["client_secret"]?.stringValue ?? ""
        let body = "client_secret=\(secret)&success=true"
        _ = try await API(base: stage.stripe.base, token: Stage.stripeKey).send(
            .POST, "/v1/payment_intents/\(intent["id"]?.stringValue ?? "")/_authenticate", bytes: Array(body.utf8),
            type: "application/x-www-form-urlencoded")
        let confirmed = try await admin.post("\(payments)/\(id)/confirm", [:], key: "s-3-confirm")

        #expect(confirmed.status == 200, "\(confirmed)")
        #expect(confirmed.json["status"] == "succeeded")
    }

    @Test("an authorization is captured, refunded in part, and never beyond the rest")
    func capturesAndRefunds() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")
        let created = try await admin.post(
            payments, charge("S-4", try await stage.card("4242424242424242"), ["capture": "manual"]), key: "s-4")
        #expect(created.json["status"] == "authorized", "\(created)")
        let path = "\(payments)/\(created.json["id"]?.stringValue ?? "")"

        let captured = try await admin.post(path + "/capture", [:], key: "s-4-capture")
        let part = try await admin.post(path + "/refunds", ["amount_minor": 500], key: "s-4-refund")
        let beyond = try await admin.post(path + "/refunds", ["amount_minor": 731], key: "s-4-beyond")
        let rest = try await admin.post(path + "/refunds", ["amount_minor": 730], key: "s-4-rest")

        #expect(captured.json["status"] == "succeeded", "\(captured)")
        #expect(part.status == 201, "\(part)")
        #expect(beyond.status == 422, "\(beyond)")
        #expect(beyond.code == "refund_exceeds_captured")
        #expect(rest.status == 201, "\(rest)")
        let shown = try await admin.get(path)
        #expect(shown.json["refunded"]?["amount_minor"] == 1230)
    }

    @Test("a provider that is not there means not_sent; nothing happened")
    func notSent() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")
        let card = try await stage.card("4242424242424242")
        stage.door.close()
        let answer = try await admin.post(payments, charge("S-5", card), key: "s-5")
        try stage.door.open()

        #expect(answer.status == 502, "\(answer)")
        #expect(answer.json["outcome"] == "not_sent")
        #expect(answer.json["payment"]?["status"] == "canceled")
        #expect(try await stage.intents(of: "S-5").isEmpty)
    }

    @Test("a provider that hangs up after the request means unknown, until it is asked")
    func unknown() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")
        let card = try await stage.card("4242424242424242")

        // It acted, and nobody heard of it.
        stage.door.become(.loseAnswer(stage.stripePort))
        let acted = try await admin.post(payments, charge("S-6", card), key: "s-6")
        // It never got the request.
        stage.door.become(.loseRequest)
        let lost = try await admin.post(payments, charge("S-7", card), key: "s-7")
        stage.door.become(.forward(stage.stripePort))

        #expect(acted.status == 202, "\(acted)")
        #expect(acted.json["status"] == "unknown")
        #expect(lost.json["status"] == "unknown", "\(lost)")
        let found = try await admin.post("\(payments)/\(acted.json["id"]?.stringValue ?? "")/sync")
        let gone = try await admin.post("\(payments)/\(lost.json["id"]?.stringValue ?? "")/sync")
        #expect(found.json["status"] == "succeeded", "\(found)")
        #expect(gone.json["status"] == "canceled", "\(gone)")
        #expect(try await stage.intents(of: "S-6").count == 1)
        #expect(try await stage.intents(of: "S-7").isEmpty)
    }

    @Test("a plugin that is killed in the middle of a charge fails that call only")
    func pluginKilled() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")
        let card = try await stage.card("4242424242424242")
        stage.door.become(.holdAnswer(stage.stripePort))
        let before = stage.door.requests.count

        async let pending = admin.post(payments, charge("S-8", card), key: "s-8")
        await stage.door.received(before + 1)
        for pid in Self.cells(of: stage.host.pid) { kill(pid, SIGKILL) }
        let killed = try await pending
        stage.door.become(.forward(stage.stripePort))

        #expect(killed.status == 202, "\(killed)")
        #expect(killed.json["status"] == "unknown")
        let next = try await admin.post(payments, charge("S-9", card), key: "s-9")
        #expect(next.json["status"] == "succeeded", "\(next)")
        let found = try await admin.post("\(payments)/\(killed.json["id"]?.stringValue ?? "")/sync")
        #expect(found.json["status"] == "succeeded", "\(found)")
        #expect(try await stage.intents(of: "S-8").count == 1)
    }

    @Test("a host that is killed between charge and commit loses nothing and doubles nothing")
    func hostKilled() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")
        let card = try await stage.card("4242424242424242")
        stage.door.become(.holdAnswer(stage.stripePort))
        let before = stage.door.requests.count

        async let pending: API.Answer? = try? admin.post(payments, charge("S-10", card), key: "s-10")
        await stage.door.received(before + 1)
        let intents = try await eventually {
            try await stage.intents(of: "S-10")
        } until: {
            $0.count == 1
        }
        #expect(intents.count == 1)
        stage.door.become(.forward(stage.stripePort))
        try await stage.restart(with: SIGKILL)
        _ = await pending

        let again = try await stage.signIn("acme")
        let repeated = try await eventually {
            try await again.post(payments, charge("S-10", card), key: "s-10")
        } until: {
            $0.code != "in_progress"
        }
        let id = try #require(repeated.json["id"]?.stringValue, "\(repeated)")
        let synced = try await again.post("\(payments)/\(id)/sync")
        #expect(synced.json["status"] == "succeeded", "\(synced)")
        #expect(try await stage.intents(of: "S-10").count == 1)
    }

    @Test("a webhook counts only when it is signed, fresh and new")
    func webhooks() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")
        let created = try await admin.post(
            payments, charge("S-11", try await stage.card("4000002500003155")), key: "s-11")
        let id = created.json["id"]?.stringValue ?? ""
        let endpoint = try await admin.post("/v1/tenants/acme/plugins/stripe/webhook")
        let path = try #require(endpoint.json["path"]?.stringValue, "\(endpoint)")
        let intent = try #require(try await stage.intents(of: "S-11").first)
        let event: Value = [
            "id": "evt_s11", "object": "event", "type": "payment_intent.succeeded", "created": .int(Int64(Date().timeIntervalSince1970)),
            "livemode": false, "data": ["object": intent],
        ]
        let body = JSON.serialize(event)

        func send(_ body: [UInt8], secret: String = Stage.webhookSecret, age: Int = 0) async throws -> API.Answer {
            let time = Int(Date().timeIntervalSince1970) - age
            let signature = Hex.encode(HMAC.authenticate(Array("\(time).".utf8) + body, key: Secret(secret), using: .sha256))
            return try await stage.api.send(.POST, path, bytes: body, headers: [("stripe-signature", "t=\(time),v1=\(signature)")])
        }
        let forged = try await send(body, secret: "whsec_somebody_elses_secret")
        let stale = try await send(body, age: 600)
        let unsigned = try await stage.api.send(.POST, path, bytes: body)
        let elsewhere = try await stage.api.send(.POST, "/v1/webhooks/" + String(repeating: "A", count: 43), bytes: body)
        for refused in [forged, stale, unsigned] { #expect(refused.status == 400, "\(refused)") }
        #expect(elsewhere.status == 404)
        #expect(try await admin.get("\(payments)/\(id)").json["status"] == "requires_action")

        // The event says succeeded; the provider says otherwise, and the provider is asked.
        let good = try await send(body)
        let replay = try await send(body)
        #expect(good.status == 200, "\(good)")
        #expect(replay.status == 200)
        let trail = try await eventually {
            try await admin.get("/v1/tenants/acme/audit?limit=100")
        } until: {
            $0.text.contains("webhook.")
        }
        #expect(trail.text.contains("webhook.rejected"))
        #expect(try await admin.get("\(payments)/\(id)").json["status"] == "requires_action", "a claim is not a payment")
    }

    @Test("Stripe's own webhook settles a payment that waited for its customer")
    func realWebhook() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")
        let endpoint = try await admin.post("/v1/tenants/acme/plugins/stripe/webhook")
        let hook: Value = [
            "url": .string(stage.api.base + (endpoint.json["path"]?.stringValue ?? "")), "secret": .string(Stage.webhookSecret),
        ]
        _ = try await API(base: stage.stripe.base).post("/_config/webhooks/panel", hook)
        let created = try await admin.post(payments, charge("S-12", try await stage.card("4000002500003155")), key: "s-12")
        let id = created.json["id"]?.stringValue ?? ""
        let intent = try #require(try await stage.intents(of: "S-12").first)

        _ = try await API(base: stage.stripe.base, token: Stage.stripeKey).send(
            .POST, "/v1/payment_intents/\(intent["id"]?.stringValue ?? "")/_authenticate",
            bytes: Array("client_secret=\(intent["client_secret"]?.stringValue ?? "")&success=true".utf8),
            type: "application/x-www-form-urlencoded")

        let settled = try await eventually {
            try await admin.get("\(payments)/\(id)")
        } until: {
            $0.json["status"] == "succeeded"
        }
        #expect(settled.json["status"] == "succeeded", "\(settled)")
    }

    @Test("another tenant finds nothing, whatever it asks, and its attempts are in its trail")
    func isolation() async throws {
        let stage = try await Stage.shared.value
        let (acme, globex) = (try await stage.signIn("acme"), try await stage.signIn("globex"))
        let created = try await acme.post(payments, charge("S-13", try await stage.card("4242424242424242")), key: "s-13")
        let id = created.json["id"]?.stringValue ?? ""

        for path in [
            "/v1/tenants/acme/payments/\(id)", "/v1/tenants/globex/payments/\(id)", "/v1/tenants/acme/audit",
            "/v1/tenants/acme/plugins/stripe",
        ] {
            let answer = try await globex.get(path)
            #expect(answer.status == 404, "\(path) \(answer)")
            #expect(answer.code == "not_found")
        }
        for verb in ["confirm", "capture", "cancel", "refunds"] {
            #expect(try await globex.post("/v1/tenants/globex/payments/\(id)/\(verb)", [:], key: "s-13-\(verb)").status == 404)
        }
        let trail = try await globex.get("/v1/tenants/globex/audit?outcome=denied&limit=100")
        #expect((trail.json["events"]?.arrayValue ?? []).count >= 4)
        #expect(trail.text.contains(id))
    }

    @Test("a configuration copied from another tenant does not open, and that is audited")
    func copiedConfiguration() async throws {
        let stage = try await Stage.shared.value
        let python = try #require(World.python)
        let copy = try ChildProcess([
            python, "-c",
            """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1], timeout=10)
            tenant = dict(db.execute("select slug, id from tenants"))
            row = db.execute("select c.sealed, c.key_id, c.key_version from plugin_config c join plugin_instances i on i.id = c.instance_id and i.tenant_id = c.tenant_id "
                "where c.tenant_id = ? and i.plugin_id = 'stripe' and c.field = 'secret_key'", (tenant["acme"],)).fetchone()
            n = db.execute("update plugin_config set sealed = ?, key_id = ?, key_version = ? where tenant_id = ? and field = 'secret_key' and instance_id in "
                "(select id from plugin_instances where plugin_id = 'stripe')", (*row, tenant["globex"])).rowcount
            db.commit()
            print("changed", n, flush=True)
            """, stage.world.data + "/panelhost.sqlite",
        ])
        _ = try await copy.line(containing: "changed 1")
        let globex = try await stage.signIn("globex")

        let answer = try await globex.post(
            "/v1/tenants/globex/payments", charge("S-14", try await stage.card("4242424242424242")), key: "s-14")

        #expect(answer.status == 500, "\(answer)")
        #expect(answer.code == "config_unreadable")
        #expect(try await stage.intents(of: "S-14").isEmpty)
        #expect(try await globex.get("/v1/tenants/globex/audit?limit=50").text.contains("plugin.config.decrypt_failed"))
        let repaired = try await globex.put("/v1/tenants/globex/plugins/stripe/config", ["secret_key": .string(Stage.stripeKey)])
        #expect(repaired.status == 200, "\(repaired)")
    }

    @Test("a code reaches the phone and works once, in its own session")
    func secondFactor() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")
        let before = stage.phone.requests.count
        let enrolled = try await admin.post(
            "/v1/tenants/acme/2fa/enrollments",
            ["plugin": "sms-twilio", "user_ref": "client-2fa", "destination": "+4915112345678", "session_nonce": "session-one"], key: "f-1")
        #expect(enrolled.status == 201, "\(enrolled)")
        await stage.phone.received(before + 1)
        let message = stage.phone.requests[before]
        let code = try #require(Self.code(in: message.body))
        let verify = "/v1/tenants/acme/2fa/challenges/\(enrolled.json["challenge_id"]?.stringValue ?? "")/verify"

        let elsewhere = try await admin.post(verify, ["code": .string(code), "session_nonce": "session-two"])
        let accepted = try await admin.post(verify, ["code": .string(code), "session_nonce": "session-one"])
        let replayed = try await admin.post(verify, ["code": .string(code), "session_nonce": "session-one"])
        let flood = try await admin.post(
            "/v1/tenants/acme/2fa/challenges",
            ["enrollment_id": enrolled.json["enrollment_id"] ?? .null, "purpose": "login", "session_nonce": "session-three"], key: "f-2")

        #expect(elsewhere.json["result"] == "rejected")
        #expect(accepted.json["result"] == "accepted", "\(accepted)")
        #expect(replayed.json["result"] == "rejected")
        #expect(flood.status == 429, "\(flood)")
        #expect(!flood.headers["retry-after"].isEmpty)
        let trail = try await admin.get("/v1/tenants/acme/audit?limit=200")
        #expect(!trail.text.contains(code) && !trail.text.contains("4915112345678"))
    }

    @Test("a notification goes out, and its secret address is nowhere to be read")
    func notification() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")
        let before = stage.chat.requests.count
        let body: Value = ["plugin": "slack", "event_type": "invoice.paid", "title": "Paid", "text": "12.30 EUR"]

        let queued = try await admin.post("/v1/tenants/acme/notifications", body, key: "n-1")
        await stage.chat.received(before + 1)
        let path = "/v1/tenants/acme/notifications/\(queued.json["notification_id"]?.stringValue ?? "")"
        let sent = try await eventually {
            try await admin.get(path)
        } until: {
            $0.json["status"] == "accepted"
        }

        #expect(queued.status == 202, "\(queued)")
        #expect(sent.json["status"] == "accepted", "\(sent)")
        #expect(stage.chat.requests[before].head.contains(Stage.chatURL))
    }

    @Test("the panel's client plays its demo with an API key", .enabled(if: World.hasNode, "node was not found"))
    func panelClient() async throws {
        let stage = try await Stage.shared.value
        let key = try await stage.world.must(
            "api-key", "create", "panel", "--data", stage.world.data, "--tenant", "acme", "--permission", "plugin.invoke",
            "--permission",
            "plugin.read", "--permission", "audit.read"
        ).split(separator: "\n").first { $0.hasPrefix("ph_") }
        let demo = try ChildProcess(
            ["node", World.project + "/examples/panel-client/demo.mjs"],
            environment: [
                "PANELHOST_URL": stage.api.base, "PANELHOST_API_KEY": String(key ?? ""), "PANELHOST_NOTIFIER": "slack",
                "PANELHOST_PHONE": "+4915155555555",
            ])

        let code = await demo.exitCode()

        #expect(code == 0, "\(demo.output)")
        #expect(demo.output.contains("refund") && demo.output.contains("plugin.invoke.payment success"))
    }

    @Test("no secret is in any answer, log or row, and the audit trail is whole")
    func noSecrets() async throws {
        let stage = try await Stage.shared.value
        let admin = try await stage.signIn("acme")
        var texts = [stage.host.output]
        for path in [
            "/v1/plugins", "/v1/tenants/acme/plugins/stripe", "/v1/tenants/acme/plugins/slack", "/v1/tenants/acme/audit?limit=500",
        ] {
            texts.append(try await admin.get(path).text)
        }
        for file in ["panelhost.sqlite", "panelhost.sqlite-wal"] {
            let data = (try? Data(contentsOf: URL(fileURLWithPath: stage.world.data + "/" + file))) ?? Data()
            texts.append(String(decoding: data, as: UTF8.self))
        }
        for text in texts { #expect(!text.contains("canary")) }

        let verified = try await stage.world.must("audit", "verify", "--data", stage.world.data)
        #expect(verified.contains("acme:") && verified.contains("whole"))
    }

    @Test("what the host holds in memory never becomes a core dump")
    func noCoreDump() async throws {
        let stage = try await Stage.shared.value
        let limits = try String(contentsOfFile: "/proc/\(stage.host.pid)/limits", encoding: .utf8)
        let cores = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        #expect(cores?.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
    }

    // MARK: Details

    private static func code(in form: String) -> String? {
        let body = form.split(separator: "&").first { $0.hasPrefix("Body=") }?.dropFirst(5) ?? ""
        return body.replacingOccurrences(of: "+", with: " ").removingPercentEncoding?.split { !$0.isNumber }.map(String.init).first {
            $0.count == 6
        }
    }

    /// The processes that a host's zygote has forked.
    private static func cells(of host: pid_t) -> [pid_t] {
        func children(of parent: pid_t) -> [pid_t] {
            let pids = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
            return pids.filter { pid in
                guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let name = stat.lastIndex(of: ")")
                else { return false }
                return stat[stat.index(name, offsetBy: 2)...].split(separator: " ").dropFirst().first.flatMap { pid_t($0) } == parent
            }
        }
        return children(of: host).flatMap(children)
    }
}

/// Asks again and again, by the event loop's own pace, until the answer is the wanted one or a minute has gone.
func eventually<T: Sendable>(_ ask: () async throws -> T, until isWanted: (T) -> Bool) async throws -> T {
    let deadline = ContinuousClock.now + .seconds(60)
    var answer = try await ask()
    while !isWanted(answer), ContinuousClock.now < deadline { answer = try await ask() }
    return answer
}
