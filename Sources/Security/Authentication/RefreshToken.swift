// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Opaque refresh tokens: 256 bits behind a prefix, known to the database by their hash only.
struct RefreshToken: Sendable {
    private static let prefix = "phr_"
    private static let byteCount = 32

    /// What the client holds.
    let text: String
    /// What is stored.
    let hash: [UInt8]

    /// Reads a token in its one spelling.
    init?(_ text: String) {
        guard text.utf8.count == 47, text.hasPrefix(Self.prefix),
            let bytes = Base64.decode(text.dropFirst(Self.prefix.count), url: true), bytes.count == Self.byteCount
        else { return nil }
        self.init(bytes: bytes)
    }

    private init(bytes: [UInt8]) {
        text = Self.prefix + Base64.encode(bytes, url: true)
        // The purpose is part of the hash: a token of another purpose is not found here, whatever its bytes are.
        hash = Hash.sha256(LengthPrefixed("panelhost.refresh.v1", text).bytes)
    }

    /// The first token of a session.
    static func random() -> RefreshToken {
        RefreshToken(bytes: SecureRandom.bytes(byteCount))
    }

    /// The token that follows this one.
    ///
    /// Derived rather than random, so that a client that lost the answer gets the same child again without the
    /// database ever having held it. Without the key nobody can go from a stolen old token to a newer one.
    func child(key: Secret) -> RefreshToken {
        RefreshToken(bytes: HMAC.authenticate(LengthPrefixed("panelhost.refresh.child.v1", text).bytes, key: key))
    }
}
