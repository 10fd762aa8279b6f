// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A currency of ISO 4217 and how many digits its minor unit has.
public struct Currency: Sendable, Hashable, CustomStringConvertible {
    /// The code of three capital letters.
    public let code: String
    /// Digits after the decimal point: 0, 2, 3 or 4.
    public let exponent: Int

    /// The currency with that code; nil for a code that the host does not know.
    ///
    /// Codes are never folded: `eur` is unknown.
    public init?(_ code: String) {
        guard code.utf8.count == 3, let exponent = Self.exponents[code] else { return nil }
        self.code = code
        self.exponent = exponent
    }

    /// The code.
    public var description: String { code }

    /// All codes, sorted.
    public static var codes: [String] { exponents.keys.sorted() }

    /// ISO 4217 list one, without metals, test codes and codes that no money is counted in.
    ///
    /// ANG and BGN are gone from the list, but payments made in them can still be refunded.
    private static let exponents: [String: Int] = {
        let groups: [(Int, String)] = [
            (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
            (
                2,
                """
                AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP \
                COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES \
                KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD \
                PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD \
                TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
                """
            ),
            (3, "BHD IQD JOD KWD LYD OMR TND"),
            (4, "CLF UYW"),
        ]
        var table: [String: Int] = [:]
        for (exponent, codes) in groups {
            for code in codes.split(separator: " ") { table[String(code)] = exponent }
        }
        return table
    }()
}
