// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Whose key seals what is told of a person, within a tenant.
public struct PersonalSubject: Sendable, Hashable, CustomStringConvertible {
    /// `user:<id>`, or `visitors:<yyyy-mm>`.
    public let description: String

    private init(_ description: String) { self.description = description }

    /// One user.
    public static func user(_ id: UserID) -> PersonalSubject { PersonalSubject("user:\(id)") }

    /// Everybody without an account in the month of a time.
    ///
    /// Strangers share a key: they cannot make keys without end, and a month is erased as a whole.
    public static func visitors(at time: Int64) -> PersonalSubject { PersonalSubject("visitors:\(UTCTime.text(time).prefix(7))") }

    /// Everybody without an account in a month, `yyyy-mm`; nil for what is no month.
    public init?(visitorsOf month: String) {
        let parts = month.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 4, parts[1].count == 2,
            parts.allSatisfy({ $0.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
            let number = Int(month.suffix(2)), (1...12).contains(number)
        else { return nil }
        self.init("visitors:\(month)")
    }

    /// Who acted, as far as a person did.
    init(actor: String, at time: Int64) {
        // An operator who acts in a tenant is named with where they come from, and under which reason.
        let person = actor.prefix { $0 != "@" }
        self = actor.hasPrefix("user:") ? PersonalSubject(String(person)) : .visitors(at: time)
    }
}
