// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import PluginAPI
import Security
import Testing

@Suite("Bundled plugins")
struct BundledPluginsTests {
    /// The root of the package, from this file's own path.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let manifests: [URL] = ["plugins", "examples"].flatMap { folder -> [URL] in
        let folders = try? FileManager.default.contentsOfDirectory(at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
        return (folders ?? []).map { $0.appendingPathComponent("plugin.json") }.filter { FileManager.default.fileExists(atPath: $0.path) }
    }.sorted { $0.path < $1.path }

    @Test("there are some")
    func some() {
        #expect(Self.manifests.count >= 5)
    }

    @Test("each has a right manifest, in a folder of its id, with its entry and a README", arguments: manifests)
    func right(file: URL) throws {
        let folder = file.deletingLastPathComponent()

        let manifest = try UnverifiedManifest(Data(contentsOf: file), file: "\(folder.lastPathComponent)/plugin.json").validated(
            panel: SemanticVersion(0, 1, 0))

        #expect(manifest.id.description == folder.lastPathComponent)
        for name in [manifest.entry, "README.md"] {
            #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path), "\(name)")
        }
    }

    @Test("manifests shown in the documents are right", arguments: ["docs/plugin-api.md", "docs/writing-a-plugin.md"])
    func shown(path: String) throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
        let blocks = text.components(separatedBy: "```").enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
        let manifests = blocks.filter { $0.hasPrefix("json\n{") && $0.contains("\"manifest_version\"") }

        #expect(!manifests.isEmpty)
        for manifest in manifests { _ = try UnverifiedManifest(Array(manifest.dropFirst(5).utf8), file: path).validated() }
    }

    @Test("the plugin shown in README and reference is the one in examples")
    func hello() throws {
        let main = try String(contentsOf: Self.root.appendingPathComponent("examples/hello-plugin/main.lua"), encoding: .utf8)
        let code = try #require(main.range(of: "return {")).lowerBound

        for path in ["README.md", "docs/plugin-api.md"] {
            #expect(try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8).contains(main[code...]), "\(path)")
        }
    }
}
