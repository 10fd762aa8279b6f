// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import PluginAPI
import Sandbox
import Values

/// A plugin's folder, with its transcripts.
struct PluginUnderTest: Sendable, CustomStringConvertible {
    let folder: String

    /// The plugins under `plugins/`.
    static let bundled: [PluginUnderTest] = {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        return plugins(in: here.appending(path: "../../plugins").standardized.path(percentEncoded: false))
    }()

    /// The bundled plugins, or what `PANELHOST_PLUGINS` names: a plugin's folder, or a folder of plugins.
    static let all = ProcessInfo.processInfo.environment["PANELHOST_PLUGINS"].map { plugins(in: $0) } ?? bundled

    private static func plugins(in folder: String) -> [PluginUnderTest] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return ([folder] + entries.sorted().map { "\(folder)/\($0)" }).map(PluginUnderTest.init).filter {
            FileManager.default.fileExists(atPath: "\($0.folder)/plugin.json")
        }
    }

    var description: String { String(folder.split(separator: "/").last ?? "") }

    func manifest() throws -> Manifest {
        try UnverifiedManifest(try bytes("plugin.json"), file: "\(self)/plugin.json").validated()
    }

    /// The Lua files, as an archive would carry them.
    func program(entry: String) throws -> Program {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".lua") && !$0.hasPrefix("tests/") }
        return Program(hash: description, entry: entry, files: try names.sorted().map { ($0, try bytes($0)) })
    }

    func transcripts() throws -> [TranscriptCase] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/tests").filter { $0.hasSuffix(".json") }
        return try names.sorted().flatMap { try TranscriptCase.read(try bytes("tests/\($0)"), file: "\(self)/tests/\($0)") }
    }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))) }
}
