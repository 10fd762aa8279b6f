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

/// What changes something leaves an event, and so does what was refused; worked out from the route table.
@Suite("Audit coverage", .timeLimit(.minutes(10)))
struct AuditCoverageTests {
    private static let mutating = RouteTable.panel.routes.filter(\.changesState)

    @Test("every operation that changes something writes an event of a known kind when it succeeds")
    func successes() async throws {
        let missing = Self.mutating.filter { MutationExamples.all[$0.operation] == nil }.map {
            "\($0.name): it changes something, and nothing shows that it leaves an audit event; add a good call under \"\($0.operation)\" to MutationExamples.all"
        }
        #expect(missing.isEmpty, "\(missing.joined(separator: "\n"))")
        let superfluous = Set(MutationExamples.all.keys).subtracting(Self.mutating.map(\.operation))
        #expect(superfluous.isEmpty, "no operation is called \(superfluous.sorted()): take them out of MutationExamples.all")
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            for route in Self.mutating {
                guard let example = MutationExamples.all[route.operation] else { continue }
                let answer = try await example(stage)
                #expect((200..<300).contains(answer.status), "\(route.name): \(answer.status) \(answer.text.prefix(300))")
                let events = try await panel.events(correlation: answer.headers["panelhost-correlation-id"].first ?? "")
                #expect(!events.isEmpty, "\(route.name) wrote no audit event")
                for event in events {
                    let (action, detail) = (try event.text("action"), try JSON.parse(Array(try event.text("detail").utf8)))
                    let type = AuditCatalogue.type(action: action, event: detail["event"]?.stringValue)
                    #expect(type != nil, "\(route.name): the catalogue has no \(action)")
                }
            }
        }
    }

    @Test("every operation that changes something and is refused writes a denial, and nothing else")
    func refusals() async throws {
        try await Panel.with { panel in
            let key = try await panel.key(for: panel.acme, ["test.nothing"])
            for route in Self.mutating {
                guard case .permission(let action) = route.access else { continue }
                try await panel.unchanged(auditing: 1, route.name) {
                    let answer = try await panel.send(route, bearer: key)
                    #expect(answer.status == 403, "\(route.name): \(answer.text.prefix(300))")
                    let events = try await panel.events(correlation: answer.headers["panelhost-correlation-id"].first ?? "")
                    let (outcomes, actions) = (try events.map { try $0.text("outcome") }, try events.map { try $0.text("action") })
                    #expect(outcomes == ["denied"] && actions == [action.rawValue], "\(route.name): \(actions) \(outcomes)")
                }
            }
        }
    }

    @Test("the catalogue knows every kind of event that the guidelines name, and every permission")
    func catalogue() {
        for name in [
            "session.sign_in", "session.sign_out", "session.own", "user.manage", "role.manage", "tenant.manage", "plugin.install",
            "plugin.uninstall", "plugin.enable", "plugin.configure", "plugin.approve_capabilities", "user.factor.reset",
        ] + Action.known.map(\.rawValue) {
            #expect(AuditCatalogue.type(action: name) != nil, "the catalogue has no \(name)")
        }
    }
}

extension Panel {
    /// The events of one request, in all trails.
    func events(correlation: String) async throws -> [Row] {
        try await database.platformRead(authority.platform("tests")) { tx in
            try tx.query("SELECT * FROM audit_events WHERE correlation = $1 ORDER BY id", [.text(correlation)])
        }
    }
}
