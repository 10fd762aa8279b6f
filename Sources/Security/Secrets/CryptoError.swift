// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL

/// A cryptographic operation that did not succeed.
public enum CryptoError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The tag, the signature or the key does not fit the data. Deliberately says no more.
    case notAuthentic
    /// A key or nonce has a length that the algorithm does not take.
    case invalidLength
    /// libcrypto itself failed.
    case library(String)

    /// Safe to show.
    public var description: String {
        switch self {
        case .notAuthentic: "the data is not authentic"
        case .invalidLength: "a key or nonce has the wrong length"
        case .library(let reason): "libcrypto: \(reason)"
        }
    }
}

/// The thread's queue of libcrypto errors.
///
/// It belongs to the thread: after an `await` one may read somebody else's errors. Every operation here therefore
/// starts with a clear queue, and reads and clears it before the same synchronous function returns.
enum ErrorQueue {
    /// Runs one synchronous operation with the queue clear before and after.
    static func scoped<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        ERR_clear_error()
        defer { ERR_clear_error() }
        return try body()
    }

    /// Empties the queue into an error.
    static func take() -> CryptoError {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return .library("failed without a reason") }
        return .library(
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                ERR_error_string_n(code, buffer.baseAddress, buffer.count)
                return buffer.baseAddress.map { String(cString: $0) } ?? "unknown"
            })
    }
}
