// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Testing
import Values

@Suite("Money")
struct MoneyTests {
    @Test(
        "reads and writes decimals by string arithmetic",
        arguments: [
            ("12.30", "EUR", 1230, "12.30"), ("12.3", "EUR", 1230, "12.30"), ("0", "EUR", 0, "0.00"), ("0.05", "EUR", 5, "0.05"),
            ("80", "JPY", 80, "80"), ("1.234", "KWD", 1234, "1.234"), ("0.0001", "CLF", 1, "0.0001"),
            ("90071992547409.91", "EUR", 9_007_199_254_740_991, "90071992547409.91"),
            ("9007199254740991", "JPY", 9_007_199_254_740_991, "9007199254740991"), ("000012.30", "EUR", 1230, "12.30"),
            ("0000000000000000000000000001", "JPY", 1, "1"),
        ] as [(String, String, Int64, String)])
    func decimals(text: String, code: String, minor: Int64, written: String) throws {
        let money = try Money(decimal: text, currency: #require(Currency(code)))

        #expect(money.minor == minor)
        #expect(money.decimal == written)
    }

    @Test(
        "refuses what would have to be rounded or guessed",
        arguments: [
            ("12.345", "EUR", MoneyError.tooManyDecimals(2)), ("80.5", "JPY", .tooManyDecimals(0)), ("80.", "JPY", .notDecimal),
            (".5", "EUR", .notDecimal), ("", "EUR", .notDecimal), ("-1", "EUR", .notDecimal),
            ("+1", "EUR", .notDecimal), ("1e3", "EUR", .notDecimal), ("1,5", "EUR", .notDecimal), (" 1", "EUR", .notDecimal),
            ("１", "EUR", .notDecimal), ("90071992547409.92", "EUR", .tooLarge), ("99999999999999999999", "JPY", .tooLarge),
        ])
    func refuses(text: String, code: String, error: MoneyError) throws {
        let currency = try #require(Currency(code))
        #expect(throws: error) { try Money(decimal: text, currency: currency) }
    }

    @Test("adds and subtracts inside one currency and inside the range")
    func arithmetic() throws {
        let euro = try Money(minor: 1230, currency: "EUR")
        let most = try Money(minor: Money.range.upperBound, currency: "EUR")

        #expect(try euro.adding(euro).minor == 2460)
        #expect(try euro.subtracting(euro) == .zero(euro.currency))
        #expect(throws: MoneyError.tooLarge) { try most.adding(Money(minor: 1, currency: "EUR")) }
        #expect(throws: MoneyError.negative) { try Money(minor: 0, currency: "EUR").subtracting(euro) }
        #expect(throws: MoneyError.differentCurrencies) { try euro.adding(Money(minor: 1, currency: "USD")) }
        #expect(throws: MoneyError.unknownCurrency) { try Money(minor: 1, currency: "eur") }
    }

    @Test("fits the panel's column or is refused, never rounded")
    func panel() throws {
        #expect(try Money(minor: 9_999_999_999, currency: "EUR").panelDecimal() == "99999999.99")
        #expect(try Money(minor: 80, currency: "JPY").panelDecimal() == "80.00")
        #expect(throws: MoneyError.doesNotFitPanel) { try Money(minor: 10_000_000_000, currency: "EUR").panelDecimal() }
        #expect(throws: MoneyError.doesNotFitPanel) { try Money(minor: 1000, currency: "KWD").panelDecimal() }
    }

    @Test("reads its value and refuses floats and wrong exponents")
    func values() throws {
        let money = try Money(minor: 1230, currency: "EUR")

        #expect(money.value == ["amount_minor": 1230, "currency": "EUR", "exponent": 2])
        #expect(money.apiValue == ["amount_minor": 1230, "currency": "EUR"])
        #expect(try Money(validating: money.value) == money)
        #expect(try Money(validating: money.apiValue) == money)
        #expect(throws: SchemaViolations.self) { try Money(validating: ["amount_minor": 1230, "currency": "EUR", "exponent": 3]) }
        #expect(throws: SchemaViolations.self) { try Money(validating: ["amount_minor": 1230.0, "currency": "EUR"]) }
    }

    @Test(
        "knows the exponents of ISO 4217",
        arguments: [
            ("EUR", 2), ("JPY", 0), ("ISK", 0), ("KRW", 0), ("KWD", 3), ("BHD", 3), ("TND", 3), ("CLF", 4), ("UYW", 4), ("MRU", 2),
            ("VED", 2), ("XCG", 2),
        ])
    func exponents(code: String, exponent: Int) {
        #expect(Currency(code)?.exponent == exponent)
    }

    @Test("knows no code that no money is counted in", arguments: ["XXX", "XTS", "XAU", "EURO", "", "eur", "BTC"])
    func unknown(code: String) {
        #expect(Currency(code) == nil)
    }
}
