// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Whom a new password is for, as far as its rules ask.
package struct PasswordOwner: Sendable {
    /// The rules of their tenant.
    package var profile: PasswordProfile
    /// Whether they have a second factor.
    package var hasFactor: Bool
    /// Their name and address, and their tenant's.
    package var context: [String]
    /// The PHC strings of their last passwords, the newest first.
    package var history: [String]

    package init(profile: PasswordProfile, hasFactor: Bool = false, context: [String], history: [String] = []) {
        (self.profile, self.hasFactor, self.context, self.history) = (profile, hasFactor, context, history)
    }
}

/// Proof that a password was judged by the rules: the PHC string to store, which nothing else makes for a user.
package struct NewPassword: Sendable {
    package let hash: String
    /// Whether it may be the only factor.
    package let standsAlone: Bool

    fileprivate init(_ hash: String, standsAlone: Bool) { (self.hash, self.standsAlone) = (hash, standsAlone) }
}

extension Authenticator {
    /// Judges a new password and hashes it.
    ///
    /// Throws `.invalid` with the words for its owner.
    package func newPassword(_ password: Secret, for owner: PasswordOwner) async throws(AuthenticationError) -> NewPassword {
        do throws(PasswordPolicy.Violation) {
            try PasswordPolicy(owner.profile, hasFactor: owner.hasFactor).check(password, context: owner.context)
        } catch {
            throw .weakPassword(error.description)
        }
        for hash in owner.history.prefix(owner.profile.history) where try await isPassword(password, of: hash) {
            throw .weakPassword(PasswordPolicy.Violation.usedBefore(count: owner.profile.history).description)
        }
        let standsAlone =
            !owner.hasFactor || (try? PasswordPolicy(owner.profile, hasFactor: false).check(password, context: owner.context)) != nil
        do throws(PasswordHasher.Failure) {
            return NewPassword(try await hasher.hash(password), standsAlone: standsAlone)
        } catch {
            throw .overloaded
        }
    }

    private func isPassword(_ password: Secret, of hash: String) async throws(AuthenticationError) -> Bool {
        do throws(PasswordHasher.Failure) {
            return try await hasher.verify(password, against: hash).isCorrect
        } catch {
            throw .overloaded
        }
    }
}
