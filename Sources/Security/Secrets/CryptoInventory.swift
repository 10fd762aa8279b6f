// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import CArgon2
internal import COpenSSL

/// Every cryptographic algorithm of the program: what for, how strong, and who computes it.
public struct CryptoInventory: Sendable {
    /// One algorithm in one use.
    public struct Algorithm: Sendable, Hashable {
        /// Its usual name, with parameters.
        public let name: String
        /// What it is, in the words of CycloneDX.
        public let primitive: String
        /// What it does here.
        public let use: String
        /// Bits of the key; nil without one.
        public let keyBits: Int?
        /// Who computes it: a provider of libcrypto, or a library.
        public let provider: String
        /// Its specification.
        public let standard: String
    }

    /// Such as `OpenSSL 3.0.17 1 Jul 2025`.
    public let library: String
    /// The providers of libcrypto that can be had here.
    public let providers: [String]
    /// Whether the FIPS provider can be loaded.
    public let isFIPSAvailable: Bool
    /// Whether algorithms are taken from the FIPS provider only.
    public let isFIPSEnforced: Bool
    /// Every algorithm.
    public let algorithms: [Algorithm]

    /// Asks libcrypto what is in force in this process.
    public init() {
        library = OpenSSL_version(OPENSSL_VERSION).map { String(cString: $0) } ?? "unknown"
        (providers, isFIPSAvailable, isFIPSEnforced) = ErrorQueue.scoped {
            (
                ["default", "base", "legacy", "fips"].filter { OSSL_PROVIDER_available(nil, $0) == 1 },
                OSSL_PROVIDER_available(nil, "fips") == 1, EVP_default_properties_is_fips_enabled(nil) == 1
            )
        }
        let known = Algorithms.shared
        let cipher = Self.name(EVP_CIPHER_get0_provider(known.aes256GCM))
        let sha256 = Self.name(EVP_MD_get0_provider(known.sha256))
        let sha1 = Self.name(EVP_MD_get0_provider(known.sha1))
        let sha512 = Self.name(EVP_MD_get0_provider(known.sha512))
        let hkdf = Self.name(EVP_KDF_get0_provider(known.hkdf))
        let mac = Self.name(EVP_MAC_get0_provider(EVP_MAC_CTX_get0_mac(known.hmacSHA256)))
        let signature = ErrorQueue.scoped {
            let algorithm = EVP_SIGNATURE_fetch(nil, "ED25519", nil)
            defer { EVP_SIGNATURE_free(algorithm) }
            return Self.name(algorithm.flatMap { EVP_SIGNATURE_get0_provider($0) })
        }
        func entry(_ name: String, _ primitive: String, _ use: String, _ bits: Int?, _ provider: String, _ standard: String) -> Algorithm {
            Algorithm(name: name, primitive: primitive, use: use, keyBits: bits, provider: provider, standard: standard)
        }
        algorithms = [
            entry("AES-256-GCM", "ae", "secrets, personal data, wrapped keys, page cursors, backups", 256, cipher, "SP 800-38D"),
            entry("HKDF-SHA256", "kdf", "one key per job from a root key", 256, hkdf, "RFC 5869"),
            entry("HMAC-SHA256", "mac", "access tokens (HS256), pepper, pseudonyms, fingerprints, webhooks", 256, mac, "RFC 2104"),
            entry("HMAC-SHA512", "mac", "webhooks and requests of providers that want it", 512, mac, "RFC 2104"),
            entry("HMAC-SHA1", "mac", "webhooks of providers that know no better; never for our own data", 160, mac, "RFC 2104"),
            entry("Ed25519", "signature", "audit checkpoints, plugin archives, access tokens (EdDSA)", 256, signature, "RFC 8032"),
            entry("ECDSA P-256", "signature", "access tokens (ES256)", 256, signature, "FIPS 186-5"),
            entry("SHA-256", "hash", "audit trees, tokens at rest, plugin contents, migrations", nil, sha256, "FIPS 180-4"),
            entry("SHA-512", "hash", "digests for plugins", nil, sha512, "FIPS 180-4"),
            entry("SHA-1", "hash", "digests for plugins whose provider wants them", nil, sha1, "FIPS 180-4"),
            entry(
                "Argon2id", "kdf", "passwords", nil, "libargon2 1.3 (v=\(ARGON2_VERSION_13.rawValue))", "RFC 9106"),
            entry("CTR-DRBG", "drbg", "keys, nonces, tokens, codes", 256, cipher, "SP 800-90A"),
        ]
    }

    private static func name(_ provider: OpaquePointer?) -> String {
        guard let provider, let name = OSSL_PROVIDER_get0_name(provider) else { return "unknown" }
        return "libcrypto \(String(cString: name))"
    }
}
