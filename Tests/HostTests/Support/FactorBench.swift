// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

/// A host with a second factor for both tenants, whose codes arrive at a peer.
struct FactorBench {
    static let nonce = "nonce-of-the-session"
    static let number = "+4915112345678"

    let rig: Rig
    let peer: LoopbackPeer
    let clock: ManualClock
    let id: PluginID

    /// What `deliver_code` of a good plugin does.
    static let delivers = """
        local response, problem = ctx.http.post("https://api.example.com/v1/codes", {
          json = { to = req.destination, text = ctx.http.text { "Your code: ", req.code }, key = req.dedupe_key, purpose = req.purpose },
        })
        if not response then
          return { ok = false, error = { code = problem.code, message = "no answer", outcome = problem.outcome } }
        end
        return { ok = true, status = "accepted", channel = "sms" }
        """

    /// A second factor whose `deliver_code` has the given body.
    static func plugin(_ deliver: String = delivers, hint: String = #""…" .. number:sub(-2)"#) -> TestPlugin {
        TestPlugin(
            id: "factor", capabilities: LoopbackPeer.capability, operations: ["validate_config", "normalize_destination", "deliver_code"],
            mainText: """
                return {
                  validate_config = function(ctx, req) return { ok = true, warnings = panel.array{} } end,
                  normalize_destination = function(ctx, req)
                    local number = req.raw:gsub("[^%d+]", "")
                    if #number < 5 then
                      return { ok = false, error = { code = "invalid_request", message = req.raw .. " is no number", retryable = false, outcome = "not_sent" } }
                    end
                    return { ok = true, destination = number, hint = \(hint) }
                  end,
                  deliver_code = function(ctx, req) \(deliver) end,
                }
                """,
            manifestMembers: [
                "kind": "two_factor", "notifier": .null,
                // Eight digits do not stand in a database by chance.
                "factor": [
                    "style": "delivered", "methods": ["sms"], "contact": "phone", "code_length": 8, "ttl_s": 300,
                    "purposes": ["login", "step_up"],
                ],
            ])
    }

    static func with(_ plugin: TestPlugin = plugin(), _ body: (FactorBench) async throws -> Void) async throws {
        let clock = ManualClock()
        try await LoopbackPeer.with { peer in
            try await Rig.with(peer.configuration, clock: clock.host) { rig in
                let id = try await rig.enable(plugin)
                try await rig.enable(plugin, for: rig.globex)
                try await body(FactorBench(rig: rig, peer: peer, clock: clock, id: id))
            }
        }
    }

    private var service: TwoFactorService { rig.host.twoFactor }
    private func permit(_ tenant: TenantRecord?) -> Permit { rig.permit(.invokeTwoFactor, tenant) }

    // MARK: Acting

    func enroll(
        _ number: String = number, user: String = "client-42", key: String = "enroll", plugin: String = "factor",
        tenant: TenantRecord? = nil
    ) async throws -> ChallengeView {
        try await service.enroll(
            permit(tenant),
            EnrollFactor([
                "plugin": .string(plugin), "user_ref": .string(user), "destination": .string(number), "session_nonce": .string(Self.nonce),
            ]), idempotencyKey: key, origin: Rig.trace)
    }

    func begin(
        _ enrollment: EnrollmentID, key: String = "login", purpose: String = "login", nonce: String = nonce, tenant: TenantRecord? = nil
    ) async throws -> ChallengeView {
        try await service.begin(
            permit(tenant),
            BeginChallenge([
                "enrollment_id": .string(enrollment.description), "purpose": .string(purpose), "session_nonce": .string(nonce),
            ]), idempotencyKey: key, origin: Rig.trace)
    }

    func verify(_ challenge: ChallengeView, _ code: String, nonce: String = nonce, tenant: TenantRecord? = nil) async throws -> String {
        try await answer(challenge, code, nonce: nonce, tenant: tenant)["result"]?.stringValue ?? "-"
    }

    func answer(_ challenge: ChallengeView, _ code: String, nonce: String = nonce, tenant: TenantRecord? = nil) async throws -> Value {
        try await service.verify(
            permit(tenant), challenge.challenge, VerifyChallenge(["code": .string(code), "session_nonce": .string(nonce)]),
            origin: Rig.trace)
    }

    /// A factor that is set up and may be asked at once.
    func active(_ number: String = number, user: String = "client-42", tenant: TenantRecord? = nil) async throws -> EnrollmentID {
        let challenge = try await enroll(number, user: user, key: user, tenant: tenant)
        #expect(try await verify(challenge, lastCode, tenant: tenant) == "accepted")
        clock.advance(seconds: 31)
        return challenge.enrollment
    }

    // MARK: Looking

    /// What has arrived at the provider.
    var messages: [Value] { peer.seen.map { (try? JSON.parse($0.body)) ?? .null } }

    /// The newest code that has arrived.
    var lastCode: String {
        get throws { String(try #require(messages.last?["text"]?.stringValue).suffix(8)) }
    }

    /// A code that is not the given one.
    func wrong(_ code: String, by offset: Int = 1) -> String {
        let number = String((Int(code) ?? 0) + offset)
        return String(repeating: "0", count: max(0, 8 - number.count)) + number.suffix(8)
    }

    func stored(_ challenge: ChallengeView) async throws -> ChallengeRecord {
        try #require(try await rig.database.read(permit(nil).scope) { try FactorRepository($0).challenge(challenge.challenge) })
    }

    func factor(_ id: EnrollmentID) async throws -> EnrollmentRecord {
        try #require(try await rig.database.read(permit(nil).scope) { try FactorRepository($0).enrollment(id) })
    }

    func change(_ sql: String, _ parameters: SQLValue...) async throws {
        let changed = try await rig.database.transaction(permit(nil).scope) { try $0.execute(sql, [$0.tenant] + parameters) }
        #expect(changed == 1)
    }

    /// The code that the host made, as only the host can read it.
    func sealedCode(_ challenge: ChallengeView) async throws -> String {
        let place = SealedLocation(
            tenant: rig.acme.id, plugin: id, field: "factor_challenges.code", record: challenge.challenge.description)
        return String(decoding: try await rig.host.encryption.open(stored(challenge).code, at: place).revealedBytes(), as: UTF8.self)
    }

    /// Every text and blob of every table, audit trail included.
    func everythingStored() async throws -> [String] {
        try await rig.database.platformRead(rig.authority.platform("look for leaks")) { tx in
            try tx.query("SELECT name FROM sqlite_master WHERE type = 'table'", []).flatMap { table in
                try tx.query("SELECT * FROM \(try table.text("name"))", []).flatMap { row in
                    row.values.compactMap { value -> String? in
                        switch value {
                        case .text(let text): text
                        case .blob(let bytes): String(decoding: bytes, as: UTF8.self)
                        default: nil
                        }
                    }
                }
            }
        }
    }

    /// `reason`s of what was decided about answers, from the audit trail.
    func reasons() async throws -> [String] {
        try await rig.trail().compactMap { (try? JSON.parse(Array($0.detail.utf8)))?["reason"]?.stringValue }
    }
}
