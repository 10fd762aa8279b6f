// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Ed25519 signatures (RFC 8032).
public enum Ed25519 {
    /// A key to sign with.
    public struct PrivateKey: Sendable {
        private let seed: Secret
        /// The 32 bytes that verify.
        public let publicKey: [UInt8]

        /// The key with the given 32-byte seed.
        public init(seed: Secret) throws(CryptoError) {
            guard seed.count == 32 else { throw .invalidLength }
            self.seed = seed
            publicKey = try ErrorQueue.scoped { () throws(CryptoError) in try SignatureKey(ed25519Seed: seed).ed25519PublicKey() }
        }

        /// A new random key.
        public static func generate() throws(CryptoError) -> PrivateKey {
            try PrivateKey(seed: SecureRandom.secret(32))
        }

        /// The 64-byte signature of a message.
        public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
            try ErrorQueue.scoped { () throws(CryptoError) in try SignatureKey(ed25519Seed: seed).sign(message, byteCount: 64) }
        }
    }

    /// Whether a signature belongs to a message under a 32-byte public key.
    public static func isValid(_ signature: [UInt8], for message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == 64, publicKey.count == 32 else { return false }
        return ErrorQueue.scoped {
            guard let key = try? SignatureKey(ed25519PublicKey: publicKey) else { return false }
            return key.verify(signature, message)
        }
    }
}
