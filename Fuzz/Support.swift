// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What must hold whatever the input is; the fuzzer keeps the input for which it does not.
func require(_ good: Bool, _ what: @autoclosure () -> String, line: UInt = #line) {
    if !good { fatalError("line \(line): \(what())") }
}

/// The bytes of one input, its first byte apart: it chooses.
struct FuzzInput {
    let choice: UInt8
    let bytes: [UInt8]

    init?(_ start: UnsafePointer<UInt8>?, _ count: Int) {
        guard let start, count > 0 else { return nil }
        choice = start[0]
        bytes = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
    }
}
