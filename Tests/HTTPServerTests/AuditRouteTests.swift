// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import NIOHTTP1
import Security
import Storage
import Testing
import Values

/// What an auditor gets over HTTP, and checks with nothing but the public keys.
@Suite("The audit trail over HTTP", .timeLimit(.minutes(10)))
struct AuditRouteTests {
    private static let base = "/v1/tenants/acme/audit"
    private static let nobody = "0192f0c1-7a3e-7b44-9d5e-3f2a1b0c9d8e"

    @Test("the proof of an event is checked offline with the public keys, and with no other key")
    func proof() async throws {
        try await Panel.with { panel in
            try await panel.fill(40)
            let event = try #require(try await panel.trail(panel.acme).first { $0.action == "test.fill" })

            let answer = try await panel.send(.get, "\(Self.base)/events/\(event.id)/proof", bearer: panel.key)

            #expect(answer.status == 200 && answer.headers["content-type"] == ["text/plain; charset=utf-8"])
            expectSafeHeaders(answer, "proof")
            let verified = try ProofFile(parsing: answer.body).verify(with: try await panel.verifiers())
            #expect(verified.tenant == panel.acme.id && verified.event == event.row.leafBytes() && verified.index == event.index)
            #expect(verified.forest != nil, "goes up to the tree over all tenants")
            let stranger = NoteSigner(
                name: try #require(try await panel.verifiers().first?.name), key: try Ed25519.PrivateKey(seed: Secret(Array(0..<32))))
            #expect(throws: ProofError.self) { try ProofFile(parsing: answer.body).verify(with: [stranger.verifier]) }
        }
    }

    @Test("an event has no proof before it has a place, nor for another tenant, nor when it does not exist")
    func noProof() async throws {
        try await Panel.with { panel in
            let foreign = try #require(try await panel.trail(panel.globex).first)
            let waiting = AuditEvent(
                tenant: panel.acme.id, actor: "system:test", action: "test.fill", resource: "x", outcome: .success, correlation: "c")
            // Places are given by the service group, which does not run here.
            try await panel.database.transaction(panel.authority.permit(.auditRead, in: panel.acme.id, as: "test").scope) { tx in
                try tx.append(waiting)
            }
            let early = try await panel.send(.get, "\(Self.base)/events/\(waiting.id)/proof", bearer: panel.key)
            expectProblem(early, 409, "conflict", "no place yet")
            #expect(early.headers["retry-after"] == ["1"])
            try await panel.fill(1)
            #expect(try await panel.send(.get, "\(Self.base)/events/\(waiting.id)/proof", bearer: panel.key).status == 200)
            for event in [foreign.id, Self.nobody, "x", "1"] {
                let answer = try await panel.send(.get, "\(Self.base)/events/\(event)/proof", bearer: panel.key)
                expectProblem(answer, 404, "not_found", event)
            }
        }
    }

    @Test("two checkpoints are shown to be one trail, and a wrong path or a wrong root is not")
    func consistency() async throws {
        try await Panel.with { panel in
            let none = try await panel.send(.get, "\(Self.base)/checkpoint", bearer: panel.key)
            #expect(none.json == ["trail": .null, "host": .null])
            try await panel.fill(37)
            let older = try await panel.checkpoint("trail")
            try await panel.fill(300)
            let (newer, host) = (try await panel.checkpoint("trail"), try await panel.checkpoint("host"))
            #expect(newer.size == older.size + 300 && newer.origin == older.origin && newer.origin.tenant(beneath: host.origin) != nil)

            let answer = try await panel.send(.get, "\(Self.base)/consistency?from=\(older.size)&to=\(newer.size)", bearer: panel.key)

            let path = (answer.json["path"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap { MerkleHash(base64: $0) } }
            #expect(!path.isEmpty && answer.json["from"] == .int(older.size) && answer.json["to"] == .int(newer.size))
            try MerkleTree.verifyConsistency(
                from: older.size, to: newer.size, olderRoot: older.root, newerRoot: newer.root, path: path)
            #expect(throws: MerkleProofError.self) {
                try MerkleTree.verifyConsistency(
                    from: older.size, to: newer.size, olderRoot: newer.root, newerRoot: newer.root, path: path)
            }
            for (query, status) in [
                ("", 400), ("?from=1", 400), ("?from=0&to=2", 400), ("?from=a&to=2", 400), ("?from=1&to=2&x=3", 400),
                ("?from=-1&to=2", 400),
                ("?from=3&to=2", 404), ("?from=1&to=\(newer.size + 1)", 404), ("?from=9223372036854775807&to=9223372036854775807", 404),
            ] {
                let answer = try await panel.send(.get, "\(Self.base)/consistency\(query)", bearer: panel.key)
                expectProblem(answer, status, nil, "consistency\(query)")
            }
        }
    }

    @Test("the public keys are for everybody and verify what was signed; a new key is added to them")
    func publicKeys() async throws {
        try await Panel.with { panel in
            try await panel.fill(1)
            let keys = try await panel.verifiers()
            #expect(keys.count == 1)
            let note = try await panel.send(.get, "\(Self.base)/checkpoint", bearer: panel.key).json["host"]?.stringValue ?? ""
            #expect(try SignedNote(parsing: note).checkpoint(with: keys).origin == keys[0].name)
            let wrong = try await panel.send(.get, "/v1/audit/public-keys?x=1")
            expectProblem(wrong, 400, nil, "a query")
        }
    }

    @Test(
        "whoever lacks the permission, or asks for another tenant, gets nothing",
        arguments: ["proof", "consistency", "checkpoint", "export"])
    func permissions(what: String) async throws {
        try await Panel.with { panel in
            try await panel.fill(3)
            let event = try #require(try await panel.trail(panel.acme).first)
            let tail =
                switch what {
                case "proof": "events/\(event.id)/proof"
                case "consistency": "consistency?from=1&to=2"
                default: what
                }
            let weak = try await panel.key(for: panel.acme, ["plugin.read"])
            let neighbour = try await panel.key(for: panel.globex, Panel.everything)

            #expect(try await panel.send(.get, "\(Self.base)/\(tail)", bearer: panel.key).status == 200)
            expectProblem(try await panel.send(.get, "\(Self.base)/\(tail)"), 401, "unauthorized", "nobody")
            expectProblem(try await panel.send(.get, "\(Self.base)/\(tail)", bearer: weak), 403, "forbidden", "without audit.read")
            expectProblem(try await panel.send(.get, "\(Self.base)/\(tail)", bearer: neighbour), 404, "not_found", "another tenant")
            expectProblem(
                try await panel.send(.get, "/v1/tenants/globex/audit/\(tail)", bearer: panel.key), 404, "not_found", "of another tenant")
        }
    }
}

extension MerkleHash {
    /// A hash as checkpoints and proofs write it.
    init?(base64: String) {
        guard let bytes = Base64.decode(base64) else { return nil }
        self.init(bytes)
    }
}

extension Panel {
    /// Writes events into acme's trail and gives everything its place.
    func fill(_ count: Int, detail: [String: Value] = [:]) async throws {
        let scope = authority.permit(.auditRead, in: acme.id, as: "test").scope
        let tenant = acme.id
        try await database.transaction(scope) { tx in
            for number in 0..<count {
                try tx.append(
                    AuditEvent(
                        tenant: tenant, actor: "system:test", action: "test.fill", resource: "test:\(number)", outcome: .success,
                        detail: detail, correlation: "fill"))
            }
        }
        await host.sequencing.finish()
    }

    /// The keys that `/v1/audit/public-keys` names.
    func verifiers() async throws -> [NoteVerifier] {
        let answer = try await send(.get, "/v1/audit/public-keys")
        expectSafeHeaders(answer, "public keys")
        return try (answer.json["keys"]?.arrayValue ?? []).map { try NoteVerifier($0.stringValue ?? "") }
    }

    /// One of the newest checkpoints, its signature checked.
    func checkpoint(_ name: String) async throws -> Checkpoint {
        let note = try await send(.get, "/v1/tenants/acme/audit/checkpoint", bearer: key).json[name]?.stringValue ?? ""
        return try SignedNote(parsing: note).checkpoint(with: try await verifiers())
    }
}
