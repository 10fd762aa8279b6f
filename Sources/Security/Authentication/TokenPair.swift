// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a successful sign-in or refresh hands out.
///
/// Shown once, to the one who signed in.
public struct TokenPair: Sendable {
    /// The access token, for the `Authorization` header.
    public let accessToken: String
    /// For how many seconds the access token is good.
    public let expiresIn: Int64
    /// The refresh token, good for one use.
    public let refreshToken: String
    /// For how many seconds the refresh token is good when it is not used.
    public let refreshExpiresIn: Int64
    /// The session that both belong to.
    public let session: SessionID
    /// The tenant.
    public let tenant: TenantID
    /// The tenant's slug.
    public let slug: TenantSlug
    /// The user.
    public let user: UserID
    /// The device that the session belongs to, when its client keeps one.
    public let device: DeviceID?
    /// What the client is to keep of its devices, after a sign-in.
    public let deviceCookie: String?
    /// Whether the user had never signed in with this device before; false for a refresh.
    public let isNewDevice: Bool
}

extension TokenPair: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Names the session only.
    public var description: String { "TokenPair(session \(session))" }
    /// Names the session only.
    public var debugDescription: String { description }
    /// Shows the session only.
    public var customMirror: Mirror { Mirror(self, children: ["session": session]) }
}
