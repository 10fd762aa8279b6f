// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Security
import Testing
import Values

/// Messages of RFC 5424, read by a parser that somebody else could have written, in another language.
@Suite("Syslog messages", .enabled(if: SyslogReader.exists, "python3 was not found"))
struct SyslogFormatTests {
    private static let hostile = [
        "\u{0}\u{1}\n\r\t\u{1b}[2J", "]\"\\", "\\]\\\"", "] [evil@1 x=\"1\"] <0>1 - - - - - - -", "\u{7f}\u{80}\u{9f}\u{85}",
        "\u{2028}\u{2029}\u{202e}",
        "\u{feff}", "\u{200b}\u{e9}\u{1F600}", "12 <13>1 ", String(repeating: "]", count: 700), String(repeating: "\u{1}", count: 700), "",
        " ",
        "{\"leaf_index\":0}", "\u{e9}\u{301}\u{301}",
    ]

    private static func row(_ text: String, detail: Value? = nil, index: Int64 = 7) -> AuditExportRow {
        AuditExportRow(
            id: "0192f0c1-7a3e-7b44-9d5e-3f2a1b0c9d8e", occurredAt: 1_800_000_000_123, tenant: text, actor: text, action: text,
            resource: text,
            outcome: "success", detail: JSON.text(detail ?? .map(["text": .string(text)])), correlation: text, address: text,
            proof: MerkleHash([UInt8](repeating: 1, count: 32)).map { .init(index: index, leafHash: $0) })
    }

    @Test("hostile texts stay inside of their message, and JSON brings every one of them back unchanged")
    func json() throws {
        let format = SyslogFormat(.json(.jsonLines), host: "panel-1", maxBytes: 8192)
        let found = try SyslogReader.read(Self.hostile.map { format.message(Self.row($0)) })

        #expect(found.count == Self.hostile.count)
        for (text, message) in zip(Self.hostile, found) {
            // Longer than any event may be: only trail, place and id are left.
            guard let json = message["msg"]?.stringValue, !json.isEmpty else {
                #expect(text.utf8.count == 700 && message["sd"]?["cut"]?.stringValue == "1")
                continue
            }
            let value = try JSON.parse(Array(json.utf8))
            if message["sd"]?["cut"] == nil { #expect(value["detail"]?["text"]?.stringValue == text) }
            #expect(value["actor"]?.stringValue == text && value["tenant"]?.stringValue == text && value["leaf_index"]?.intValue == 7)
            #expect(message["pri"]?.intValue == 13 * 8 + 5 && message["sd_id"]?.stringValue == "audit@32473")
            #expect(message["sd"]?["index"]?.stringValue == "7")
        }
    }

    @Test("structured data holds every text, with what could end or disguise it escaped or replaced")
    func structured() throws {
        let format = SyslogFormat(.structured, host: "panel 1\n", maxBytes: 65_000)
        let found = try SyslogReader.read(Self.hostile.map { format.message(Self.row($0)) })

        for (text, message) in zip(Self.hostile, found) {
            let actor = try #require(message["sd"]?["actor"]?.stringValue)
            let expected = String(
                String.UnicodeScalarView(
                    text.unicodeScalars.map { scalar in
                        switch scalar.properties.generalCategory {
                        case .control, .lineSeparator, .paragraphSeparator, .format: "\u{FFFD}"
                        default: scalar
                        }
                    }))
            #expect(expected.unicodeScalars.starts(with: actor.unicodeScalars) && (actor == expected || actor.utf8.count > 240))
            #expect(message["host"]?.stringValue == "panel?1?")
        }
    }

    @Test("no message is longer than the limit: detail goes first, and trail, place and id never", arguments: [480, 600, 2048, 8192])
    func limit(bytes: Int) throws {
        for content in [SyslogFormat.Content.json(.jsonLines), .json(.ocsf), .structured] {
            let format = SyslogFormat(content, host: String(repeating: "h", count: 300), maxBytes: bytes)
            let detail = Value.map(
                Dictionary(uniqueKeysWithValues: (0..<24).map { ("k\($0)", .string(String(repeating: "\u{1}", count: 512))) }))
            let messages = Self.hostile.map { format.message(Self.row($0, detail: detail, index: .max)) }
            #expect(messages.allSatisfy { $0.count <= bytes })
            for message in try SyslogReader.read(messages) {
                #expect(message["sd"]?["cut"]?.stringValue == "1" || bytes > 8000)
                #expect(message["sd"]?["id"]?.stringValue?.count == 36 && message["sd"]?["index"]?.stringValue == "\(Int64.max)")
            }
        }
    }

    @Test("random texts are read back", arguments: [UInt64.random(in: 0 ... .max)])
    func random(seed: UInt64) throws {
        var generator = Seeded(state: seed)
        let format = SyslogFormat(.structured, host: "h", maxBytes: 65_000)
        let texts = (0..<300).map { _ -> String in
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            return String(decoding: bytes, as: UTF8.self)
        }
        let found = try SyslogReader.read(texts.map { format.message(Self.row($0)) })
        #expect(found.count == texts.count, "seed \(seed)")
    }

    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}

/// A strict reader of RFC 6587's frames and RFC 5424's grammar, in Python.
enum SyslogReader {
    static let python = "/usr/bin/python3"
    static var exists: Bool { FileManager.default.isExecutableFile(atPath: python) }

