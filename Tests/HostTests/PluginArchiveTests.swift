// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Sandbox
import Security
import Testing
import Values

@Suite("A plugin archive")
struct PluginArchiveTests {
    private let probe = TestPlugin(actions: ["hello": "return 'x'"])

    private func members() throws -> [UstarArchive.Member] { try UstarArchive(try probe.archive()).members }

    private func verify(_ members: [UstarArchive.Member], allowsUnsigned: Bool = true) throws -> PluginArchive {
        try PluginArchive(verifying: try UstarArchive(members: members).serialized(), allowsUnsigned: allowsUnsigned, panel: nil)
    }

    private func refusal(_ members: [UstarArchive.Member]) -> String {
        do {
            _ = try verify(members)
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    @Test("is the same content whether it is signed or not")
    func content() throws {
        let key = try Ed25519.PrivateKey.generate()

        let plain = try PluginArchive(verifying: try probe.archive(), allowsUnsigned: true, panel: nil)
        let signed = try PluginArchive(verifying: try probe.archive(signedBy: key), allowsUnsigned: false, panel: nil)

        #expect(plain.hash == signed.hash)
        #expect(plain.publicKey == nil)
        #expect(signed.publicKey == Base64.encode(key.publicKey))
        #expect(plain.files.map(\.name) == ["main.lua", "plugin.json"])
        #expect(plain.manifest.id.description == "probe")
    }

    @Test("is refused without a signature unless that is allowed")
    func unsigned() throws {
        #expect(throws: HostError.self) { try PluginArchive(verifying: try probe.archive(), allowsUnsigned: false, panel: nil) }
    }

    @Test("is refused when its list lies")
    func lyingList() throws {
        let good = try members()
        let list = try #require(good.firstIndex { $0.name == "files.sha256" })
        let main = try #require(good.firstIndex { $0.name == "main.lua" })

        var changed = good
        changed[main].content += Array("-- later".utf8)
        var extra = good
        extra.append(.init(name: "extra.lua", content: Array("return 1".utf8)))
        var missing = good
        missing.remove(at: main)
        var twice = good
        twice[list].content += Array(String(decoding: twice[list].content, as: UTF8.self).split(separator: "\n")[0].utf8) + [10]
        var form = good
        form[list].content = Array("nonsense\n".utf8)
        var none = good
        none.remove(at: list)

        #expect(refusal(changed).contains("“main.lua” is not the file that files.sha256 lists"))
        #expect(refusal(extra).contains("“extra.lua” is in the archive but not in files.sha256"))
        #expect(refusal(missing).contains("files.sha256 lists “main.lua”, which is not in the archive"))
        #expect(refusal(twice).contains("twice"))
        #expect(refusal(form).contains("files.sha256:1"))
        #expect(refusal(none).contains("no files.sha256"))
    }

    @Test("is refused when its signature does not fit")
    func signature() throws {
        let (key, other) = (try Ed25519.PrivateKey.generate(), try Ed25519.PrivateKey.generate())
        let good = try UstarArchive(try probe.archive(signedBy: key)).members
        let place = try #require(good.firstIndex { $0.name == "signature.json" })
        let list = try #require(good.first { $0.name == "files.sha256" }).content
        func with(_ value: Value) -> String {
            var members = good
            members[place].content = JSON.serialize(value)
            return refusal(members)
        }
        let signed = Base64.encode(try key.sign(list))

        #expect(with(["public_key": .string(Base64.encode(other.publicKey)), "signature": .string(signed)]).contains("does not belong"))
        #expect(
            with(["public_key": .string(Base64.encode(key.publicKey)), "signature": .string(Base64.encode(try key.sign([1])))]).contains(
                "does not belong"))
        #expect(with(["public_key": "AAAA", "signature": .string(signed)]).contains("signature.json"))
        #expect(with(["public_key": .string(Base64.encode(key.publicKey))]).contains("signature.json"))
        #expect(with([]).contains("signature.json"))
        var unrelated = probe
        unrelated.version = "9.9.9"
        var moved = try UstarArchive(try unrelated.archive()).members
        moved.append(good[place])
        #expect(refusal(moved).contains("does not belong"))
    }

    @Test("is refused for what no plugin holds")
    func kinds() throws {
        for (name, content) in [("run.sh", "#!/bin/sh"), ("lib.so", "x"), ("evil.lua", "\u{1B}Lua")] {
            let folder = PluginFolder(files: probe.folder.files + [.init(name: name, content: Array(content.utf8))])

            #expect(throws: ArchiveError.self, "\(name)") { try PluginArchive.pack(folder) }
        }
    }

    @Test("reports every problem of its manifest with its line")
    func manifest() throws {
        let text = probe.manifestText.replacing("\"notifier\"", with: "\"notifyer\"").replacing("\"1.0.0\"", with: "\"one\"")
        let folder = PluginFolder(files: [.init(name: "main.lua", content: []), .init(name: "plugin.json", content: Array(text.utf8))])

        let error = #expect(throws: HostError.self) {
            try PluginArchive(verifying: try PluginArchive.pack(folder), allowsUnsigned: true, panel: nil)
        }

        #expect(error?.code == .pluginInvalid)
        #expect((error?.fields.count ?? 0) >= 2)
        #expect(error?.fields.allSatisfy { $0.field.hasPrefix("plugin.json:") } == true)
    }

    @Test("is refused when its entry is not in it")
    func entry() throws {
        let folder = PluginFolder(files: [.init(name: "plugin.json", content: Array(probe.manifestText.utf8))])

        #expect(throws: HostError.self) { try PluginArchive(verifying: try PluginArchive.pack(folder), allowsUnsigned: true, panel: nil) }
    }
}

@Suite("Checking a plugin's folder", .timeLimit(.minutes(10)))
struct PluginCheckTests {
    private func check(_ plugin: TestPlugin) async throws -> PluginCheck {
        let sandbox = try await Rig.sandbox()
        let check = await PluginCheck(plugin.folder, sandbox: sandbox)
        await sandbox.shutdown()
        return check
    }

    @Test("finds nothing wrong with a good one")
    func good() async throws {
        let check = try await check(TestPlugin(actions: ["hello": "return 'x'"]))

        #expect(check.problems.isEmpty, "\(check.problems)")
        #expect(check.hints.isEmpty)
    }

    @Test("names the line of a syntax error")
    func syntax() async throws {
        let check = try await check(TestPlugin(mainText: "return {\n  send = function(ctx, req)\n    return {ok = }\n  end,\n}\n"))

        #expect(check.problems.map { "\($0.file):\($0.line)" } == ["main.lua:3"])
    }

    @Test("names operations that the program does not have")
    func operations() async throws {
        let check = try await check(TestPlugin(mainText: "return { validate_config = function() return {ok = true, warnings = {}} end }"))

        #expect(check.problems.count == 1)
        #expect(check.problems.first?.message.contains("send") == true)
    }

    @Test("points at settings that sound like secrets")
    func secrets() async throws {
        let plugin = TestPlugin(
            properties: [
                "api_key": ["type": "string"], "publishable_key": ["type": "string"], "password": ["type": "string", "x-secret": true],
            ],
            actions: ["hello": "return 'x'"])
        let check = try await check(plugin)

        #expect(check.problems.isEmpty)
        #expect(check.hints.map(\.message).filter { $0.contains("api_key") }.count == 1)
        #expect(check.hints.count == 1)
    }
}
