// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Values

/// Public test vectors, kept outside of the project.
enum Corpora {
    static let root: URL = {
        if let path = ProcessInfo.processInfo.environment["PANELHOST_CORPORA"] { return URL(filePath: path) }
        let beside = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../../shared/corpora").standardizedFileURL
        if FileManager.default.fileExists(atPath: beside.path) { return beside }
        return URL(filePath: FileManager.default.currentDirectoryPath).appending(path: "../shared/corpora").standardizedFileURL
    }()

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// The groups of one Wycheproof file, each with its tests.
    static func wycheproof(_ name: String) throws -> [Value] {
        let data = try Data(contentsOf: root.appending(path: "wycheproof/\(name)"))
        let limits = ValueLimits(maxBytes: 64 * 1024 * 1024, maxDepth: 16, maxNodes: 5_000_000)
        return try JSON.parse(Array(data), limits: limits)["testGroups"]?.arrayValue ?? []
    }
}

extension Value {
    func hex(_ name: String) throws -> [UInt8] {
        guard let bytes = self[name]?.stringValue.flatMap({ Hex.decode($0) }) else { throw MissingMember(name: name) }
        return bytes
    }

    func text(_ name: String) throws -> String {
        guard let text = self[name]?.stringValue else { throw MissingMember(name: name) }
        return text
    }

    func number(_ name: String) throws -> Int {
        guard let number = self[name]?.intValue else { throw MissingMember(name: name) }
        return Int(number)
    }
}

struct MissingMember: Error {
    let name: String
}
