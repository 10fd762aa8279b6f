// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL

/// One asymmetric key of libcrypto, for as long as one operation takes.
struct SignatureKey: ~Copyable {
    private let key: OpaquePointer
    /// The digest that goes with the key; nil where the algorithm brings its own.
    private let digest: OpaquePointer?

    private init(_ key: OpaquePointer?, digest: OpaquePointer? = nil) throws(CryptoError) {
        guard let key else { throw ErrorQueue.take() }
        (self.key, self.digest) = (key, digest)
    }

    deinit { EVP_PKEY_free(key) }

    init(ed25519Seed seed: Secret) throws(CryptoError) {
        try self.init(
            seed.withBytes { seed in
                EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, seed.baseAddress?.assumingMemoryBound(to: UInt8.self), seed.count)
            })
    }

    init(ed25519PublicKey: [UInt8]) throws(CryptoError) {
        try self.init(EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, ed25519PublicKey, ed25519PublicKey.count))
    }

    init(p256Scalar scalar: Secret, point: [UInt8]) throws(CryptoError) {
        try self.init(
            scalar.withBytes { scalar in
                panelhost_p256_key(scalar.baseAddress?.assumingMemoryBound(to: UInt8.self), point, point.count)
            }, digest: Algorithms.shared.sha256)
    }

    init(p256Point point: [UInt8]) throws(CryptoError) {
        try self.init(panelhost_p256_key(nil, point, point.count), digest: Algorithms.shared.sha256)
    }

    func ed25519PublicKey() throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == 32 else { throw ErrorQueue.take() }
        return bytes
    }

    /// The signature in the form of libcrypto, of so many bytes at most.
    func sign(_ message: [UInt8], byteCount: Int) throws(CryptoError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw ErrorQueue.take() }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: byteCount)
        var count = signature.count
        guard EVP_DigestSignInit(context, nil, digest, nil, key) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        else { throw ErrorQueue.take() }
        return Array(signature.prefix(count))
    }

    func verify(_ signature: [UInt8], _ message: [UInt8]) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit(context, nil, digest, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
