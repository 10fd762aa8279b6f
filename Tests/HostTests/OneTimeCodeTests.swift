// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Testing

@Suite("OneTimeCode")
struct OneTimeCodeTests {
    @Test(
        "reads what people type",
        arguments: [
            ("123456", "123456"), ("123 456", "123456"), ("123-456", "123456"), (" 12 34 56 ", "123456"), ("0000", "0000"),
            ("012345678901", "012345678901"),
        ])
    func typed(text: String, code: String) {
        #expect(OneTimeCode.normalize(text) == Array(code.utf8))
    }

    @Test(
        "takes nothing else for a code",
        arguments: [
            "", " ", "---", "123", "0123456789012", "12345a", "12.456", "+123456", "123456\n", "123456\u{0}",
            // Digits of other scripts look right and are other bytes.
            "١٢٣٤٥٦", "１２３４５６", "123\u{A0}456",
        ])
    func other(text: String) {
        #expect(OneTimeCode.normalize(text) == nil)
    }
}