    /// What each message says; throws when one of them is not a message.
    static func read(_ messages: [[UInt8]]) throws -> [Value] {
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = ["-c", program]
        let (input, output) = (FileManager.default.temporaryDirectory.appending(path: "syslog-\(UUID())"), Pipe())
        try Data(messages.flatMap { SyslogFraming.octetCounted($0) }).write(to: input)
        defer { try? FileManager.default.removeItem(at: input) }
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = output
        try process.run()
        let bytes = Array(try output.fileHandleForReading.readToEnd() ?? Data())
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ReaderError() }
        return try JSON.parse(bytes, limits: ValueLimits(maxBytes: 64 << 20, maxDepth: 16, maxNodes: 1_000_000)).arrayValue ?? []
    }

    struct ReaderError: Error {}

    private static let program = #"""
        import json, re, sys
        data, found = sys.stdin.buffer.read(), []
        header = re.compile(rb'<([1-9]\d{0,2}|0)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) ')
        while data:
            count = re.match(rb'([1-9]\d*) ', data)
            assert count, 'no length'
            end = count.end() + int(count[1])
            message, data = data[count.end():end], data[end:]
            head = header.match(message)
            assert head and int(head[1]) <= 191, 'no header'
            text = message[head.end():].decode('utf-8')
            assert text[0] == '['
            name = re.match(r'\[([^\s="\]]{1,32})', text)
            at, members = name.end(), {}
            while text[at] != ']':
                member = re.match(r' ([^\s="\]]{1,32})="', text[at:])
                assert member and member[1] not in members, 'no parameter'
                at += member.end()
                value = ''
                while text[at] != '"':
                    assert text[at] != ']', 'unescaped'
                    if text[at] == '\\':
                        assert text[at + 1] in '"\\]', 'a strange escape'
                        at += 1
                    assert ord(text[at]) >= 32 and not 127 <= ord(text[at]) < 160, 'a control character'
                    value, at = value + text[at], at + 1
                members[member[1]], at = value, at + 1
            rest = text[at + 1:]
            assert rest == '' or rest[0] == ' ', 'no end'
            assert not any(ord(c) < 32 or ord(c) == 127 for c in rest), 'a control character'
            found.append({'pri': int(head[1]), 'host': head[3].decode(), 'msgid': head[6].decode(), 'sd_id': name[1], 'sd': members, 'msg': rest[1:]})
        json.dump(found, sys.stdout)
        """#
}
