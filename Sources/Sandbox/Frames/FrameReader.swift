// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Cuts what a cell sends into frames: bytes in, frames out, no socket.
package struct FrameReader {
    /// The most bytes of a frame from a cell.
    package static let maximum = 512 << 10
    private static let roomAtRest = 32 << 10
    private static let leastRoom = 4 << 10

    private var buffer = [UInt8](repeating: 0, count: roomAtRest)
    private var head = 0
    private var tail = 0

    /// A reader at the beginning of a stream.
    package init() {}

    /// Takes bytes, as far as `read` fills the room that it is given; `read` returns how many, or what it likes below zero.
    package mutating func fill(_ read: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        makeRoom()
        let tail = tail
        let count = buffer.withUnsafeMutableBytes { read(UnsafeMutableRawBufferPointer(rebasing: $0[tail...])) }
        if count > 0 { self.tail += min(count, buffer.count - tail) }
        return count
    }

    /// The next whole frame; nil when more bytes are needed for it.
    package mutating func next() throws(FrameError) -> CellFrame? {
        guard tail - head >= 4 else { return nil }
        let length = self.length
        guard length <= Self.maximum else { throw FrameError("a frame of \(length) bytes") }
        guard tail - head >= 4 + length else { return nil }
        var cursor = FrameCursor(buffer, head + 4..<head + 4 + length)
        head += 4 + length
        return try CellFrame(&cursor)
    }

    /// Adds every whole frame, with its bytes on the wire.
    mutating func drain(into frames: inout [(CellFrame, size: Int)]) throws(FrameError) {
        var start = head
        while let frame = try next() {
            frames.append((frame, head - start))
            start = head
        }
    }

    private var length: Int {
        Int(buffer[head]) | Int(buffer[head + 1]) << 8 | Int(buffer[head + 2]) << 16 | Int(buffer[head + 3]) << 24
    }

    private mutating func makeRoom() {
        if head == tail {
            head = 0
            tail = 0
            if buffer.count > Self.roomAtRest { buffer = [UInt8](repeating: 0, count: Self.roomAtRest) }
        }
        let needed = tail - head >= 4 ? 4 + min(length, Self.maximum) : 4
        guard needed > buffer.count - head || buffer.count - tail < Self.leastRoom else { return }
        let (head, tail) = (head, tail)
        buffer.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[head..<tail])) }
        self.tail = tail - head
        self.head = 0
        // Room for the frame that has begun, and always for something: a read into no room looks like the end of the stream.
        let least = max(needed, self.tail + 1)
        if least > buffer.count { buffer.append(contentsOf: repeatElement(0, count: least - buffer.count + Self.leastRoom)) }
    }
}
