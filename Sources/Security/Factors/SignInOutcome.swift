// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What became of a password that was right.
public enum SignInOutcome: Sendable {
    /// The user is signed in.
    case session(TokenPair)
    /// One of the user's second factors is wanted as well.
    case factorNeeded(FactorDemand)
    /// The device is new, and has to be confirmed.
    case deviceUnconfirmed(DeviceDemand)

    /// The tokens of a session; nil when more is wanted.
    public var session: TokenPair? { if case .session(let pair) = self { pair } else { nil } }
}

/// What goes on with a sign-in that wants a second factor.
public struct FactorDemand: Sendable {
    /// To be shown with the factor: opaque, good once, and for nothing else.
    public let token: Secret
    /// Whose sign-in it is.
    package let tenant: TenantID
    /// What may be shown.
    public let factors: [FactorName]
    /// Seconds that the token is good.
    public let expiresIn: Int64
}

/// What goes on with a sign-in from a device that has to be confirmed.
public struct DeviceDemand: Sendable {
    /// To be shown with the token that is sent to the user: opaque, good once, and for nothing else.
    public let token: Secret
    /// What is stored of it: the token that is sent is bound to it.
    package let binding: [UInt8]
    /// Whose sign-in it is.
    package let tenant: TenantID
    /// Who it is to be sent to.
    package let user: UserID
    /// What the device is called.
    package let device: String
    /// When it was begun, in milliseconds.
    package let begunAt: Int64
    /// Seconds that the token is good.
    public let expiresIn: Int64
}
