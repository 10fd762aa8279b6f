// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Testing
import Values

@Suite("FrameReader", .timeLimit(.minutes(10)))
struct FrameReaderTests {
    static let secrets: [Value] = [
        .secret(SecretUse(name: "key")),
        .secret(SecretUse(name: "key", form: .basic(user: "me"))),
        .secret(SecretUse(name: "", form: .text([.literal("your code is "), .secret("code")]))),
    ]

    static let transcript: [(bytes: [UInt8], frame: CellFrame)] = [
        (Wire.frame([16, 0, 3, "Lua 5.4.4"]), .ready(layers: [.seccomp, .noNewPrivileges], lua: "Lua 5.4.4")),
        (Wire.frame([17, 0, ["charge", "refund"]]), .loaded(operations: ["charge", "refund"])),
        (
            Wire.frame([18, 0, "memory", "main.lua", 12, "unexpected symbol"]),
            .loadFailed(.memory, file: "main.lua", line: 12, message: "unexpected symbol")
        ),
        (
            Wire.frame([19, 4_000_000_000, "http.request", [["url": "https://a.test", "n": -7, "f": 1.5, "t": true, "nothing": nil]]]),
            .hostCall(
                id: 4_000_000_000, name: "http.request",
                arguments: [["url": "https://a.test", "n": -7, "f": 1.5, "t": true, "nothing": nil]])
        ),
        (
            Wire.frame([19, 64, "x", .array(secrets)]), .hostCall(id: 64, name: "x", arguments: secrets)
        ),
        (
            Wire.frame([20, 65, ["ok": true, "raw": .bytes([0xFF])], Wire.usage]),
            .result(id: 65, ["ok": true, "raw": .bytes([0xFF])], Wire.decodedUsage)
        ),
        (
            Wire.frame([21, 66, "error", "main.lua:3: no", "stack", Wire.usage]),
            .fault(id: 66, .error, message: "main.lua:3: no", traceback: "stack", Wire.decodedUsage)
        ),
    ]

    @Test("decodes every frame whole")
    func decodesWhole() throws {
        var reader = FrameReader()

        reader.append(Self.transcript.flatMap(\.bytes))

        #expect(try reader.frames() == Self.transcript.map(\.frame))
    }

    @Test("decodes the same frames split at every boundary")
    func decodesSplit() throws {
        let bytes = Self.transcript.flatMap(\.bytes)
        for split in 0...bytes.count {
            var reader = FrameReader()

            reader.append(bytes[..<split])
            var frames = try reader.frames()
            reader.append(bytes[split...])
            frames += try reader.frames()

            #expect(frames == Self.transcript.map(\.frame), "split at \(split)")
        }
    }

    @Test("decodes byte by byte")
    func decodesByteByByte() throws {
        var reader = FrameReader()
        var frames: [CellFrame] = []

        for byte in Self.transcript.flatMap(\.bytes) {
            reader.append([byte])
            frames += try reader.frames()
        }

        #expect(frames == Self.transcript.map(\.frame))
    }

    @Test("takes frames larger than its room and gives the room back")
    func takesLargeFrames() throws {
        let text = String(repeating: "x", count: 200_000)
        var reader = FrameReader()

        for round in 0..<5 {
            reader.append(Wire.frame([20, .int(Int64(64 + round)), .string(text), [:]]) + Wire.frame([17, 0, []]))
            #expect(try reader.frames() == [.result(id: UInt32(64 + round), .string(text), CellUsage()), .loaded(operations: [])])
        }
    }

    @Test("refuses a frame beyond its limit before it has arrived")
    func refusesOversized() {
        var reader = FrameReader()

        reader.append([0x01, 0x00, 0x08, 0x00])

        #expect(throws: FrameError.self) { try reader.next() }
    }

