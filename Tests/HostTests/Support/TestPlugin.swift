// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Values

/// A notifier whose `send` does what a test asks for: each function of `main.lua` is one thing a plugin may do.
struct TestPlugin {
    var id = "probe"
    var version = "1.0.0"
    var capabilities: Value = [:]
    var properties: Value = [:]
    var required: [String] = []
    var operations = ["validate_config", "send"]
    var limits: Value = ["wall_ms": 5000]
    var idempotency: Value = ["style": "header", "name": "Idempotency-Key"]
    /// Lua functions by name: `echo = "return 'x'"`; the body sees `ctx` and `with`, and returns a text.
    var actions: [String: String] = [:]
    var mainText: String?
    /// Members of the manifest in place of a notifier's; null takes one away.
    var manifestMembers: [String: Value] = [:]

    var manifestText: String {
        let notifier: [String: Value] =
            [
                "manifest_version": 1, "id": .string(id), "name": "Probe", "version": .string(version), "description": "For tests.",
                "author": "Tests", "license": "MIT", "host_api": "1", "kind": "notifier", "entry": "main.lua",
                "operations": Value(operations),
                "capabilities": capabilities, "config_schema": ["type": "object", "properties": properties, "required": Value(required)],
                "limits": limits, "notifier": ["channel": "webhook", "formats": ["text"], "idempotency": idempotency],
            ]
        return JSON.text(.map(notifier.merging(manifestMembers) { _, own in own }.filter { !$0.value.isNull }), pretty: true)
    }

    var main: String {
        if let mainText { return mainText }
        let functions = actions.sorted { $0.key < $1.key }.map { "\($0.key) = function(ctx, with) \($0.value) end," }
        return """
            local actions = { \(functions.joined(separator: "\n")) }
            return {
              validate_config = function(ctx, req)
                if actions.validate then actions.validate(ctx) end
                return { ok = true, warnings = panel.array{} }
              end,
              send = function(ctx, req)
                local text = actions[req["do"]](ctx, req.with)
                if type(text) == "table" then return text end
                return { ok = true, status = "accepted", provider_message_ids = { text or "nil" } }
              end,
            }
            """
    }

    var folder: PluginFolder {
        PluginFolder(files: [
            .init(name: "main.lua", content: Array(main.utf8)), .init(name: "plugin.json", content: Array(manifestText.utf8)),
        ])
    }

    func archive(signedBy key: Ed25519.PrivateKey? = nil) throws -> [UInt8] { try PluginArchive.pack(folder, signedBy: key) }
}
