// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Where an attempt at somebody's password comes from, as far as it decides whom it makes wait.
///
/// Strangers share one lane, in which each failure makes the next one wait longer. Were it the only one, whoever knows an address
/// could keep its owner out for ever. So the places and devices from which the owner has signed in have lanes of their own, limited
/// in the same way, that no stranger gets into.
package struct SignInOrigin: Sendable, Hashable {
    /// Names of the network that the attempt comes from, one for each key, the one to remember first; they tell nobody the address.
    package var places: [String] = []
    /// A device of this user, which it has proved to be by its cookie.
    package var device: DeviceID?
    /// The session in which the password is asked for again.
    package var session: SessionID?

    package init(places: [String] = [], device: DeviceID? = nil, session: SessionID? = nil) {
        (self.places, self.device, self.session) = (places, device, session)
    }

    /// From nowhere that is known.
    package static let stranger = SignInOrigin()

    /// From within a session.
    package static func session(_ id: SessionID) -> SignInOrigin { SignInOrigin(session: id) }
}

extension Authenticator {
    /// Where an attempt at a user's password comes from.
    ///
    /// - Parameter device: the id of a device of this very user, once its cookie was verified.
    func origin(of user: UserID, in tenant: TenantID, _ address: ClientAddress, device: DeviceID? = nil) -> SignInOrigin {
        guard let address = IPAddress(address.description)?.unmapped else { return SignInOrigin(device: device) }
        // A customer of a provider has the whole /64 of an IPv6 address.
        let network = NetworkPrefix(around: address, length: address.isV6 ? 64 : 32).description
        let fields = LengthPrefixed("panelhost.place.v1", tenant.description, user.description, network)
        return SignInOrigin(places: placeKeys.map { Hex.encode(HMAC.authenticate(fields.bytes, key: $0).prefix(16)) }, device: device)
    }
}
