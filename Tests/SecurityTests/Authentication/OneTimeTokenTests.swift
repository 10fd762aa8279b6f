// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("One-time tokens")
struct OneTimeTokenTests {
    @Test("a token has another hash for every purpose, and none of them shows the token")
    func purposes() throws {
        for purpose in OneTimeToken.Purpose.allCases {
            let token = OneTimeToken.random(for: purpose)
            let hashes = try OneTimeToken.Purpose.allCases.map { try #require(OneTimeToken(token.text, for: $0)).hash }

            #expect(Set(hashes).count == OneTimeToken.Purpose.allCases.count)
            #expect(try #require(OneTimeToken(token.text, for: purpose)).hash == token.hash)
            #expect(!token.hash.starts(with: Hash.sha256(Array(token.text.utf8))))
        }
    }

    @Test("a token is taken in its one spelling only")
    func spelling() throws {
        let token = OneTimeToken.random(for: .invitation).text
        #expect(token.utf8.count == 47)

        for other in [
            "", "pho_", String(token.dropLast()), token + "A", token + "=", " " + token, token + "\n", token.uppercased(),
            String(token.dropFirst(4)), "phr_" + token.dropFirst(4), token.replacing("_", with: "-", maxReplacements: 1),
            "pho_" + String(repeating: "+", count: 43), "pho_" + String(repeating: "é", count: 21) + "a", token + token,
        ] {
            #expect(OneTimeToken(other, for: .invitation) == nil, "\(other)")
        }
        // The last of 43 characters has two bits that say nothing: only zeros are taken.
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let last = try #require(token.last.flatMap(alphabet.firstIndex(of:)))
        for index in alphabet.indices {
            let changed = String(token.dropLast()) + String(alphabet[index])
            #expect((OneTimeToken(changed, for: .invitation) != nil) == (index % 4 == 0), "\(index)")
        }
        #expect(last % 4 == 0)
    }

    @Test("a changed token is another token")
    func changed() throws {
        let token = OneTimeToken.random(for: .passwordReset)
        for index in token.text.indices.dropFirst(4) {
            var text = token.text
            text.replaceSubrange(index...index, with: text[index] == "A" ? "E" : "A")
            let other = OneTimeToken(text, for: .passwordReset)
            #expect(other?.hash != token.hash)
        }
    }

    @Test("a token lives a quarter of an hour at most, an invitation a week")
    func lifetimes() {
        for purpose in OneTimeToken.Purpose.allCases {
            let token = OneTimeToken.random(for: purpose)
            func life(_ asked: Int64) -> Int64 { token.record(in: Fixture.acme, user: nil, at: 1000, lifetime: asked).expiresAt - 1000 }

            let most: Int64 = purpose == .invitation ? 7 * 86_400_000 : 900_000
            #expect(life(.max) == most)
            #expect(life(most + 1) == most)
            #expect(life(60_000) == 60_000)
            #expect(life(-1) == 0)
        }
    }

    @Test("a token does not show itself where it is printed")
    func redacted() {
        let token = OneTimeToken.random(for: .bootstrap)
        var dumped = ""
        dump(token, to: &dumped)
        for shown in ["\(token)", String(reflecting: token), dumped] {
            #expect(!shown.contains(token.text) && !shown.contains(token.text.dropFirst(4)))
        }
    }
}
