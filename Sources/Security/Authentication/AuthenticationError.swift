// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Why somebody is not let in.
///
/// Says nothing that helps to guess.
public enum AuthenticationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Whatever was shown is not good. One answer for every reason.
    case refused
    /// Somebody who is signed in has not shown the right password again, or has tried too often.
    case notConfirmed
    /// A new password is not good enough; the text says why, to whoever chose it.
    case weakPassword(String)
    /// The password was right and is too old: it has to be changed before anybody signs in with it.
    case passwordExpired
    /// Too many passwords are being checked; try again in a moment.
    case overloaded
    /// The credentials are good, but the user is signed in as often as may be.
    case tooManySessions
    /// The identities cannot be read at the moment.
    case unavailable(Redacted<String>)
    /// The caller may not do this.
    case denied(Denial)
    /// What the caller asks for is not acceptable; the text says what is.
    case invalid(String)

    /// Safe to show.
    public var description: String {
        switch self {
        case .refused: "the credentials are not valid"
        case .notConfirmed: "the password is not right, or it was tried too often: wait a while before you try again"
        case .weakPassword(let reason): reason
        case .passwordExpired: "the password is too old, or too short to be the only factor: choose a new one before you sign in"
        case .overloaded: "too many sign-ins at once; try again in a moment"
        case .tooManySessions: "the user is signed in as often as may be; sign out elsewhere first"
        case .unavailable: "signing in is not possible at the moment"
        case .denied(let denial): denial.description
        case .invalid(let reason): reason
        }
    }
}
