// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL

/// The algorithms of libcrypto, each looked up once.
///
/// An implicit look-up (`EVP_sha256()` and friends) takes locks in every operation and costs more than the hash of
/// a short message.
struct Algorithms: @unchecked Sendable {
    // Unchecked: fetched algorithm objects are immutable, reference-counted, and documented as shareable between
    // threads. The HMAC templates are only ever duplicated, which reads them.
    static let shared = Algorithms()

    let sha1: OpaquePointer
    let sha256: OpaquePointer
    let sha512: OpaquePointer
    let aes256GCM: OpaquePointer
    let hkdf: OpaquePointer
    let hmacSHA1: OpaquePointer
    let hmacSHA256: OpaquePointer
    let hmacSHA512: OpaquePointer

    private init() {
        sha1 = Self.required("SHA1", EVP_MD_fetch(nil, "SHA1", nil))
        sha256 = Self.required("SHA2-256", EVP_MD_fetch(nil, "SHA2-256", nil))
        sha512 = Self.required("SHA2-512", EVP_MD_fetch(nil, "SHA2-512", nil))
        aes256GCM = Self.required("AES-256-GCM", EVP_CIPHER_fetch(nil, "AES-256-GCM", nil))
        hkdf = Self.required("HKDF", EVP_KDF_fetch(nil, "HKDF", nil))
        let hmac = Self.required("HMAC", EVP_MAC_fetch(nil, "HMAC", nil))
        hmacSHA1 = Self.template(hmac, digest: "SHA1")
        hmacSHA256 = Self.template(hmac, digest: "SHA2-256")
        hmacSHA512 = Self.template(hmac, digest: "SHA2-512")
    }

    /// An HMAC context that knows its digest and has no key yet.
    private static func template(_ hmac: OpaquePointer, digest: String) -> OpaquePointer {
        let context = required("HMAC context", EVP_MAC_CTX_new(hmac))
        let applied = panelhost_hmac_set_digest(context, digest)
        precondition(applied == 1, "libcrypto offers no HMAC with \(digest): check the OpenSSL configuration of this machine")
        return context
    }

    /// A libcrypto without these algorithms cannot run this program at all, and there is nothing to fall back to.
    private static func required(_ name: String, _ object: OpaquePointer?) -> OpaquePointer {
        guard let object else {
            preconditionFailure("libcrypto offers no \(name): check the OpenSSL configuration of this machine")
        }
        return object
    }
}
