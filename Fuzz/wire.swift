// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox

// The target `wire` is `host_functions` with the host behind it: no plugin can make the cell write a frame that the host,
// which then ends the whole cell, takes for a broken protocol.

/// Called with whatever the cell writes.
@_cdecl("fuzz_host_reads")
public func hostReads(_ start: UnsafeRawPointer, _ count: Int) {
    var reader = FrameReader()
    var rest = UnsafeRawBufferPointer(start: start, count: count)
    while !rest.isEmpty {
        _ = reader.fill { room in
            let count = min(room.count, rest.count)
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            return count
        }
        do throws(FrameError) {
            while try reader.next() != nil {}
        } catch { require(false, "the host refuses a frame of the cell: \(error)") }
    }
}
