// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Testing
import Values

@Suite("The secret scrubber")
struct SecretScrubberTests {
    private let secret = "sk_test_51H/+abc \"quoted\""
    private var scrubber: SecretScrubber { SecretScrubber(secrets: [Secret(secret)]) }

    @Test("finds a secret in every encoding in which a provider may echo it")
    func encodings() {
        let bytes = Array(secret.utf8)
        let forms = [
            secret, Hex.encode(bytes), Hex.encode(bytes).uppercased(), Base64.encode(bytes), Base64.encode(bytes, url: true),
            Base64.encode(Array("u:\(secret)".utf8)), Base64.encode(Array("us:\(secret)".utf8)), Base64.encode(Array("use:\(secret)".utf8)),
            "sk_test_51H%2F%2Babc%20%22quoted%22", "sk_test_51H%2F%2Babc+%22quoted%22", JSON.text(.string(secret)),
        ]
        for form in forms {
            let clean = scrubber.scrub("before \(form) after")

            #expect(clean.contains(SecretScrubber.mark), "\(form)")
            #expect(clean.hasPrefix("before "), "\(form)")
        }
    }

    @Test("leaves everything else as it is")
    func others() {
        let text = "The quick brown fox, 12.30 EUR, sk_test_52"

        #expect(scrubber.scrub(text) == text)
        #expect(SecretScrubber(secrets: []).scrub(text) == text)
    }

    @Test("works through a whole value, names included")
    func values() {
        let value: Value = ["a": [.string("x\(secret)y"), 1], .init(secret): true]

        #expect(!JSON.text(scrubber.scrub(value)).contains("sk_test"))
    }
}
