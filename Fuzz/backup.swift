// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Storage

// The header of a backup, which anybody may have written, and its records, which a stranger with the key may have.

/// Takes one input; its first byte chooses between header and record.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    if input.choice == UInt8(ascii: "h") {
        guard let header = try? BackupHeader(parsing: input.bytes) else { return 0 }
        require(header.bytes == input.bytes, "a header is taken that is written otherwise")
    } else {
        guard let record = try? BackupRecord(parsing: input.bytes) else { return 0 }
        let line = record.line
        require(line.last == 0x0A && !line.dropLast().contains(0x0A), "a record that is not one line")
        let again = try? BackupRecord(parsing: line.dropLast())
        require(again?.line == line, "what was written is not read again: \(String(decoding: line, as: UTF8.self))")
    }
    return 0
}
