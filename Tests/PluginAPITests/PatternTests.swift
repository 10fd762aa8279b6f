// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Testing

@Suite("Pattern")
struct PatternTests {
    @Test(
        "matches as JSON Schema's patterns do",
        arguments: [
            ("^sk_[A-Za-z0-9]+$", "sk_abc", true), ("^sk_[A-Za-z0-9]+$", "sk_", false), ("^sk_[A-Za-z0-9]+$", "xsk_abc", false),
            ("^sk_[A-Za-z0-9]+$", "sk_abc\n", false),
            ("b", "abc", true), ("^b", "abc", false), ("c$", "abc", true), ("b$", "abc", false), ("", "abc", true), ("^$", "", true),
            ("^$", "a", false),
            ("^(a|bc)*$", "abcbca", true), ("^(a|bc)*$", "ab", false), ("^a{2,3}$", "aa", true), ("^a{2,3}$", "aaaa", false),
            ("^a{2}$", "aa", true), ("^a{2,}$", "aaaaa", true), ("^a{2,}$", "a", false),
            ("^\\d{3}-\\w+\\s?$", "123-ab_", true), ("^\\D$", "5", false), ("^[^0-9]$", "x", true), ("^[^0-9]$", "5", false),
            ("^[a\\-z]$", "-", true), ("^[a-]$", "-", true), ("^[\\d.]+$", "1.2", true),
            ("^.$", "é", true), ("^.$", "\n", false), ("^(?:ab)?c$", "c", true), ("^a+?b$", "aab", true), ("^(a*)*$", "aaa", true),
            ("^(a*)*$", "b", false), ("^\\.$", "x", false), ("^(|a)$", "", true),
            ("^hooks\\.slack\\.com/[A-Z]{1,3}$", "hooks.slack.com/ABC", true),
            ("^(\\+[1-9][0-9]{7,14}|MG[0-9a-f]{4}|[A-Za-z0-9 ]{1,11})$", "+15005550006", true),
        ])
    func matches(source: String, text: String, expected: Bool) throws {
        #expect(try Pattern(source).matches(text) == expected)
    }

    @Test(
        "refuses what it does not do, and says where",
        arguments: [
            ("(a", "has a ( without ) at character 3"), ("a)", "has a ) without ( at character 2"),
            ("[a", "has a [ without ] at character 3"),
            ("*a", "has a repetition of nothing; write \\* for the character itself at character 2"),
            ("a**", "has a repetition of a repetition; put the first one in ( ) at character 3"),
            ("a{2", "has a { that is not {m}, {m,} or {m,n} at character 2"),
            ("a{3,2}", "has a repetition beyond 256, or in the wrong order at character 7"),
            ("(?=a)", "has a (? group that is not supported; only (?: is at character 2"),
            ("\\1", "has an escape \\1 that is not supported at character 3"),
            ("\\p{L}", "has an escape \\p that is not supported at character 3"),
            ("[]", "has an empty class at character 3"), ("[z-a]", "has a range in the wrong order at character 5"),
            ("a\\", "has a \\ at its end at character 3"),
            ("((a{99}){99}){99}", "is too large when its repetitions are written out"),
        ])
    func refuses(source: String, message: String) {
        let error = #expect(throws: Pattern.SyntaxError.self) { try Pattern(source) }
        #expect(error?.description == message)
    }

    @Test(
        "a pattern that makes backtracking engines hang ends at once", .timeLimit(.minutes(10)),
        arguments: ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(.*a){12}$"])
    func linear(source: String) throws {
        #expect(try !Pattern(source).matches(String(repeating: "a", count: 4000) + "b"))
    }
}
