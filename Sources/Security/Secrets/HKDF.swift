// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL

/// Key derivation (RFC 5869): one input key, one output per label.
public enum HKDF {
    /// Derives a key with SHA-256; at most 8,160 bytes.
    public static func derive(
        from input: Secret, salt: [UInt8] = [], info: [UInt8], byteCount: Int
    ) throws(CryptoError) -> Secret {
        guard byteCount > 0, byteCount <= 255 * 32 else { throw .invalidLength }
        return try input.withBytes { (key) throws(CryptoError) -> Secret in
            try Secret(byteCount: byteCount) { (output) throws(CryptoError) in
                try ErrorQueue.scoped { () throws(CryptoError) in
                    try DerivationContext().derive(into: output, key: key, salt: salt, info: info)
                }
            }
        }
    }
}

private struct DerivationContext: ~Copyable {
    private let context: OpaquePointer

    init() throws(CryptoError) {
        guard let context = EVP_KDF_CTX_new(Algorithms.shared.hkdf) else { throw ErrorQueue.take() }
        self.context = context
    }

    deinit { EVP_KDF_CTX_free(context) }

    func derive(
        into output: UnsafeMutableRawBufferPointer, key: UnsafeRawBufferPointer, salt: [UInt8], info: [UInt8]
    ) throws(CryptoError) {
        let done = panelhost_hkdf_derive(
            context, "SHA2-256", key.baseAddress, key.count, salt, salt.count, info, info.count,
            output.baseAddress?.assumingMemoryBound(to: UInt8.self), output.count)
        guard done == 1 else { throw ErrorQueue.take() }
    }
}
