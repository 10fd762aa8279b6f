// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Testing

@Suite("A ustar archive")
struct UstarArchiveTests {
    private func good() throws -> [UInt8] {
        try UstarArchive(members: [
            .init(name: "plugin.json", content: Array("{}".utf8)), .init(name: "lib/a.lua", content: [UInt8](repeating: 65, count: 700)),
        ]).serialized()
    }

    /// Changes header bytes of the first member and mends the checksum, as an attacker's own writer would.
    private func forged(_ change: (inout [UInt8]) -> Void) throws -> [UInt8] {
        var bytes = try good()
        var header = Array(bytes[0..<512])
        change(&header)
        header.replaceSubrange(148..<156, with: [UInt8](repeating: 0x20, count: 8))
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        header.replaceSubrange(148..<156, with: Array((String(repeating: "0", count: 6 - sum.count) + sum).utf8) + [0, 0x20])
        bytes.replaceSubrange(0..<512, with: header)
        return bytes
    }

    private func named(_ name: String) throws -> [UInt8] {
        try forged { header in
            header.replaceSubrange(0..<100, with: Array(name.utf8) + [UInt8](repeating: 0, count: 100 - name.utf8.count))
        }
    }

    @Test("reads what it writes, and writes the same bytes for the same files")
    func roundTrip() throws {
        let archive = try UstarArchive(try good())

        #expect(archive.members.map(\.name) == ["plugin.json", "lib/a.lua"])
        #expect(archive.members.map(\.content.count) == [2, 700])
        #expect(try archive.serialized() == (try good()))
    }

    @Test(
        "is refused when a name could leave the folder or mean something else",
        arguments: [
            "../plugin.json", "a/../../b", "/etc/passwd", "a/..", "..", "./../x", "a//b", "a/./b", "a/", ".hidden", "a/.b", "a b", "a\\b",
            "C:evil", "aé",
            "a\u{1}b", "-\u{7F}",
        ])
    func names(name: String) throws {
        let bytes = try named(name)

        #expect(throws: ArchiveError.self) { try UstarArchive(bytes) }
    }

    @Test("is refused when it holds anything but plain files", arguments: ["1", "2", "3", "4", "6", "7", "x", "g", "L", "K", "S", "A"])
    func types(type: String) throws {
        let bytes = try forged { $0[156] = Array(type.utf8)[0] }

        #expect(throws: ArchiveError.self) { try UstarArchive(bytes) }
    }

    @Test("is refused when two members have one name, in whatever case, or a file is a folder too")
    func duplicates() throws {
        for (first, second) in [("a.lua", "a.lua"), ("A.lua", "a.lua"), ("a", "a/b.lua")] {
            let bytes = try UstarArchive(members: [.init(name: first, content: [1]), .init(name: second, content: [2])]).serialized()

            #expect(throws: ArchiveError.self) { try UstarArchive(bytes) }
        }
    }

    @Test("is refused when it is cut off at any block, or followed by something")
    func truncated() throws {
        let bytes = try good()
        for length in stride(from: 0, to: bytes.count, by: 512) {
            #expect(throws: ArchiveError.self, "cut at \(length)") { try UstarArchive(Array(bytes[..<length])) }
        }
        #expect(throws: ArchiveError.self) { try UstarArchive(bytes + [1]) }
        #expect(throws: ArchiveError.self) { try UstarArchive(Array(bytes.dropLast(1))) }
    }

    @Test("is refused when a size is not what it says")
    func sizes() throws {
        let size: (String) throws -> [UInt8] = { text in
            try self.forged { $0.replaceSubrange(124..<136, with: Array(text.utf8)) }
        }
        for text in ["77777777777\0", "00000000001\0", "00000002000\0", "-0000000001\0", "           \0", "00000000008\0", "0000000000x\0"]
        {
            let bytes = try size(text)
            #expect(throws: ArchiveError.self, "\(text)") { try UstarArchive(bytes) }
        }
        // GNU tar's base-256 form.
        let binary = try forged { $0[124] = 0x80 }
        #expect(throws: ArchiveError.self) { try UstarArchive(binary) }
    }

    @Test("is refused beyond its limits")
    func limits() throws {
        let many = try UstarArchive(members: (0..<65).map { .init(name: "f\($0).lua", content: []) }).serialized()
        let large = try UstarArchive(members: [.init(name: "a.lua", content: [UInt8](repeating: 1, count: 128 * 1024 + 1))]).serialized()
        let total = try UstarArchive(members: (0..<9).map { .init(name: "f\($0).lua", content: [UInt8](repeating: 1, count: 120 * 1024)) })
            .serialized()

        for bytes in [many, large, total] {
            #expect(throws: ArchiveError.self) { try UstarArchive(bytes) }
        }
    }

    @Test("is refused when a checksum, the magic or anything in it is broken")
    func broken() throws {
        let bytes = try good()
        for index in [0, 100, 148, 257, 263, 344] {
            var changed = bytes
            changed[index] ^= 0x5A
            #expect(throws: ArchiveError.self, "byte \(index)") { try UstarArchive(changed) }
        }
        #expect(throws: ArchiveError.self) { try UstarArchive(Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 2000)) }
        #expect(throws: ArchiveError.self) { try UstarArchive([]) }
    }
}
