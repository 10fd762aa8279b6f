// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Testing
import Values

@Suite("PANFilter")
struct PANFilterTests {
    @Test(
        "finds card numbers however they are written",
        arguments: [
            "4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "card 4242424242424242, thanks", "378282246310005",
            "3782 822463 10005", "30569309025904", "6011111111111117",
            "(5555555555554444)", "4222222222222", "x=4242424242424242&y", "12 4242 4242 4242 4242",
        ])
    func finds(text: String) {
        #expect(PANFilter.containsCardNumber(text))
    }

    @Test(
        "leaves other numbers alone",
        arguments: [
            "4242424242424241", "424242424242", "pi_4242424242424242", "4242424242424242a", "+4242424242424242",
            "12345678-1234-7123-8123-123456789012", "4242", "2026-11-21T09:30:00", "42424242424242424242424242424242",
            "4242 4242 4242", "é4242424242424242", "0000000000000000", "4,242,424,242,424,242",
        ])
    func leaves(text: String) {
        #expect(!PANFilter.containsCardNumber(text))
    }

    @Test("names every place, and never the number")
    func places() {
        let value: Value = [
            "metadata": ["note": "4242424242424242"], "lines": [["CVV": "123"], ["card-number": 1]], "n": 4_242_424_242_424_242,
            "at_ms": 1_732_200_000_008,
        ]

        let found = PANFilter.violations(in: value)

        #expect(found.map(\.path) == ["lines[0].CVV", "lines[1].card-number", "metadata.note", "n"])
        #expect(!found.description.contains("4242424"))
    }

    @Test("a member that is named with a card number is found and not repeated")
    func names() {
        let found = PANFilter.violations(in: ["4242424242424242": "x"])

        #expect(found.count == 1)
        #expect(!found.description.contains("4242"))
    }

    @Test("brand, last four digits and expiry pass")
    func allowed() {
        #expect(PANFilter.violations(in: ["brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030]).isEmpty)
    }
}
