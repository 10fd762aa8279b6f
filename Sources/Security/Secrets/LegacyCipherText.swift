// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// `iv:authtag:content` as panels on Node's `crypto` write it: one key for everything, an IV of 12 or 16 bytes, nothing that
/// binds the value to its place.
///
/// For moving from and to such a panel, with that panel's key in hand. Nothing that the host stores is in this form, and no
/// stored value is ever opened this way.
package enum LegacyCipherText {
    /// Opens a panel's string.
    package static func open(_ text: String, key: Secret) throws(EncryptionError) -> Secret {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 3, let iv = Hex.decode(Substring(parts[0])), iv.count == 12 || iv.count == 16,
            let tag = Hex.decode(Substring(parts[1])), tag.count == AESGCMKey.tagByteCount, let content = Hex.decode(Substring(parts[2]))
        else { throw .malformed }
        do throws(CryptoError) {
            return try AESGCMKey(key, nonceByteCount: iv.count).open(content, nonce: iv, tag: tag, authenticating: [])
        } catch {
            throw .undecryptable
        }
    }

    /// Writes a string that the panel can open.
    package static func seal(_ plaintext: Secret, key: Secret, ivByteCount: Int = 12) throws(EncryptionError) -> String {
        do {
            let iv = SecureRandom.bytes(ivByteCount)
            let cipher = try AESGCMKey(key, nonceByteCount: ivByteCount)
            let (content, tag) = try plaintext.withBytes { try cipher.seal($0, nonce: iv, authenticating: []) }
            return "\(Hex.encode(iv)):\(Hex.encode(tag)):\(Hex.encode(content))"
        } catch {
            throw EncryptionService.encryptionError(error)
        }
    }
}
