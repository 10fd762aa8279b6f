// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Values

/// Frames as a cell writes them.
enum Wire {
    static func frame(_ parts: Value) -> [UInt8] { frame(body: MessagePack.encode(parts)) }

    static func frame(body: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(body.count).littleEndian) { Array($0) } + body
    }

    static let usage: Value = [
        "cpu_us": 1500, "memory_peak": 70_000, "host_calls": 2, "bytes_in": 300, "bytes_out": 400, "instructions": 9,
    ]
    static let decodedUsage = CellUsage(
        cpu: .microseconds(1500), memoryPeak: 70_000, hostCalls: 2, bytesIn: 300, bytesOut: 400, instructions: 9)
}

extension FrameReader {
    /// Takes these bytes, in as many portions as the room wants.
    mutating func append(_ bytes: some Collection<UInt8>) {
        var rest = Array(bytes)
        while !rest.isEmpty {
            let count = fill { room in
                let count = min(room.count, rest.count)
                room.copyBytes(from: rest[..<count])
                return count
            }
            rest.removeFirst(count)
        }
    }

    /// Every frame that is whole.
    mutating func frames() throws(FrameError) -> [CellFrame] {
        var frames: [CellFrame] = []
        while let frame = try next() { frames.append(frame) }
        return frames
    }
}
