// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("Wycheproof")
struct WycheproofTests {
    @Test("AES-256-GCM answers as the vectors say", .enabled(if: Corpora.exists("wycheproof/aes_gcm_test.json")))
    func aesGCM() throws {
        var (checked, skipped, long) = (0, 0, 0)
        for group in try Corpora.wycheproof("aes_gcm_test.json") {
            let ivBits = try group.number("ivSize")
            // 128 bits are what panels on Node write: read for imports only.
            let isOurs = try group.number("keySize") == 256 && [96, 128].contains(ivBits) && group.number("tagSize") == 128
            for test in group["tests"]?.arrayValue ?? [] {
                guard isOurs else { skipped += 1; continue }
                let key = try AESGCMKey(Secret(try test.hex("key")), nonceByteCount: ivBits / 8)
                if ivBits == 128 { long += 1 }
                let (nonce, associated) = (try test.hex("iv"), try test.hex("aad"))
                let (message, content, tag) = (try test.hex("msg"), try test.hex("ct"), try test.hex("tag"))
                let opened = try? key.open(content, nonce: nonce, tag: tag, authenticating: associated)
                if try test.text("result") == "valid" {
                    #expect(opened?.revealedBytes() == message, "\(test["tcId"] ?? .null)")
                    let sealed = try message.withUnsafeBytes { try key.seal($0, nonce: nonce, authenticating: associated) }
                    #expect(sealed.ciphertext == content && sealed.tag == tag)
                } else {
                    #expect(opened == nil, "\(test["tcId"] ?? .null)")
                }
                checked += 1
            }
        }
        // Other key, nonce and tag sizes do not exist here: they cannot be asked for.
        #expect(checked >= 60 && skipped > 0 && long > 0, "\(checked) checked, \(long) with 16-byte nonces, \(skipped) of other sizes")
    }

    @Test("HMAC-SHA-256 answers as the vectors say", .enabled(if: Corpora.exists("wycheproof/hmac_sha256_test.json")))
    func hmac() throws {
        var checked = 0
        for group in try Corpora.wycheproof("hmac_sha256_test.json") {
            let count = try group.number("tagSize") / 8
            for test in group["tests"]?.arrayValue ?? [] {
                let code = HMAC.authenticate(try test.hex("msg"), key: Secret(try test.hex("key")))
                let matches = ConstantTime.equals(code.prefix(count), try test.hex("tag"))
                #expect(matches == (try test.text("result") == "valid"), "\(test["tcId"] ?? .null)")
                #expect(code == HMAC.authenticate(try test.hex("msg"), key: try test.hex("key")))
                checked += 1
            }
        }
        #expect(checked >= 170)
    }

    @Test("HKDF-SHA-256 answers as the vectors say", .enabled(if: Corpora.exists("wycheproof/hkdf_sha256_test.json")))
    func hkdf() throws {
        var checked = 0
        for group in try Corpora.wycheproof("hkdf_sha256_test.json") {
            for test in group["tests"]?.arrayValue ?? [] {
                let derived = try? HKDF.derive(
                    from: Secret(try test.hex("ikm")), salt: try test.hex("salt"), info: try test.hex("info"),
                    byteCount: try test.number("size"))
                if try test.text("result") == "valid" {
                    #expect(derived?.revealedBytes() == (try test.hex("okm")), "\(test["tcId"] ?? .null)")
                } else {
                    #expect(derived == nil, "\(test["tcId"] ?? .null)")
                }
                checked += 1
            }
        }
        #expect(checked >= 80)
    }

    @Test("Ed25519 answers as the vectors say", .enabled(if: Corpora.exists("wycheproof/ed25519_test.json")))
    func ed25519() throws {
        var checked = 0
        for group in try Corpora.wycheproof("ed25519_test.json") {
            let key = try (group["publicKey"] ?? group["key"] ?? .null).hex("pk")
            for test in group["tests"]?.arrayValue ?? [] {
                let isValid = Ed25519.isValid(try test.hex("sig"), for: try test.hex("msg"), publicKey: key)
                #expect(isValid == (try test.text("result") == "valid"), "\(test["tcId"] ?? .null)")
                checked += 1
            }
        }
        #expect(checked >= 140)
    }

    @Test("ECDSA P-256 answers as the vectors say", .enabled(if: Corpora.exists("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json")))
    func p256() throws {
        var checked = 0
        for group in try Corpora.wycheproof("ecdsa_secp256r1_sha256_p1363_test.json") {
            let key = try (group["publicKey"] ?? group["key"] ?? .null).hex("uncompressed")
            for test in group["tests"]?.arrayValue ?? [] {
                let isValid = P256.isValid(try test.hex("sig"), for: try test.hex("msg"), publicKey: key)
                #expect(isValid == (try test.text("result") == "valid"), "\(test["tcId"] ?? .null)")
                checked += 1
            }
        }
        #expect(checked >= 200)
    }
}
