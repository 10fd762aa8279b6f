// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a new password must be like: long, not well known, not about its owner (NIST SP 800-63B-4).
///
/// No composition rules, but where a tenant goes by PCI DSS.
package struct PasswordPolicy: Sendable {
    /// Why a password is not taken.
    package enum Violation: Error, Sendable, Hashable, CustomStringConvertible {
        /// Fewer characters than the minimum.
        case tooShort(minimum: Int)
        /// More bytes than the maximum.
        case tooLong(maximum: Int)
        /// Not UTF-8, or with a NUL.
        case notText
        /// Letters or digits are missing.
        case oneKindOfCharacter
        /// A well-known password, or one that is put together from well-known parts.
        case common
        /// Little more than a name or an address that belongs to the account.
        case aboutTheAccount
        /// One of the last passwords.
        case usedBefore(count: Int)

        /// For the person who chose it.
        package var description: String {
            switch self {
            case .tooShort(let minimum): "use at least \(minimum) characters; several words are easy to remember"
            case .tooLong(let maximum): "use at most \(maximum) bytes"
            case .notText: "the password is not valid UTF-8 text without a NUL"
            case .oneKindOfCharacter: "use both letters and digits"
            case .common: "the password is among the first that attackers try, or made of words that they try; use several unusual words"
            case .aboutTheAccount: "the password is too close to the name, the address or the tenant of the account"
            case .usedBefore(let count): "the password is one of the last \(count) of this account"
            }
        }
    }

    /// Bytes that are taken, so that nobody sends a book.
    package static let maximumByteCount = 1024
    /// Bits of a password that is the only factor: some 10^10 guesses, zxcvbn's highest class.
    private static let bitsAlone = 33.2
    /// Bits beside a second factor: some 10^8 guesses.
    private static let bitsWithFactor = 26.6
    /// What everybody tries here first.
    private static let serviceWords = ["panelhost", "panel1", "billing", "correcthorsebatterystaple", "correct horse battery staple"]

    /// The rules that the tenant goes by.
    package let profile: PasswordProfile
    /// Whether the user has a second factor.
    package let hasFactor: Bool

    /// A policy.
    package init(_ profile: PasswordProfile = .nist, hasFactor: Bool = false) {
        (self.profile, self.hasFactor) = (profile, hasFactor)
    }

    /// Checks a new password, with words that belong to its owner (name, e-mail address, tenant).
    package func check(_ password: Secret, context: [String]) throws(Violation) {
        guard password.count <= Self.maximumByteCount else { throw .tooLong(maximum: Self.maximumByteCount) }
        guard let text = PasswordText.normalized(password).revealedText(), !text.utf8.contains(0) else { throw .notText }
        let minimum = profile.minimumLength(withFactor: hasFactor)
        guard text.unicodeScalars.count >= minimum else { throw .tooShort(minimum: minimum) }
        if profile.needsLettersAndDigits, !(text.contains(where: \.isLetter) && text.contains(where: \.isNumber)) {
            throw .oneKindOfCharacter
        }
        let needed = hasFactor ? Self.bitsWithFactor : Self.bitsAlone
        guard PasswordStrength.bits(text, words: Self.serviceWords) >= needed else { throw .common }
        guard PasswordStrength.bits(text, words: Self.serviceWords + Self.words(context)) >= needed else { throw .aboutTheAccount }
    }

    /// The pieces of names and addresses that somebody could guess by, in lower case.
    private static func words(_ context: [String]) -> [String] {
        let all = context.flatMap { text in
            let lower = text.lowercased()
            return [lower] + lower.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        }
        return Array(Set(all.filter { (3...100).contains($0.utf8.count) }).sorted().prefix(64))
    }
}
