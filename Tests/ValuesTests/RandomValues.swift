// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// Values and damage by chance, the same for the same seed.
struct RandomValues {
    static let seeds: [UInt64] = [1, 2, 3, 20_261_121, .random(in: 0...(.max))]

    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
    mutating func coin() -> Bool { below(2) == 0 }

    mutating func value(json: Bool, depth: Int = 0) -> Value {
        switch below(depth > 4 ? 6 : json ? 8 : 10) {
        case 0: return .null
        case 1: return .bool(coin())
        case 2: return .int(Int64(bitPattern: next()) >> Int64(below(64)))
        case 3: return double()
        case 4, 5: return .string(text())
        case 6: return .array((0..<below(5)).map { _ in value(json: json, depth: depth + 1) })
        case 7:
            var members: [String: Value] = [:]
            for _ in 0..<below(5) { members[text()] = value(json: json, depth: depth + 1) }
            return .map(members)
        case 8: return .bytes([0xFF] + (0..<below(40)).map { _ in UInt8(truncatingIfNeeded: next()) })
        default: return .secret(SecretUse(name: text(), form: coin() ? .bearer : .basic(user: text())))
        }
    }

    private mutating func double() -> Value {
        let value = Double(bitPattern: next())
        return .double(value.isFinite ? value : 0.5)
    }

    private mutating func text() -> String {
        let alphabet = Array("ab\"\\\n\u{0}\u{1f}é€😀/ {}[]:,".unicodeScalars)
        var text = ""
        for _ in 0..<below(12) { text.unicodeScalars.append(alphabet[below(alphabet.count)]) }
        return text
    }

    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...below(3) where !bytes.isEmpty {
            let index = below(bytes.count)
            switch below(4) {
            case 0: bytes[index] = UInt8(truncatingIfNeeded: next())
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(bytes[below(bytes.count)], at: index)
            default: bytes.removeLast(bytes.count - index)
            }
        }
        return bytes
    }
}
