// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Security
import Testing
import Values

@Suite("Audit catalogue")
struct AuditCatalogueTests {
    /// Dotted names in the sources that look like events and are none.
    private static let others: Set<String> = ["plugin.json"]

    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Sources")
        .standardizedFileURL

    private static func eachSource(_ body: (_ path: String, _ text: String) -> Void) throws {
        let paths = FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String } ?? []
        // The contract with plugins and the sandbox know no audit; their dotted names are operations and panel events.
        let isForeign = { (path: String) in ["PluginAPI/", "Sandbox/", "Values/"].contains { path.hasPrefix($0) } }
        for path in paths where path.hasSuffix(".swift") && !path.hasSuffix("AuditCatalogue.swift") && !isForeign(path) {
            body(path, try String(contentsOf: sources.appending(path: path), encoding: .utf8))
        }
    }

    @Test("every action that a permit can be for has its type")
    func permits() {
        for action in Action.known { #expect(AuditCatalogue.type(action: action.rawValue) != nil, "\(action)") }
    }

    @Test("every event that the sources name has its type", .enabled(if: FileManager.default.fileExists(atPath: sources.path)))
    func named() throws {
        let known = Set(AuditCatalogue.types.map(\.name))
        let subjects = Set(known.map { $0.prefix { $0 != "." } })
        var (found, missing) = (Set<String>(), Set<String>())
        try Self.eachSource { path, text in
            // A name as a literal, about something that events are about, or where an event is made.
            for match in text.matches(of: /(action: |audit\(\s*|Action\(rawValue: )?"([a-z_]+(?:\.[a-z_]+)+)"/) {
                let name = String(match.2)
                guard match.1 != nil || subjects.contains(name.prefix { $0 != "." }), !Self.others.contains(name) else { continue }
                found.insert(name)
                if !known.contains(name) { missing.insert("\(path): \(name)") }
            }
            // A name that is put together: its beginning must be that of known ones.
            for match in text.matches(of: /(?:action: |audit\(\s*|[?:] |= )"([a-z_]+\.)\\\(/) where subjects.contains(match.1.dropLast()) {
                if !known.contains(where: { $0.hasPrefix(match.1) }) { missing.insert("\(path): \(match.1)…") }
            }
        }
        #expect(missing == [], "each of these needs a line in AuditCatalogue.swift")
        #expect(found.count >= 40, "\(found.sorted())")
    }

    @Test(
        "every state that an event is named after has its type",
        .enabled(if: FileManager.default.fileExists(atPath: sources.appending(path: "Host/Payments/PaymentStatus.swift").path)))
    func states() throws {
        let text = try String(contentsOf: Self.sources.appending(path: "Host/Payments/PaymentStatus.swift"), encoding: .utf8)
        for (name, prefix) in [("PaymentStatus", "payment"), ("RefundStatus", "refund")] {
            let start = try #require(text.range(of: "public enum \(name):")).upperBound
            let cases = text[start...].prefix { $0 != "}" }.matches(of: /case ([a-z]+)\n|case [a-zA-Z]+ = "([a-z_]+)"/).map {
                $0.1 ?? $0.2 ?? ""
            }
            #expect(cases.count >= 7)
            for state in cases where state != "review" {
                #expect(AuditCatalogue.type(action: "\(prefix).\(state)") != nil, "\(prefix).\(state)")
            }
        }
    }

    @Test("names are unique, in order, and refine actions that exist")
    func consistent() {
        let names = AuditCatalogue.types.map(\.name)
        #expect(Set(names).count == names.count && names == names.sorted())
        for type in AuditCatalogue.types {
            #expect(type.summary.hasSuffix(".") && (type.refines.map { AuditCatalogue.type(action: $0) != nil } ?? true))
            #expect(type.name.wholeMatch(of: /[a-z_]+(\.[a-z_]+)+/) != nil)
        }
    }

    @Test("a detail chooses only among names that refine the action")
    func refinement() {
        #expect(AuditCatalogue.type(action: "plugin.invoke.two_factor", event: "two_factor.locked")?.owasp == "authn_login_lock")
        #expect(AuditCatalogue.type(action: "webhook.received", event: "session.sign_in")?.name == "webhook.received")
        #expect(AuditCatalogue.type(action: "webhook.received", event: "two_factor.locked")?.name == "webhook.received")
        #expect(AuditCatalogue.type(action: "two_factor.locked") == nil && AuditCatalogue.type(action: "no.such") == nil)
    }
}
