// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Security
import Storage

/// What an operator means by a plugin that has to stop: one content, one version, or everything under a name.
package enum ProgramName: Sendable, Hashable, CustomStringConvertible {
    /// A content by its hash, installed or not.
    case hash(String)
    /// An installed version, or all of them.
    case plugin(PluginID, version: String?)

    /// Reads `HASH`, `ID@VERSION` or `ID`; nil when it is none of them.
    package init?(_ text: String) {
        if text.utf8.count == 64, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) {
            self = .hash(text)
            return
        }
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let id = parts.first.flatMap({ PluginID(String($0)) }) else { return nil }
        guard parts.count == 2 else {
            self = .plugin(id, version: nil)
            return
        }
        guard let version = SemanticVersion(String(parts[1])) else { return nil }
        self = .plugin(id, version: version.description)
    }

    /// As it is written.
    package var description: String {
        switch self {
        case .hash(let hash): hash
        case .plugin(let id, let version): version.map { "\(id)@\($0)" } ?? id.description
        }
    }

    /// The contents that are meant, each with the name under which it is installed.
    func programs(in catalogue: PluginCatalogue) throws -> [(hash: String, label: String)] {
        let all = try catalogue.all()
        switch self {
        case .hash(let hash):
            return [(hash, all.first { $0.hash == hash }.map { "\($0.id) \($0.version)" } ?? "a program that is not installed")]
        case .plugin(let id, let version):
            let meant = all.filter { $0.id == id && (version == nil || $0.version == version) }
            guard !meant.isEmpty else { throw HostError(.notFound, "\(self) is not installed on this host") }
            return meant.map { ($0.hash, "\($0.id) \($0.version)") }
        }
    }
}
