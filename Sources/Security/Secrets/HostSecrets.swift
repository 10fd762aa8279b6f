// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// A secret of the installation's own as it is stored: wrapped under a root key.
public struct WrappedSecret: Sendable, Hashable {
    /// `iv:authtag:content`.
    public let text: String
    /// The root key that it is wrapped under.
    public let wrappedBy: String

    /// A secret from its columns.
    public init(text: String, wrappedBy: String) {
        (self.text, self.wrappedBy) = (text, wrappedBy)
    }
}

/// Seals secrets that belong to no tenant, such as what signs the messages to an audit sink.
public struct HostSecrets: Sendable {
    private let roots: any KEKProvider
    private let installation: String

    package init(roots: any KEKProvider, installation: String = "panelhost") {
        (self.roots, self.installation) = (roots, installation)
    }

    /// Wraps a secret for one place.
    ///
    /// It opens nowhere else.
    public func seal(_ secret: Secret, at place: String) async throws(KEKError) -> WrappedSecret {
        let root = try await roots.currentID()
        let text = try await roots.wrap(secret, under: root, authenticating: associatedData(place, root))
        return WrappedSecret(text: text, wrappedBy: root)
    }

    /// The secret of a place.
    public func open(_ stored: WrappedSecret, at place: String) async throws(KEKError) -> Secret {
        try await roots.unwrap(stored.text, under: stored.wrappedBy, authenticating: associatedData(place, stored.wrappedBy))
    }

    /// The secret under the root key that wraps now; nil when it is already.
    package func rewrapped(_ stored: WrappedSecret, at place: String) async throws(KEKError) -> WrappedSecret? {
        guard try await roots.currentID() != stored.wrappedBy else { return nil }
        return try await seal(try await open(stored, at: place), at: place)
    }

    private func associatedData(_ place: String, _ root: String) -> [UInt8] {
        LengthPrefixed("panelhost.hostsecret.v1", installation, place, root).bytes
    }
}
