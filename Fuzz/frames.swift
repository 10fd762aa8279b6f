// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Values

// Frames as the host sees them: hostile bytes in pieces of any size, and its own frames, which must be sound.

/// Every frame of a stream that arrives in pieces of `piece` bytes, and the error that ends it.
private func frames(_ bytes: [UInt8], piece: Int) -> ([CellFrame], FrameError?) {
    var reader = FrameReader()
    var frames: [CellFrame] = []
    var at = 0
    repeat {
        let read = reader.fill { room in
            let count = min(piece, room.count, bytes.count - at)
            room.copyBytes(from: bytes[at..<at + count])
            at += count
            return count
        }
        require(read > 0 || at == bytes.count, "no room for the next piece")
        do throws(FrameError) {
            while let frame = try reader.next() { frames.append(frame) }
        } catch { return (frames, error) }
    } while at < bytes.count
    return (frames, nil)
}

private func framed(_ body: [UInt8]) -> [UInt8] {
    let count = UInt32(body.count)
    return (0..<4).map { UInt8(truncatingIfNeeded: count >> UInt32(8 * $0)) } + body
}

/// The host has two readers of values: what one takes, the other takes for the same.
private func result(_ bytes: [UInt8]) {
    guard let value = try? MessagePack.decode(bytes) else { return }
    let (frames, error) = frames(framed([0x94, 20, 1] + bytes + [0x80]), piece: .max)
    guard case .result(1, let read, _)? = frames.first, frames.count == 1 else {
        return require(false, "only one of two readers takes \(value): \(error.map(String.init) ?? "another frame")")
    }
    require(MessagePack.encode(read).count == MessagePack.encode(value).count, "two readers give two values")
    reply(value)
}

/// What the host answers is one frame whose parts can be read.
private func reply(_ value: Value) {
    var bytes: [UInt8] = []
    HostFrame.reply(7, .value(value), into: &bytes)
    HostFrame.reply(8, .failure(code: "code", message: "\(value)"), into: &bytes)
    HostFrame.cancel(9, into: &bytes)
    var at = 0
    for id in 7...9 {
        let length = (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
        let body = try? MessagePack.decode(bytes[at + 4..<at + 4 + length], limits: ValueLimits(maxBytes: HostFrame.maximum, maxDepth: 33))
        guard case .array(let parts)? = body else { return require(false, "a frame of the host is not read") }
        require(parts[1] == Value(id), "a frame of the host has the id \(parts[1])")
        at += 4 + length
    }
    require(at == bytes.count, "bytes after the host's frames")
}

/// Takes one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    switch input.choice & 3 {
    case 0: result(input.bytes)
    case 1: _ = frames(framed(input.bytes), piece: .max)
    default:
        let (whole, error) = frames(input.bytes, piece: .max)
        let (pieces, errorOfPieces) = frames(input.bytes, piece: 1 + Int(input.choice >> 2))
        require(whole.count == pieces.count && error == errorOfPieces, "the size of the pieces makes a difference")
    }
    return 0
}
