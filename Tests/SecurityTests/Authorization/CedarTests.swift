// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Security
import Testing
import Values

/// Cedar's own engine, from PyPI, when it is there.
enum Cedar {
    static let python = ProcessInfo.processInfo.environment["PANELHOST_TEST_PYTHON"]

    /// Puts each case's requests to its policies; answers `allow` and `deny`, or what was wrong.
    static func decide(_ cases: Value) throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: try #require(python))
        process.arguments = [
            "-c",
            """
            import cedarpy, json, sys
            answers = []
            for case in json.load(sys.stdin):
                for result in cedarpy.is_authorized_batch(case["requests"], case["policies"], case["entities"]):
                    errors = result.diagnostics.errors
                    answers.append(str(errors) if errors else "allow" if result.allowed else "deny")
            json.dump(answers, sys.stdout)
            """,
        ]
        let file = FileManager.default.temporaryDirectory.appending(path: "cedar-\(UUID().uuidString).json")
        try Data(JSON.serialize(cases)).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        process.standardInput = try FileHandle(forReadingFrom: file)
        let stdout = Pipe()
        process.standardOutput = stdout
        try process.run()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let value = try JSON.parse(Array(output), limits: ValueLimits(maxBytes: 8 << 20, maxDepth: 4, maxNodes: 100_000))
        return value.arrayValue?.compactMap(\.stringValue) ?? []
    }
}

@Suite("Cedar", .enabled(if: Cedar.python != nil, "PANELHOST_TEST_PYTHON is not set: 1 check skipped"))
struct CedarTests {
    /// Denials, inheritance, selectors of every kind, wildcards, and ends of rules and of roles.
    @Test("Cedar's engine decides 12,000 random questions about exported policies as this one does", arguments: [SeededGenerator.fresh()])
    func decisions(seed: UInt64) throws {
        print("CedarTests.decisions seed \(seed)")
        var generator = PolicyGenerator(seed: seed)
        var (cases, expected, questions) = ([Value](), [String](), [String]())
        for _ in 0..<100 {
            let policy = try generator.policy(rules: 14)
            let (snapshot, export) = (PolicySnapshot(policy), CedarExport(policy))
            let resources: [Resource?] =
                [nil]
                + (0..<10).map {
                    Resource(id: "thing:\($0)", owner: generator.resource()?.owner, attributes: generator.resource()?.attributes ?? [:])
                }
            var requests: [Value] = []
            for _ in 0..<120 {
                let (user, action, resource) = (
                    generator.pick(generator.users), Action(rawValue: generator.action()), generator.pick(resources)
                )
                let now = generator.now + Int64(generator.chance(3) ? 1 : 0)
                requests.append([
                    "principal": .string("User::\"\(user)\""), "action": .string("Action::\"\(action)\""),
                    "resource": .string("Resource::\"\(resource?.id ?? "")\""), "context": CedarExport.context(action, at: now),
                ])
                expected.append(snapshot.decide(snapshot.subject(user, at: now), action, on: resource) == .permitted ? "allow" : "deny")
                questions.append("\(user) \(action) on \(String(describing: resource)) at \(now) of \(JSON.text(policy.value))")
            }
            let entities = (export.entities.arrayValue ?? []) + resources.map { CedarExport.entity($0) }
            cases.append(["policies": .string(export.policies), "entities": .array(entities), "requests": .array(requests)])
        }

        let answers = try Cedar.decide(.array(cases))
        #expect(answers.count == 12_000 && expected.count == 12_000, "seed \(seed)")
        let allowed = expected.count { $0 == "allow" }
        #expect(allowed > 1000 && allowed < 11_000, "seed \(seed): \(allowed) allowed")
        for (index, pair) in zip(answers, expected).enumerated() where pair.0 != pair.1 {
            Issue.record("seed \(seed): Cedar says \(pair.0), this engine \(pair.1): \(questions[index])")
            return
        }
    }
}
