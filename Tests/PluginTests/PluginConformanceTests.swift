// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Logging
import PluginAPI
import Sandbox
import Testing
import Values

@Suite("Plugins", .timeLimit(.minutes(10)))
struct PluginConformanceTests {
    @Test("the bundled plugins are here")
    func areThere() {
        #expect(PluginUnderTest.bundled.map(\.description) == ["slack", "sms-twilio", "stripe", "webhook"])
    }

    @Test("a plugin is complete and its manifest is right", arguments: PluginUnderTest.all)
    func isComplete(plugin: PluginUnderTest) throws {
        let manifest = try plugin.manifest()

        #expect("\(manifest.id)" == "\(plugin)")
        #expect(try plugin.program(entry: manifest.entry).files.contains { $0.name == manifest.entry })
        #expect(try !plugin.bytes("README.md").isEmpty)
    }

    @Test("every operation that a plugin declares has a transcript", arguments: PluginUnderTest.all)
    func isCovered(plugin: PluginUnderTest) throws {
        let played = Set(try plugin.transcripts().map(\.operation))

        #expect(try plugin.manifest().operations.filter { !played.contains($0) } == [])
    }

    @Test("a plugin says to its provider and to the host what its transcripts say", arguments: PluginUnderTest.all)
    func plays(plugin: PluginUnderTest) async throws {
        try await withPlayer(of: plugin) { player in
            for transcript in try plugin.transcripts() {
                for problem in try await player.play(transcript) { Issue.record("\(transcript.name): \(problem)") }
            }
        }
    }

    @Test("what is not as the transcript says is noticed", arguments: PluginUnderTest.bundled.prefix(1))
    func notices(plugin: PluginUnderTest) async throws {
        let transcript = try #require(try plugin.transcripts().first { $0.exchanges.count == 1 })
        var otherResult = transcript, otherRequest = transcript, noExchange = transcript, oneMore = transcript, otherSecret = transcript
        otherResult.result = ["ok": true]
        otherRequest.exchanges[0].request["url"] = "https://example.com/"
        noExchange.exchanges = []
        oneMore.exchanges += transcript.exchanges
        otherSecret.exchanges[0].request["headers"] = ["authorization": .secret(SecretUse(name: "other"))]

        try await withPlayer(of: plugin) { player in
            let problems = try await player.play(transcript)
            #expect(problems == [])
            for wrong in [otherResult, otherRequest, noExchange, oneMore, otherSecret] {
                let problems = try await player.play(wrong)
                #expect(problems != [])
            }
        }
    }

    private func withPlayer(of plugin: PluginUnderTest, _ body: (TranscriptPlayer) async throws -> Void) async throws {
        let manifest = try plugin.manifest()
        let cell = try #require(SandboxConfiguration.locateCell(), "SandboxCell is not built: swift build --product SandboxCell")
        let sandbox = try await Sandbox.start(
            SandboxConfiguration(cellExecutable: cell), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        do {
            try await body(TranscriptPlayer(sandbox: sandbox, manifest: manifest, program: try plugin.program(entry: manifest.entry)))
        } catch {
            await sandbox.shutdown()
            throw error
        }
        await sandbox.shutdown()
    }
}
