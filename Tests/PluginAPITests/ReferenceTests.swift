// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import PluginAPI
import Testing
import Values

/// `docs/` is made from the tables.
///
/// To write it again: `PANELHOST_WRITE_DOCS=1 swift test --filter Reference`.
@Suite("Reference")
struct ReferenceTests {
    static let documents: [(String, @Sendable () -> String)] = [
        ("docs/plugin-api.md", { Reference.markdown() }), ("docs/panelhost.lua", { Reference.luaStub() }),
        ("docs/lua.md", { Reference.lua() }),
    ]

    @Test("the documents in docs/ are what the tables say", arguments: [0, 1, 2])
    func drift(index: Int) throws {
        let (path, make) = Self.documents[index]
        let file = BundledPluginsTests.root.appendingPathComponent(path)
        let text = make()

        if ProcessInfo.processInfo.environment["PANELHOST_WRITE_DOCS"] == "1" { try Data(text.utf8).write(to: file) }
        let stored = try? String(contentsOf: file, encoding: .utf8)

        let isCurrent = stored == text  // apart from the expectation, which would print both documents
        #expect(isCurrent, "\(path) is out of date; run: PANELHOST_WRITE_DOCS=1 swift test --filter Reference")
    }

    @Test("every global that a plugin can reach is described, and nothing else")
    func globals() throws {
        let list = try String(contentsOf: BundledPluginsTests.root.appendingPathComponent("docs/sandbox-globals.txt"), encoding: .utf8)
        let reviewed = list.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
            $0.split(separator: " ").first.map(String.init)
        }
        let described = LuaEnvironment.groups.flatMap(\.entries).map(\.name)

        #expect(Set(reviewed).subtracting(described) == [], "no entry in LuaEnvironment")
        #expect(Set(described).subtracting(reviewed) == [], "no such global")
        #expect(described.count == Set(described).count)
    }

    @Test("the reference names every operation and every function")
    func complete() {
        let page = Reference.markdown()
        let stub = Reference.luaStub()

        for kind in PluginKind.allCases {
            for operation in Operation.all(for: kind) {
                #expect(page.contains("### \(operation.name)\n"))
                #expect(stub.contains("---@alias panelhost.operation.\(kind.rawValue).\(operation.name) "))
            }
        }
        for function in HostFunctions.all {
            #expect(page.contains("#### ctx.\(function.name)("))
            #expect(stub.contains("function \(function.name)("))
        }
    }

    @Test("every example answer keeps the contract")
    func examples() throws {
        for operation in PluginKind.allCases.flatMap(Operation.all) {
            guard let example = operation.exampleAnswer else {
                #expect(operation.result.fields.isEmpty || operation.name == "verify_webhook", "\(operation.name) has no example")
                continue
            }
            guard case .success(let value) = try PluginAnswer(example, to: operation) else {
                Issue.record("\(operation.name) is no success")
                continue
            }
            // Nothing in it was unknown.
            #expect(value.mapValue?.count == (example.mapValue?.count ?? 0) - 1, "\(operation.name)")
            for event in value["events"]?.arrayValue ?? [] { _ = try WebhookEvent(validating: event) }
        }
    }

    @Test("every link inside the reference leads somewhere")
    func links() {
        let page = Reference.markdown()
        let headings = Set(
            page.split(separator: "\n").filter { $0.hasPrefix("#") }.map { Reference.anchor(String($0.drop { $0 == "#" || $0 == " " })) })

        for part in page.split(separator: "](#").dropFirst() {
            let target = String(part.prefix { $0 != ")" })
            #expect(headings.contains(target), "\(target)")
        }
    }
}
