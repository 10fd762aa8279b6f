// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL

/// SHA-256 of a message that comes in pieces.
///
/// One owner, one thread: it is a number that grows, not a value.
package final class RunningHash {
    private let context: OpaquePointer

    /// The hash of nothing yet.
    package init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex2(context, Algorithms.shared.sha256, nil) == 1 else {
            preconditionFailure("out of memory for a digest")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds a piece.
    package func update(_ bytes: some Collection<UInt8>) {
        withContiguousBytes(bytes) { bytes in
            // A digest cannot fail on data; see Hash.
            precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "libcrypto could not compute a digest")
        }
    }

    /// The hash of all pieces; what is added afterwards starts a new message.
    package func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: HashAlgorithm.sha256.byteCount) { output, count in
            var length: UInt32 = 0
            let done =
                EVP_DigestFinal_ex(context, output.baseAddress, &length) == 1
                && EVP_DigestInit_ex2(context, Algorithms.shared.sha256, nil) == 1
            precondition(done && Int(length) == HashAlgorithm.sha256.byteCount, "libcrypto could not compute a digest")
            count = Int(length)
        }
    }
}
