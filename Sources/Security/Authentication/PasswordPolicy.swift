// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a new password must be like (NIST SP 800-63B-4): long, not well known, not about its owner.
///
/// No composition rules.
public struct PasswordPolicy: Sendable {
    /// Why a password is not taken.
    public enum Violation: Error, Sendable, Hashable, CustomStringConvertible {
        /// Fewer characters than the minimum.
        case tooShort(minimum: Int)
        /// More bytes than the maximum.
        case tooLong(maximum: Int)
        /// Not UTF-8.
        case notText
        /// One or two characters, or a short piece, over and over.
        case repetitive
        /// A well-known password, stretched or not.
        case common
        /// Little more than a name or an address that belongs to the account.
        case aboutTheAccount

        /// For the person who chose it.
        public var description: String {
            switch self {
            case .tooShort(let minimum): "use at least \(minimum) characters; several words are easy to remember"
            case .tooLong(let maximum): "use at most \(maximum) bytes"
            case .notText: "the password is not valid UTF-8 text"
            case .repetitive: "the password repeats itself; use several different words"
            case .common: "the password is among the first that attackers try"
            case .aboutTheAccount: "the password is too close to the name or the address of the account"
            }
        }
    }

    /// Characters that are needed.
    public var minimumLength: Int
    /// Bytes that are taken, so that nobody sends a book.
    public static let maximumByteCount = 1024

    /// A policy; 15 characters where the password is alone, 8 with a second factor.
    public init(minimumLength: Int = 15) {
        self.minimumLength = max(8, minimumLength)
    }

    /// Checks a new password, with words that belong to its owner (name, e-mail address, tenant).
    public func check(_ password: Secret, context: [String] = []) throws(Violation) {
        guard password.count <= Self.maximumByteCount else { throw .tooLong(maximum: Self.maximumByteCount) }
        guard let text = password.revealedText() else { throw .notText }
        guard text.unicodeScalars.count >= minimumLength else { throw .tooShort(minimum: minimumLength) }
        let plain = Self.plain(text)
        if Self.isRepetitive(plain) { throw .repetitive }
        if Self.leftover(of: plain, without: Self.wellKnown) < 6 { throw .common }
        let words = context.flatMap { word in
            [word] + word.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        }
        let own = words.map { String(decoding: Self.plain($0), as: UTF8.self) }.filter { $0.utf8.count >= 4 }
        if Self.leftover(of: plain, without: own) < 6 { throw .aboutTheAccount }
    }

    /// Lower case, with the usual replacements undone and all that is neither letter nor digit left out.
    private static func plain(_ text: String) -> [UInt8] {
        text.lowercased().utf8.compactMap { byte in
            switch byte {
            case UInt8(ascii: "@"), UInt8(ascii: "4"): UInt8(ascii: "a")
            case UInt8(ascii: "0"): UInt8(ascii: "o")
            case UInt8(ascii: "1"), UInt8(ascii: "!"): UInt8(ascii: "i")
            case UInt8(ascii: "3"): UInt8(ascii: "e")
            case UInt8(ascii: "5"), UInt8(ascii: "$"): UInt8(ascii: "s")
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...: byte
            default: nil
            }
        }
    }

    /// What is left of a password when each well-known piece is taken out of it.
    private static func leftover(of plain: [UInt8], without words: [String]) -> Int {
        var rest = plain
        for word in words.sorted(by: { $0.utf8.count > $1.utf8.count }) {
            let word = self.plain(word)
            guard !word.isEmpty else { continue }
            while let range = rest.firstRange(of: word) { rest.removeSubrange(range) }
        }
        return rest.count
    }

    private static func isRepetitive(_ plain: [UInt8]) -> Bool {
        if Set(plain).count < 5 { return true }
        for period in 1...4 where plain.count > period * 2 {
            if zip(plain, plain.dropFirst(period)).allSatisfy({ $0 == $1 }) { return true }
        }
        return false
    }

    /// The stems that long well-known passwords are put together from.
    private static let wellKnown: [String] = [
        "password", "passwort", "passw0rd", "motdepasse", "contrasena", "qwertyuiop", "qwerty", "qwertz", "azerty", "asdfghjkl", "asdfgh",
        "zxcvbnm", "1234567890", "123456789", "12345678", "1234567", "123456", "12345", "1234", "123", "0987654321", "987654321",
        "abcdefghijklmnopqrstuvwxyz", "abcdefgh", "abcdef", "abcd", "abc", "letmein", "welcome", "admin", "administrator", "root", "login",
        "master", "changeme", "default", "secret", "iloveyou", "monkey", "dragon", "football", "baseball", "superman", "batman",
        "princess", "sunshine", "shadow", "trustno1", "correcthorsebatterystaple", "panelhost", "panel1", "billing", "test", "guest",
    ]
}
