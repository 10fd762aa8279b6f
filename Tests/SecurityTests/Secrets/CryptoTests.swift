// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("Crypto")
struct CryptoTests {
    @Test(
        "digests of the standard's examples",
        arguments: [
            (HashAlgorithm.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                .sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
            ),
        ])
    func digests(algorithm: HashAlgorithm, expected: String) {
        #expect(Hex.encode(Hash.digest("abc".utf8, using: algorithm)) == expected)
        #expect(Hash.digest([UInt8](), using: algorithm).count == algorithm.byteCount)
    }

    @Test("an HMAC with an empty key and an empty message exists")
    func emptyHMAC() {
        #expect(
            Hex.encode(HMAC.authenticate([UInt8](), key: [UInt8]()))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test("SHA-1 and SHA-512 codes of RFC 2202 and RFC 4231")
    func otherHMACs() {
        #expect(
            Hex.encode(HMAC.authenticate("what do ya want for nothing?".utf8, key: "Jefe".utf8, using: .sha1))
                == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
        #expect(
            Hex.encode(HMAC.authenticate("what do ya want for nothing?".utf8, key: "Jefe".utf8, using: .sha512)).hasPrefix(
                "164b7a7bfcf819e2e395fbe73b56e0a3"))
    }

    @Test("constant-time comparison compares")
    func comparison() {
        #expect(ConstantTime.equals([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.equals([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.equals([1, 2, 3], [1, 2]))
        #expect(ConstantTime.equals([UInt8](), [UInt8]()))
        #expect(ConstantTime.equals("abc".utf8, ArraySlice([97, 98, 99])))
    }

    @Test("random digits are digits, and all of them")
    func digits() {
        let text = SecureRandom.digits(4000)

        #expect(text.utf8.count == 4000)
        #expect(Set(text) == Set("0123456789"))
        #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
    }

    @Test("an Ed25519 signature holds for its message only")
    func signatures() throws {
        let key = try Ed25519.PrivateKey.generate()
        let signature = try key.sign(Array("files".utf8))

        #expect(Ed25519.isValid(signature, for: Array("files".utf8), publicKey: key.publicKey))
        #expect(!Ed25519.isValid(signature, for: Array("filez".utf8), publicKey: key.publicKey))
        #expect(!Ed25519.isValid(Array(signature.dropLast()), for: Array("files".utf8), publicKey: key.publicKey))
        #expect(!Ed25519.isValid(signature, for: Array("files".utf8), publicKey: []))
        #expect(throws: CryptoError.invalidLength) { try Ed25519.PrivateKey(seed: Secret("short")) }
    }

    @Test("a cipher takes no key, nonce or tag of another size")
    func sizes() throws {
        #expect(throws: CryptoError.invalidLength) { try AESGCMKey(Secret([UInt8](repeating: 1, count: 16))) }
        let key = try AESGCMKey(SecureRandom.secret(32))
        let nonce = SecureRandom.bytes(12)
        let sealed = try [1, 2, 3].withUnsafeBytes { try key.seal($0, nonce: nonce, authenticating: []) }
        #expect(throws: CryptoError.invalidLength) {
            try [UInt8](repeating: 0, count: 3).withUnsafeBytes { _ = try key.seal($0, nonce: [1, 2, 3], authenticating: []) }
        }
        for count in [0, 4, 12, 15] {
            #expect(throws: CryptoError.notAuthentic) {
                try key.open(sealed.ciphertext, nonce: nonce, tag: Array(sealed.tag.prefix(count)), authenticating: [])
            }
        }
    }
}
