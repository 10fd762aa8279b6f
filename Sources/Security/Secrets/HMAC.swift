// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL

/// Message authentication codes (RFC 2104).
public enum HMAC {
    /// The code of a message under a key.
    public static func authenticate(
        _ message: some Collection<UInt8>, key: some Collection<UInt8>, using algorithm: HashAlgorithm = .sha256
    ) -> [UInt8] {
        withContiguousBytes(key) { key in
            withContiguousBytes(message) { message in
                ErrorQueue.scoped { HMACContext(algorithm).authenticate(message, key: key, algorithm) }
            }
        }
    }

    /// The code of a message under a secret key, which is not copied on the way.
    public static func authenticate(
        _ message: some Collection<UInt8>, key: Secret, using algorithm: HashAlgorithm = .sha256
    ) -> [UInt8] {
        key.withBytes { key in
            withContiguousBytes(message) { message in
                ErrorQueue.scoped { HMACContext(algorithm).authenticate(message, key: key, algorithm) }
            }
        }
    }

    /// Whether a code belongs to a message, in a time that does not tell how much of it fits.
    public static func isValid(
        _ code: some Collection<UInt8>, for message: some Collection<UInt8>, key: Secret, using algorithm: HashAlgorithm = .sha256
    ) -> Bool {
        ConstantTime.equals(code, authenticate(message, key: key, using: algorithm))
    }
}

/// One computation, on a duplicate of the template that already knows its digest.
private struct HMACContext: ~Copyable {
    private let context: OpaquePointer

    init(_ algorithm: HashAlgorithm) {
        let template =
            switch algorithm {
            case .sha1: Algorithms.shared.hmacSHA1
            case .sha256: Algorithms.shared.hmacSHA256
            case .sha512: Algorithms.shared.hmacSHA512
            }
        guard let context = EVP_MAC_CTX_dup(template) else { preconditionFailure("out of memory for an HMAC") }
        self.context = context
    }

    // Cleanses the key schedule.
    deinit { EVP_MAC_CTX_free(context) }

    func authenticate(_ message: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, _ algorithm: HashAlgorithm) -> [UInt8] {
        var length = 0
        // libcrypto takes a null key for "keep the last one"; an empty key is a key all the same.
        var nothing: UInt8 = 0
        return [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { output, count in
            let keyed = withUnsafePointer(to: &nothing) { nothing in
                EVP_MAC_init(context, key.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) } ?? nothing, key.count, nil)
            }
            let done =
                keyed == 1
                && EVP_MAC_update(context, message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count) == 1
                && EVP_MAC_final(context, output.baseAddress, &length, output.count) == 1
            precondition(done && length == algorithm.byteCount, "libcrypto could not compute an HMAC")
            count = length
        }
    }
}
