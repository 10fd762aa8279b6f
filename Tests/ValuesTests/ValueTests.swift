// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Testing
import Values

@Suite("Value")
struct ValueTests {
    @Test("bytes that are valid UTF-8 are a string, others stay bytes")
    func octets() {
        #expect(Value.octets([0x68, 0x69]) == "hi")
        #expect(Value.octets([0xFF]) == .bytes([0xFF]))
    }
}