    static let garbage: [(String, [UInt8])] = [
        ("empty frame", []),
        ("no array", [0xC0]),
        ("unknown type", [0x93, 99, 0, 0x90]),
        ("wrong number of parts", [0x92, 16, 0]),
        ("id beyond 32 bits", [0x94, 19, 0xCF, 0, 0, 0, 1, 0, 0, 0, 0, 0xA1, 0x78, 0x90]),
        ("negative id", [0x94, 19, 0xFF, 0xA1, 0x78, 0x90]),
        ("arguments that are no array", [0x94, 19, 64, 0xA1, 0x78, 0xC0]),
        ("text that is not there", [0x94, 19, 64, 0xA5, 0x78]),
        ("array that claims four thousand million elements", [0x94, 20, 64, 0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 0x80]),
        ("map that claims four thousand million members", [0x94, 20, 64, 0xDF, 0xFF, 0xFF, 0xFF, 0xFF, 0x80]),
        ("string that claims four thousand million bytes", [0x94, 20, 64, 0xDB, 0xFF, 0xFF, 0xFF, 0xFF, 0x80]),
        ("bytes after the frame", [0x93, 17, 0, 0x90, 0xC0]),
        ("float32", [0x94, 20, 64, 0xCA, 0, 0, 0, 0, 0x80]),
        ("never used code", [0x94, 20, 64, 0xC1, 0x80]),
        ("unknown extension", [0x94, 20, 64, 0xD4, 2, 0, 0x80]),
        ("malformed secret", [0x94, 20, 64, 0xD5, 1, 0x91, 0xC0, 0x80]),
        ("usage that is no map", [0x94, 20, 64, 0xC0, 0x90]),
        ("fault of an unknown kind", [0x96, 21, 64, 0xA3, 0x77, 0x68, 0x79, 0xA0, 0xA0, 0x80]),
        ("integer key", [0x94, 20, 64, 0x81, 1, 1, 0x80]),
    ]

    @Test("refuses garbage", arguments: garbage)
    func refusesGarbage(name: String, body: [UInt8]) {
        var reader = FrameReader()

        reader.append(Wire.frame(body: body))

        #expect(throws: FrameError.self, "\(name)") { try reader.next() }
    }

    @Test("refuses nesting beyond the limit and takes what is at the limit")
    func limitsDepth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Wire.frame(body: [0x94, 20, 64] + [UInt8](repeating: 0x91, count: depth) + [0xC0, 0x80])
        }
        var reader = FrameReader()

        reader.append(nested(32))
        #expect(try reader.frames().count == 1)
        reader.append(nested(33))
        #expect(throws: FrameError.self) { try reader.next() }
    }

    @Test("refuses more nodes than the limit")
    func limitsNodes() throws {
        func wide(_ count: Int) -> [UInt8] { Wire.frame([20, 64, .array(Array(repeating: 1, count: count)), [:]]) }
        var reader = FrameReader()

        reader.append(wide(9_999))
        #expect(try reader.frames().count == 1)
        reader.append(wide(10_000))
        #expect(throws: FrameError.self) { try reader.next() }
    }

    @Test("two table keys that are the same text spoil the value, not the cell")
    func equalKeys() throws {
        var reader = FrameReader()
        let composed: [UInt8] = [0xA2, 0xC3, 0xA9]
        let decomposed: [UInt8] = [0xA3, 0x65, 0xCC, 0x81]

        reader.append(Wire.frame(body: [0x94, 20, 64, 0x82] + composed + [1] + decomposed + [2, 0x80]))

        #expect(try reader.next() == .unusable(id: 64, isResult: true, reason: "two table keys that are the same text"))
    }

    @Test("a table key that is not UTF-8 spoils the value, not the cell")
    func keepsCellForBadKeys() throws {
        var reader = FrameReader()

        reader.append(Wire.frame(body: [0x94, 20, 64, 0x81, 0xA1, 0xFF, 1, 0x80]))

        #expect(try reader.next() == .unusable(id: 64, isResult: true, reason: "a table key that is not UTF-8"))
    }

    @Test("random bytes never do more than be refused")
    func survivesNoise() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var reader = FrameReader()
            let type = UInt8.random(in: 16...22, using: &generator)
            let count = UInt8.random(in: 2...6, using: &generator)
            let noise = (0..<Int.random(in: 0...60, using: &generator)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            reader.append(Wire.frame(body: [0x90 | count, type] + noise))
            _ = try? reader.next()
        }
    }
}
