// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import Security
import Storage
import Testing
import Values

@Suite("The format of backups")
struct BackupFormatTests {
    /// Some chunks of content, made once: a build without optimisation takes its time.
    private static let shared: (key: BackupKey, bytes: [UInt8]) = {
        // swift-format-ignore: NeverUseForceTry
        let key = try! BackupKey.random()
        // swift-format-ignore: NeverUseForceTry
        return (key, try! backup(key))
    }()

    private var key: BackupKey { Self.shared.key }
    private var bytes: [UInt8] { Self.shared.bytes }

    /// A backup with rows of about a hundred bytes.
    private static func backup(_ key: BackupKey, rows: Int = 2_600) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let header = BackupHeader(
            engine: "sqlite", schema: 1, installation: "i", createdAt: 5, key: key.id, salt: SecureRandom.bytes(32))
        let writer = try BackupWriter(header, key: key) { bytes += $0 }
        try writer.begin(BackupContents(migrations: [], tables: ["a"], audit: []))
        try writer.begin(table: "a", columns: ["id", "text", "n", "d", "b"])
        for number in 0..<rows {
            try writer.row([
                .int(Int64(number)), .text(String(repeating: "x", count: 80)), .null, .double(number == 0 ? -.infinity : 1),
                .blob([0, 255]),
            ])
        }
        try writer.end(table: "a")
        _ = try writer.finish()
        return bytes
    }

    @Test("what is written is read again, with the type of every column")
    func roundTrip() throws {
        var rows: [[SQLValue]] = []
        var at = 0
        let reader = try BackupReader(key: key) { most in
            // In pieces of odd sizes, as a pipe gives them.
            let end = min(bytes.count, at + min(most, 1_013))
            defer { at = end }
            return Array(bytes[at..<end])
        }
        let summary = try reader.records { if case .row(let values) = $0 { rows.append(values) } }
        #expect(summary.rows == ["a": 2_600] && rows.count == 2_600)
        #expect(rows[0] == [0, .text(String(repeating: "x", count: 80)), nil, .double(-.infinity), .blob([0, 255])])
        #expect(rows[1][3] == .double(1))
    }

    @Test("every changed bit of the header is found, and a changed bit in every byte of the rest")
    func flips() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Steps(seed: seed)
        let bytes = try Self.backup(key, rows: 12)
        let start = try #require(bytes.indices.filter { bytes[$0] == 0x0A }.dropFirst().first) + 1
        for place in bytes.indices {
            for bit in place < start ? Array(0..<8) : [Int(random.next() % 8)] {
                var changed = bytes
                changed[place] ^= UInt8(1 << bit)
                #expect(backupCode { try verify(changed, key: key) } != nil, "byte \(place), bit \(bit), seed \(seed)")
            }
        }
    }

    @Test("a file that was cut is found at every border of a chunk, beside it, and in the header")
    func truncation() throws {
        let start = try #require(bytes.indices.filter { bytes[$0] == 0x0A }.dropFirst().first) + 1
        var borders = Array(stride(from: start, to: bytes.count, by: 65_552))
        #expect(borders.count >= 4)
        borders += borders.flatMap { [$0 - 1, $0 + 1] } + [0, 1, bytes.count - 1]
        for border in borders {
            let code = backupCode { try verify(Array(bytes[..<border]), key: key) }
            #expect(code == .truncated || code == .damaged, "cut at \(border)")
        }
        #expect(backupCode { try verify(Array(bytes[..<(start + 65_552)]), key: key) } == .truncated)
        #expect(backupCode { try verify(bytes + [0], key: key) } != nil)
        #expect(backupCode { try verify(bytes + bytes[start...], key: key) } != nil)
    }

    @Test("chunks that were moved, repeated or left out are found")
    func order() throws {
        let start = try #require(bytes.indices.filter { bytes[$0] == 0x0A }.dropFirst().first) + 1
        let header = Array(bytes[..<start])
        let chunks = stride(from: start, to: bytes.count, by: 65_552).map { Array(bytes[$0..<min(bytes.count, $0 + 65_552)]) }
        #expect(throws: Never.self) { try verify(header + chunks.joined(), key: key) }
        var swapped = chunks
        swapped.swapAt(0, 1)
        for other in [
            swapped, [chunks[0]] + chunks, Array(chunks.dropFirst()), [chunks[0]] + chunks.dropFirst(2),
            chunks + [chunks[chunks.count - 1]],
        ] {
            #expect(backupCode { try verify(header + other.joined(), key: key) } != nil)
        }
        // Of another backup under the same key.
        let stranger = try Self.backup(key)
        #expect(backupCode { try verify(header + stranger[start...], key: key) } == .damaged)
    }

    @Test("another key is named and opens nothing, even when the header claims that it fits")
    func wrongKey() throws {
        let other = try BackupKey.random()
        #expect(backupCode { try verify(bytes, key: other) } == .wrongKey)
        let text = String(decoding: bytes.prefix(300), as: UTF8.self)
        let range = try #require(text.utf8.firstRange(of: Array(key.id.utf8)))
        let place = text.utf8.distance(from: text.utf8.startIndex, to: range.lowerBound)
        var claimed = bytes
        claimed.replaceSubrange(place..<place + 16, with: Array(other.id.utf8))
        #expect(backupCode { try verify(claimed, key: other) } == .damaged)
    }

    @Test("a key is one line of 64 hex digits, and is never shown")
    func keys() throws {
        #expect(throws: BackupKeyError.self) { try BackupKey(parsing: "") }
        #expect(throws: BackupKeyError.self) { try BackupKey(parsing: String(repeating: "0", count: 64)) }
        #expect(throws: BackupKeyError.self) { try BackupKey(parsing: String(repeating: "0123456789abcdef", count: 4) + "00") }
        let content = try #require(BackupKey.generate().revealedText())
        let key = try BackupKey(parsing: content)
        #expect("\(key)" == "BackupKey(\(key.id))" && !content.contains(key.id))
    }
}

/// A generator that a printed seed repeats.
struct Steps: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
