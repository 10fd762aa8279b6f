// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// An opaque token that does one thing once: 256 bits behind a prefix, known to the database by their hash only.
///
/// The purpose is part of the hash, so a token that was made for one purpose is not even found by another.
package struct OneTimeToken: Sendable {
    /// What a token is good for.
    package enum Purpose: String, Sendable, Hashable, CaseIterable {
        /// Set a new password.
        case passwordReset = "password_reset"
        /// Become the user that somebody invited.
        case invitation
        /// Show that an e-mail address is one's own.
        case emailVerification = "email_verification"
        /// Go on with a sign-in whose password was right.
        case signIn = "sign_in"
        /// Confirm a new device.
        case device
        /// Become the first operator of an installation.
        case bootstrap

        /// Milliseconds that a token of this purpose may live at most.
        package var maximumLifetime: Int64 {
            switch self {
            // An invitation waits for somebody who has no account yet, reads mail after the weekend, and could not ask for another one.
            // Until it is accepted the account has no password, no session and nothing to lose, and who invited can withdraw it.
            case .invitation: 7 * 86_400_000
            case .passwordReset, .emailVerification, .signIn, .device, .bootstrap: 15 * 60_000
            }
        }
    }

    /// What the token is good for.
    package let purpose: Purpose
    /// What its holder has.
    package let text: String
    /// What is stored.
    package let hash: [UInt8]

    private static let prefix = "pho_"
    private static let byteCount = 32

    /// Reads a token in its one spelling, for one purpose.
    package init?(_ text: String, for purpose: Purpose) {
        guard text.utf8.count == 47, text.hasPrefix(Self.prefix),
            let bytes = Base64.decode(text.dropFirst(Self.prefix.count), url: true), bytes.count == Self.byteCount
        else { return nil }
        self.init(bytes, purpose)
    }

    /// A new token.
    package static func random(for purpose: Purpose) -> OneTimeToken {
        OneTimeToken(SecureRandom.bytes(byteCount), purpose)
    }

    private init(_ bytes: [UInt8], _ purpose: Purpose) {
        self.purpose = purpose
        text = Self.prefix + Base64.encode(bytes, url: true)
        hash = Hash.sha256(LengthPrefixed("panelhost.one_time.v1", purpose.rawValue, text).bytes)
    }

    /// The row that makes the token good, for no longer than its purpose allows.
    ///
    /// - Parameter detail: what the token's use needs to know, such as the epoch of a password that was checked; never a secret.
    package func record(
        in tenant: TenantID, user: UserID?, detail: [String: Value] = [:], at now: Int64, lifetime: Int64 = .max
    ) -> OneTimeTokenRecord {
        OneTimeTokenRecord(
            tenant: tenant, hash: hash, purpose: purpose, user: user, detail: detail, createdAt: now,
            expiresAt: now + min(max(0, lifetime), purpose.maximumLifetime))
    }
}

extension OneTimeToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Names the purpose only.
    package var description: String { "OneTimeToken(\(purpose.rawValue))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["purpose": purpose]) }
}

/// A one-time token as it is stored: never the token itself.
package struct OneTimeTokenRecord: Sendable, Hashable {
    package var tenant: TenantID
    package var hash: [UInt8]
    package var purpose: OneTimeToken.Purpose
    /// Whom it was made for; nil where there is no user yet.
    package var user: UserID?
    /// What its use needs to know.
    package var detail: [String: Value]
    package var createdAt: Int64
    /// From this millisecond on it is refused.
    package var expiresAt: Int64
    package var usedAt: Int64?
    /// How often something was tried with it.
    package var attempts: Int64

    package init(
        tenant: TenantID, hash: [UInt8], purpose: OneTimeToken.Purpose, user: UserID?, detail: [String: Value], createdAt: Int64,
        expiresAt: Int64, usedAt: Int64? = nil, attempts: Int64 = 0
    ) {
        (self.tenant, self.hash, self.purpose, self.user, self.detail) = (tenant, hash, purpose, user, detail)
        (self.createdAt, self.expiresAt, self.usedAt, self.attempts) = (createdAt, expiresAt, usedAt, attempts)
    }
}
