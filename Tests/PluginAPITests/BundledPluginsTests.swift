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

        let manifest = try UnverifiedManifest(Data(contentsOf: file), file: "\(folder.lastPathComponent)/plugin.json").validated(panel: SemanticVersion(0, 1, 0))

        #expect(manifest.id.description == folder.lastPathComponent)
        for name in [manifest.entry, "README.md"] { #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path), "\(name)") }
    }
}
