// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL

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
            publicKey = try ErrorQueue.scoped { () throws(CryptoError) in try KeyHandle(seed: seed).publicKey() }
        }

        /// A new random key.
        public static func generate() throws(CryptoError) -> PrivateKey {
            try PrivateKey(seed: SecureRandom.secret(32))
        }

        /// The 64-byte signature of a message.
        public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
            try ErrorQueue.scoped { () throws(CryptoError) in try KeyHandle(seed: seed).sign(message) }
        }
    }

    /// Whether a signature belongs to a message under a 32-byte public key.
    public static func isValid(_ signature: [UInt8], for message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == 64, publicKey.count == 32 else { return false }
        return ErrorQueue.scoped {
            guard let key = try? KeyHandle(publicKey: publicKey) else { return false }
            return key.verify(signature, message)
        }
    }
}

private struct KeyHandle: ~Copyable {
    private let key: OpaquePointer

    init(seed: Secret) throws(CryptoError) {
        let key = seed.withBytes { seed in
            EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, seed.baseAddress?.assumingMemoryBound(to: UInt8.self), seed.count)
        }
        guard let key else { throw ErrorQueue.take() }
        self.key = key
    }

    init(publicKey: [UInt8]) throws(CryptoError) {
        guard let key = EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, publicKey, publicKey.count) else {
            throw ErrorQueue.take()
        }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    func publicKey() throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == 32 else { throw ErrorQueue.take() }
        return bytes
    }

    func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw ErrorQueue.take() }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 64)
        var count = signature.count
        guard EVP_DigestSignInit_ex(context, nil, nil, nil, nil, key, nil) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1, count == 64
        else { throw ErrorQueue.take() }
        return signature
    }

    func verify(_ signature: [UInt8], _ message: [UInt8]) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit_ex(context, nil, nil, nil, nil, key, nil) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
