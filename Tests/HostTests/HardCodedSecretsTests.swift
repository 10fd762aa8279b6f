// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Testing

@Suite("Credentials in a plugin's files", .timeLimit(.minutes(1)))
struct HardCodedSecretsTests {
    private func found(_ text: String, in file: String = "main.lua") -> HardCodedSecrets {
        HardCodedSecrets(in: [.init(name: file, content: Array(text.utf8))])
    }

    /// Put together here, so that no scanner takes this file for a leak.
    private static let credentials: [String] = [
        "sk_" + "live_" + String(repeating: "a1", count: 12), "AK" + "IA" + "IOSFODNN7EXAMPLE",
        "gh" + "p_" + String(repeating: "x", count: 36),
        "xo" + "xb-" + String(repeating: "7", count: 24), "hooks.slack.com/services/" + "T00000000/B00000000",
        "-----BEGIN " + "PRIVATE KEY-----", "ph_" + "live_" + String(repeating: "k", count: 60),
    ]

    @Test("of a known form are found in every file, by line, and never shown", arguments: credentials)
    func forms(credential: String) {
        for (file, text) in [
            ("main.lua", "return {}\n-- \(credential)\n"), ("notes.md", "key:\n\(credential)"), ("plugin.json", "\n\"\(credential)\""),
        ] {
            let found = found(text, in: file)
            #expect(found.certain.map { "\($0.file):\($0.line)" } == ["\(file):2"])
            #expect(!found.certain.contains { "\($0)".contains(credential.suffix(12)) })
        }
    }

    @Test("are not seen in words that only begin like one")
    func words() {
        let text = "local task_live_view = 1 -- sk_live_, whsec_, desk_live_0123456789abcdef0123\nlocal a = 'AKIA'"
        #expect(found(text).certain.isEmpty)
    }

    @Test("are probable where a name says so and the text could be one")
    func names() {
        let text = """
            local api_token = "a8f5f167f44f4964e6c998dee827110c"
            local t = { password = 'correct4horse5battery', ["client_secret"] = "0123456789abcdef", title = "0123456789abcdef" }
            local token = "please enter 1 token"
            local secret = ctx.secret.url
            """
        #expect(found(text).probable.map(\.line) == [1, 2, 2])
        #expect(found(text).certain.isEmpty)
    }

    @Test("are a problem of the plugin when it is checked")
    func check() async throws {
        let plugin = TestPlugin(mainText: "return {} -- " + Self.credentials[0])
        let check = await PluginCheck(plugin.folder, sandbox: nil)
        #expect(check.problems.contains { $0.message.contains("Stripe") })
    }
}
