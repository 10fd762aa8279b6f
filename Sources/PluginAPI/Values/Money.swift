// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// An amount of money: a whole number of minor units and a currency.
///
/// There is no float anywhere near it.
public struct Money: Sendable, Hashable, CustomStringConvertible {
    /// What fits a double exactly, so that no JSON reader between here and a provider can change it.
    public static let range: ClosedRange<Int64> = 0...9_007_199_254_740_991

    /// Minor units: cents for EUR, yen for JPY, thousandths for KWD.
    public let minor: Int64
    /// The currency.
    public let currency: Currency

    /// An amount of minor units.
    public init(minor: Int64, currency: Currency) throws(MoneyError) {
        guard Self.range.contains(minor) else { throw minor < 0 ? .negative : .tooLarge }
        self.minor = minor
        self.currency = currency
    }

    /// An amount of minor units.
    public init(minor: Int64, currency: String) throws(MoneyError) {
        guard let known = Currency(currency) else { throw .unknownCurrency }
        try self.init(minor: minor, currency: known)
    }

    /// Zero of a currency.
    public static func zero(_ currency: Currency) -> Money { Money(unchecked: 0, currency) }

    private init(unchecked minor: Int64, _ currency: Currency) {
        self.minor = minor
        self.currency = currency
    }

    // MARK: Decimal text

    /// Reads `12.30` by string arithmetic: digits, at most one point, at most as many decimals as the currency has.
    public init(decimal text: String, currency: Currency) throws(MoneyError) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, whole.utf8.allSatisfy(StringFormat.isDigit) else { throw .notDecimal }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard parts.count == 1 || !fraction.isEmpty, fraction.utf8.allSatisfy(StringFormat.isDigit) else { throw .notDecimal }
        guard fraction.utf8.count <= currency.exponent else { throw .tooManyDecimals(currency.exponent) }
        let digits = whole.drop { $0 == "0" } + fraction + String(repeating: "0", count: currency.exponent - fraction.utf8.count)
        guard digits.utf8.count <= 16 else { throw .tooLarge }
        guard let minor = Int64(digits.isEmpty ? "0" : digits) else { throw .tooLarge }
        try self.init(minor: minor, currency: currency)
    }

    /// `12.30`, with exactly as many decimals as the currency has.
    public var decimal: String {
        let digits = String(minor)
        guard currency.exponent > 0 else { return digits }
        let padded = String(repeating: "0", count: max(0, currency.exponent + 1 - digits.utf8.count)) + digits
        return "\(padded.dropLast(currency.exponent)).\(padded.suffix(currency.exponent))"
    }

    /// `12.30` for a column of the form decimal(10,2); an amount that does not fit is refused, never rounded.
    public func panelDecimal() throws(MoneyError) -> String {
        guard currency.exponent <= 2 else { throw .doesNotFitPanel }
        let text = currency.exponent == 0 ? decimal + ".00" : decimal
        guard text.utf8.count <= 11 else { throw .doesNotFitPanel }
        return text
    }

    // MARK: Arithmetic

    /// The sum; both must be of one currency.
    public func adding(_ other: Money) throws(MoneyError) -> Money {
        guard currency == other.currency else { throw .differentCurrencies }
        return try Money(minor: minor + other.minor, currency: currency)  // two values below 2^53 cannot overflow 64 bits
    }

    /// The difference; it cannot be negative.
    public func subtracting(_ other: Money) throws(MoneyError) -> Money {
        guard currency == other.currency else { throw .differentCurrencies }
        return try Money(minor: minor - other.minor, currency: currency)
    }

    /// Whether this is not more than the other amount.
    public func isAtMost(_ other: Money) throws(MoneyError) -> Bool {
        guard currency == other.currency else { throw .differentCurrencies }
        return minor <= other.minor
    }

    /// `12.30 EUR`.
    public var description: String { "\(decimal) \(currency)" }
}

extension Money {
    /// As plugins see it: with the exponent, which the host fills in.
    public var value: Value { ["amount_minor": .int(minor), "currency": .string(currency.code), "exponent": Value(currency.exponent)] }
    /// As the HTTP interface shows it.
    public var apiValue: Value { ["amount_minor": .int(minor), "currency": .string(currency.code)] }

    /// Reads either form; a wrong exponent is refused.
    public init(validating value: Value) throws(SchemaViolations) {
        let value = try Schema.money.validated(value, unknown: .drop)
        guard let minor = value["amount_minor"]?.intValue, let currency = value["currency"]?.stringValue.flatMap(Currency.init) else {
            throw SchemaViolations([Violation(ValuePath(), "must be money")])
        }
        if let exponent = value["exponent"]?.intValue, exponent != Int64(currency.exponent) {
            let text = "must be \(currency.exponent) for \(currency), or missing"
            throw SchemaViolations([Violation(ValuePath(members: "exponent"), text)])
        }
        self.init(unchecked: minor, currency)
    }
}

extension Schema {
    /// ``Money``.
    public static let money = Schema.type(
        "Money", "An amount: whole minor units and a currency. Never a float, never a decimal text.",
        [
            .required("amount_minor", .integer(Money.range), "Minor units: 1230 is 12.30 EUR, 1230 JPY or 1.230 KWD.", example: 1230),
            .required("currency", .string(3...3, format: .currency), "ISO 4217 code in capital letters.", example: "EUR"),
            .optional("exponent", .integer(0...4), "Digits of the minor unit. The host fills it in; leave it out in answers.", example: 2),
        ])
}

/// Why an amount cannot be made.
public enum MoneyError: Error, Sendable, Hashable, CustomStringConvertible {
    case negative
    case tooLarge
    case unknownCurrency
    case notDecimal
    case tooManyDecimals(Int)
    case differentCurrencies
    case doesNotFitPanel

    /// For people; no amount is repeated.
    public var description: String {
        switch self {
        case .negative: "an amount of money cannot be negative"
        case .tooLarge: "the amount is too large: at most 9007199254740991 minor units"
        case .unknownCurrency: "not a currency code of ISO 4217; write three capital letters, like EUR"
        case .notDecimal: "not a decimal amount; write digits with at most one point, like \"12.30\""
        case .tooManyDecimals(let most): "too many decimals: this currency has \(most)"
        case .differentCurrencies: "the amounts are of different currencies"
        case .doesNotFitPanel: "the amount does not fit: at most 99999999.99, and no more than two decimals"
        }
    }
}
