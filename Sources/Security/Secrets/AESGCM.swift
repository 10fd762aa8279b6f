// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL
internal import Synchronization

/// One AES-256-GCM key, scheduled once, with a context for each direction.
///
/// Contexts cannot be shared between threads, so each sits behind its lock; an operation holds it for well under a microsecond.
package final class AESGCMKey: Sendable {
    /// Bytes of a key.
    package static let keyByteCount = 32
    /// Bytes of a nonce.
    package static let nonceByteCount = 12
    /// Bytes of a tag.
    package static let tagByteCount = 16

    private let sealing: Mutex<CipherContext>
    private let opening: Mutex<CipherContext>

    /// Schedules a key.
    package convenience init(_ key: Secret) throws(CryptoError) {
        try self.init(key, nonceByteCount: Self.nonceByteCount)
    }

    /// Schedules a key for nonces of another length, which others' programs use.
    package init(_ key: Secret, nonceByteCount: Int) throws(CryptoError) {
        sealing = Mutex(try CipherContext(key, encrypt: true, nonceByteCount: nonceByteCount))
        opening = Mutex(try CipherContext(key, encrypt: false, nonceByteCount: nonceByteCount))
    }

    /// Encrypts under a nonce that this key has never seen.
    package func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: [UInt8], authenticating associated: [UInt8]
    ) throws(CryptoError) -> (ciphertext: [UInt8], tag: [UInt8]) {
        try sealing.withLock { context throws(CryptoError) in
            try context.seal(plaintext, nonce: nonce, associated: associated)
        }
    }

    /// Decrypts, or throws without giving out a byte.
    package func open(
        _ ciphertext: [UInt8], nonce: [UInt8], tag: [UInt8], authenticating associated: [UInt8]
    ) throws(CryptoError) -> Secret {
        try opening.withLock { context throws(CryptoError) in
            try context.open(ciphertext, nonce: nonce, tag: tag, associated: associated)
        }
    }
}

private struct CipherContext: ~Copyable, @unchecked Sendable {
    // Unchecked: there is one owner, which keeps it behind a lock; libcrypto binds contexts to no thread.
    private let context: OpaquePointer
    private let nonceByteCount: Int

    init(_ key: Secret, encrypt: Bool, nonceByteCount: Int) throws(CryptoError) {
        guard key.count == AESGCMKey.keyByteCount, (12...16).contains(nonceByteCount) else { throw .invalidLength }
        guard let context = EVP_CIPHER_CTX_new() else { throw ErrorQueue.take() }
        let done = ErrorQueue.scoped {
            key.withBytes { key in
                EVP_CipherInit_ex2(
                    context, Algorithms.shared.aes256GCM, key.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, encrypt ? 1 : 0, nil)
            }
        }
        let fits =
            nonceByteCount == AESGCMKey.nonceByteCount
            || ErrorQueue.scoped { EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(nonceByteCount), nil) } == 1
        guard done == 1, fits else {
            EVP_CIPHER_CTX_free(context)
            throw .library("AES-256-GCM did not take a key")
        }
        self.context = context
        self.nonceByteCount = nonceByteCount
    }

    // Cleanses the key schedule.
    deinit { EVP_CIPHER_CTX_free(context) }

    mutating func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: [UInt8], associated: [UInt8]
    ) throws(CryptoError) -> (ciphertext: [UInt8], tag: [UInt8]) {
        try ErrorQueue.scoped { () throws(CryptoError) in
            try begin(nonce: nonce, associated: associated)
            var ciphertext = [UInt8](repeating: 0, count: plaintext.count)
            try update(plaintext, into: &ciphertext)
            var length: Int32 = 0
            var rest: [UInt8] = [0]
            guard EVP_CipherFinal_ex(context, &rest, &length) == 1, length == 0 else { throw ErrorQueue.take() }
            var tag = [UInt8](repeating: 0, count: AESGCMKey.tagByteCount)
            guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1 else { throw ErrorQueue.take() }
            return (ciphertext, tag)
        }
    }

    mutating func open(
        _ ciphertext: [UInt8], nonce: [UInt8], tag: [UInt8], associated: [UInt8]
    ) throws(CryptoError) -> Secret {
        // A shorter tag is a weaker one, and libcrypto would take it.
        guard tag.count == AESGCMKey.tagByteCount else { throw .notAuthentic }
        return try ErrorQueue.scoped { () throws(CryptoError) in
            try begin(nonce: nonce, associated: associated)
            var tag = tag
            guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1 else { throw ErrorQueue.take() }
            // On failure the buffer is cleansed by `Secret` before anybody has seen unauthenticated bytes.
            return try Secret(byteCount: ciphertext.count) { (output) throws(CryptoError) in
                var length: Int32 = 0
                guard ciphertext.count <= Int(Int32.max) else { throw .invalidLength }
                if !ciphertext.isEmpty {
                    let base = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    guard EVP_CipherUpdate(context, base, &length, ciphertext, Int32(ciphertext.count)) == 1,
                        Int(length) == ciphertext.count
                    else { throw .notAuthentic }
                }
                var rest: [UInt8] = [0]
                guard EVP_CipherFinal_ex(context, &rest, &length) > 0 else { throw .notAuthentic }
            }
        }
    }

    private func begin(nonce: [UInt8], associated: [UInt8]) throws(CryptoError) {
        guard nonce.count == nonceByteCount, associated.count <= Int(Int32.max) else { throw .invalidLength }
        guard EVP_CipherInit_ex2(context, nil, nil, nonce, -1, nil) == 1 else { throw ErrorQueue.take() }
        var length: Int32 = 0
        if !associated.isEmpty {
            guard EVP_CipherUpdate(context, nil, &length, associated, Int32(associated.count)) == 1 else { throw ErrorQueue.take() }
        }
    }

    private func update(_ plaintext: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(CryptoError) {
        guard !plaintext.isEmpty else { return }
        guard plaintext.count <= Int(Int32.max) else { throw .invalidLength }
        var length: Int32 = 0
        guard
            EVP_CipherUpdate(
                context, &output, &length, plaintext.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(plaintext.count)) == 1,
            Int(length) == plaintext.count
        else { throw ErrorQueue.take() }
    }
}
