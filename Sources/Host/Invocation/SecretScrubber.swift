// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
package import Security
package import Values

/// Takes an instance's secrets, and nothing else, out of what a provider answers, so that the answer stays usable.
///
/// A provider that echoes a key would otherwise hand the plugin what the host keeps from it. Each secret is looked for raw,
/// percent-encoded, JSON-escaped, in hexadecimal and in base64 at all three alignments, so that `user:secret` is found too.
/// For logs and audit there is `Redactor`, which also blanks whatever looks like a credential.
package struct SecretScrubber: Sendable {
    private let patterns: [[UInt8]]

    /// What stands in place of a secret.
    package static let mark = "[secret]"

    /// Looks for these secrets; those shorter than four bytes cannot be told from ordinary text.
    package init(secrets: some Sequence<Secret>) {
        var patterns: Set<[UInt8]> = []
        for secret in secrets where secret.count >= 4 {
            patterns.formUnion(Self.encodings(of: secret.revealedBytes()))
        }
        // Longest first: a short secret inside a long one must not leave the rest of it behind.
        self.patterns = patterns.sorted { $0.count != $1.count ? $0.count > $1.count : $0.lexicographicallyPrecedes($1) }
    }

    /// Takes the secrets out of bytes; everything else stays as it is.
    package func scrub(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for pattern in patterns { bytes = Self.replacing(pattern, in: bytes) }
        return bytes
    }

    /// Takes the secrets out of a text that the plugin gets back.
    package func scrub(_ text: String) -> String {
        patterns.isEmpty ? text : String(decoding: scrub(Array(text.utf8)), as: UTF8.self)
    }

    /// Takes the secrets out of every text in a value, member names included.
    package func scrub(_ value: Value) -> Value {
        switch value {
        case .string(let text): .string(scrub(text))
        case .bytes(let bytes): .octets(scrub(bytes))
        case .array(let items): .array(items.map(scrub))
        case .map(let members):
            .map(Dictionary(members.map { (scrub($0.key), scrub($0.value)) }, uniquingKeysWith: { first, _ in first }))
        default: value
        }
    }

    private static func encodings(of secret: [UInt8]) -> [[UInt8]] {
        var found: [[UInt8]] = [secret, Array(FormEncoding.escape(secret).utf8)]
        found.append(Array(FormEncoding.escape(secret).replacing("%20", with: "+").utf8))
        let json = JSON.serialize(.octets(secret))
        if json.count > 2 { found.append(Array(json.dropFirst().dropLast())) }
        let hex = Hex.encode(secret)
        found += [Array(hex.utf8), Array(hex.uppercased().utf8)]
        for shift in 0..<3 {
            // Only the characters that depend on nothing but the secret.
            let padded = [UInt8](repeating: 0, count: shift) + secret
            let skip = [0, 2, 3][shift]
            let keep = padded.count * 8 / 6 - skip
            for url in [false, true] {
                let text = Array(Base64.encode(padded, url: url).utf8.dropFirst(skip).prefix(keep))
                if text.count >= 6 { found.append(text) }
            }
        }
        return found
    }

    private static func replacing(_ pattern: [UInt8], in bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var start = 0
        while let found = find(pattern, in: bytes, from: start) {
            out += bytes[start..<found]
            out += mark.utf8
            start = found + pattern.count
        }
        return start == 0 ? bytes : out + bytes[start...]
    }

    private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { haystack in
            pattern.withUnsafeBytes { needle in
                guard let base = haystack.baseAddress, let sought = needle.baseAddress else { return nil }
                var at = start
                while haystack.count - at >= needle.count {
                    // libc looks for the first byte, many at a time.
                    guard let hit = memchr(base + at, Int32(needle[0]), haystack.count - at - needle.count + 1) else { return nil }
                    at = UnsafeRawPointer(hit) - base
                    if memcmp(base + at, sought, needle.count) == 0 { return at }
                    at += 1
                }
                return nil
            }
        }
    }
}
