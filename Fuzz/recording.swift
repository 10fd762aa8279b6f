// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox

// Recorded invocations: what is read is written, and that is read as the same recording.

/// Takes one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let recording = try? Recording(parsing: bytes) else { return 0 }
    let written = recording.serialized
    guard let again = try? Recording(parsing: written) else {
        require(false, "what was written is not read: \(String(decoding: written, as: UTF8.self))")
        return 0
    }
    require(again.serialized == written, "what was written means something else: \(String(decoding: written, as: UTF8.self))")
    return 0
}
