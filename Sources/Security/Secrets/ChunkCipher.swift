// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A long message in authenticated chunks, read and written in constant memory (STREAM, as in age).
///
/// The nonce of a chunk is its number and whether it is the last one: a chunk that is changed, moved, repeated, left out or cut off does
/// not open. The key must be of one message only.
package enum ChunkCipher {
    /// Bytes of a full chunk before it is sealed.
    package static let chunkByteCount = 65_536
    /// Bytes of a full chunk in the file.
    package static let sealedByteCount = chunkByteCount + AESGCMKey.tagByteCount

    private static func nonce(_ number: UInt64, isLast: Bool) -> [UInt8] {
        var nonce = [UInt8](repeating: 0, count: AESGCMKey.nonceByteCount)
        for place in 0..<8 { nonce[3 + place] = UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * place)) }
        nonce[11] = isLast ? 1 : 0
        return nonce
    }

    /// Seals chunk after chunk.
    package struct Sealer: Sendable {
        private let key: AESGCMKey
        private var number: UInt64 = 0

        /// For one message under a key of its own.
        package init(_ key: AESGCMKey) { self.key = key }

        /// The next chunk; only the last one may be short.
        package mutating func seal(_ chunk: ArraySlice<UInt8>, isLast: Bool) throws(CryptoError) -> [UInt8] {
            guard chunk.count == chunkByteCount || isLast && chunk.count < chunkByteCount else { throw .invalidLength }
            let sealed = try withContiguousBytes(chunk) { (chunk) throws(CryptoError) in
                try key.seal(chunk, nonce: nonce(number, isLast: isLast), authenticating: [])
            }
            number += 1
            return sealed.ciphertext + sealed.tag
        }
    }

    /// Opens chunk after chunk.
    package struct Opener: Sendable {
        private let key: AESGCMKey
        private var number: UInt64 = 0

        /// For one message under a key of its own.
        package init(_ key: AESGCMKey) { self.key = key }

        /// How many chunks were opened.
        package var opened: UInt64 { number }

        /// The next chunk, which must be the last one exactly when nothing follows it.
        package mutating func open(_ sealed: ArraySlice<UInt8>, isLast: Bool) throws(CryptoError) -> [UInt8] {
            let chunk = try attempt(sealed, isLast: isLast)
            number += 1
            return chunk
        }

        /// Whether the chunk would open as what it does not claim to be: it tells a cut file from a changed one.
        package func wouldOpen(_ sealed: ArraySlice<UInt8>, isLast: Bool) -> Bool {
            (try? attempt(sealed, isLast: isLast)) != nil
        }

        private func attempt(_ sealed: ArraySlice<UInt8>, isLast: Bool) throws(CryptoError) -> [UInt8] {
            guard sealed.count >= AESGCMKey.tagByteCount, sealed.count <= sealedByteCount, isLast || sealed.count == sealedByteCount else {
                throw .notAuthentic
            }
            let tag = Array(sealed.suffix(AESGCMKey.tagByteCount))
            let content = Array(sealed.dropLast(AESGCMKey.tagByteCount))
            // What a backup holds is no secret of ours to cleanse: secrets in it are sealed once more.
            return try key.open(content, nonce: nonce(number, isLast: isLast), tag: tag, authenticating: []).revealedBytes()
        }
    }
}
