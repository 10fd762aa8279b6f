// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL

/// The hash functions that are offered.
///
/// SHA-1 is there for what providers still sign with, nowhere else.
public enum HashAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// 160 bits; only inside HMAC, for old webhooks.
    case sha1
    /// 256 bits.
    case sha256
    /// 512 bits.
    case sha512

    /// Bytes of a digest.
    public var byteCount: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }

    var digest: OpaquePointer {
        switch self {
        case .sha1: Algorithms.shared.sha1
        case .sha256: Algorithms.shared.sha256
        case .sha512: Algorithms.shared.sha512
        }
    }
}

/// Digests of bytes.
public enum Hash {
    /// SHA-256.
    public static func sha256(_ message: some Collection<UInt8>) -> [UInt8] { digest(message, using: .sha256) }

    /// SHA-512.
    public static func sha512(_ message: some Collection<UInt8>) -> [UInt8] { digest(message, using: .sha512) }

    /// SHA-1, for compatibility only.
    public static func sha1(_ message: some Collection<UInt8>) -> [UInt8] { digest(message, using: .sha1) }

    /// The digest of a message.
    public static func digest(_ message: some Collection<UInt8>, using algorithm: HashAlgorithm) -> [UInt8] {
        withContiguousBytes(message) { bytes in
            ErrorQueue.scoped {
                let context = DigestContext()
                return context.digest(bytes, algorithm)
            }
        }
    }
}

/// One digest computation.
private struct DigestContext: ~Copyable {
    private let context: OpaquePointer

    init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory for a digest") }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    func digest(_ bytes: UnsafeRawBufferPointer, _ algorithm: HashAlgorithm) -> [UInt8] {
        var length: UInt32 = 0
        return [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { output, count in
            let done =
                EVP_DigestInit_ex2(context, algorithm.digest, nil) == 1
                && EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
                && EVP_DigestFinal_ex(context, output.baseAddress, &length) == 1
            // A digest cannot fail on data. Going on with an empty one would be worse than stopping.
            precondition(done && Int(length) == algorithm.byteCount, "libcrypto could not compute a digest")
            count = Int(length)
        }
    }
}

/// Lends a collection's bytes as one block, copying only collections that have none.
func withContiguousBytes<Result, Failure: Error>(
    _ bytes: some Collection<UInt8>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
) throws(Failure) -> Result {
    var outcome: Swift.Result<Result, Failure>?
    _ = bytes.withContiguousStorageIfAvailable { block in
        outcome = Swift.Result { () throws(Failure) in try body(UnsafeRawBufferPointer(block)) }
    }
    if let outcome { return try outcome.get() }
    let copy = Array(bytes)
    return try copy.withUnsafeBufferPointer { (block) throws(Failure) -> Result in try body(UnsafeRawBufferPointer(block)) }
}
