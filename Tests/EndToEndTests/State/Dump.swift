// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Testing
import Values

/// Everything that a database has stored, as its superuser or the owner of its files sees it.
struct Dump {
    let bytes: Data

    /// Which of these texts are in it: as they are, in hex, or in base64 whatever they stand behind.
    func finds(_ texts: [String]) -> [String] {
        texts.filter { text in Self.forms(of: text).contains { bytes.range(of: Data($0.utf8)) != nil } }
    }

    private static func forms(of text: String) -> [String] {
        let bytes = Array(text.utf8)
        // Base64 of the same bytes differs by where they begin; what the neighbours have a part in is left out.
        let base64 = (0..<3).compactMap { shift -> String? in
            let encoded = Base64.encode([UInt8](repeating: 0, count: shift) + bytes)
            let inner = encoded.dropFirst(shift == 0 ? 0 : 4).prefix { $0 != "=" }.dropLast(4)
            return inner.count >= 8 ? String(inner) : nil
        }
        return [text, Hex.encode(bytes)] + base64
    }
}

extension House {
    /// `pg_dump` by the superuser, or the files of SQLite with their log.
    func dump() async throws -> Dump {
        guard let postgres else {
            return Dump(
                bytes: ["panelhost.sqlite", "panelhost.sqlite-wal", "panelhost.sqlite-shm"].reduce(into: Data()) { all, name in
                    all += FileManager.default.contents(atPath: world.data + "/" + name) ?? Data()
                    all.append(0)
                })
        }
        let file = world.folder + "/dump-\(UUID().uuidString).sql"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let process = try ChildProcess(["\(PostgresServer.programs ?? "")/pg_dump", "-f", file, postgres.url])
        let code = await process.exitCode()
        try #require(code == 0, "\(process.output)")
        return Dump(bytes: try Data(contentsOf: URL(fileURLWithPath: file)))
    }
}
