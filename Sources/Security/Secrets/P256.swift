// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL

/// ECDSA over P-256 with SHA-256 (FIPS 186-5), signatures as r‖s (RFC 7518, section 3.4).
public enum P256 {
    /// A key to sign with.
    public struct PrivateKey: Sendable {
        private let scalar: Secret
        /// The point that verifies: 65 bytes, uncompressed.
        public let publicKey: [UInt8]

        /// The key of a 32-byte scalar; one in four billion is out of the curve's range.
        public init(scalar: Secret) throws(CryptoError) {
            guard scalar.count == 32 else { throw .invalidLength }
            self.scalar = scalar
            publicKey = try ErrorQueue.scoped { () throws(CryptoError) in
                var point = [UInt8](repeating: 0, count: P256.pointByteCount)
                let isOnCurve = scalar.withBytes { scalar in
                    panelhost_p256_point(scalar.baseAddress?.assumingMemoryBound(to: UInt8.self), &point)
                }
                guard isOnCurve == 1 else { throw .notAuthentic }
                return point
            }
        }

        /// The 64-byte signature of a message.
        public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
            try ErrorQueue.scoped { () throws(CryptoError) in
                let der = try SignatureKey(p256Scalar: scalar, point: publicKey).sign(message, byteCount: P256.derByteCount)
                var raw = [UInt8](repeating: 0, count: P256.signatureByteCount)
                guard panelhost_p256_raw(der, der.count, &raw) == 1 else { throw ErrorQueue.take() }
                return raw
            }
        }
    }

    fileprivate static let signatureByteCount = 64
    fileprivate static let pointByteCount = 65
    fileprivate static let derByteCount = 72

    /// Whether a signature belongs to a message under an uncompressed point of the curve.
    public static func isValid(_ signature: [UInt8], for message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureByteCount, publicKey.count == pointByteCount, publicKey[0] == 4 else { return false }
        return ErrorQueue.scoped {
            var der = [UInt8](repeating: 0, count: derByteCount)
            let count = panelhost_p256_der(signature, &der)
            guard count > 0, let key = try? SignatureKey(p256Point: publicKey) else { return false }
            return key.verify(Array(der.prefix(count)), message)
        }
    }
}
