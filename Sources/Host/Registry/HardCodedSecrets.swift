// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
import Security

/// Credentials that lie in a plugin's files, where everybody who has the plugin has them.
///
/// Those whose form cannot be anything else, and in Lua what a name says is one. What was found is never shown.
package struct HardCodedSecrets: Sendable {
    /// By their form: there is nothing to argue about.
    package private(set) var certain: [ManifestProblem] = []
    /// By the name that they are given.
    package private(set) var probable: [ManifestProblem] = []

    /// A credential by what it begins with and how many letters, digits, `_`, `-` follow at least.
    private struct Form {
        let prefix: [UInt8]
        let count: Int
        let name: String

        init(_ prefix: String, _ count: Int, _ name: String) { (self.prefix, self.count, self.name) = (Array(prefix.utf8), count, name) }
    }

    private static let forms = [
        Form("sk_live_", 16, "a Stripe key"), Form("rk_live_", 16, "a Stripe key"), Form("sk_test_", 16, "a Stripe test key"),
        Form("whsec_", 24, "a webhook's signing secret"), Form("AKIA", 16, "an AWS access key"), Form("ASIA", 16, "an AWS access key"),
        Form("AIza", 35, "a Google API key"), Form("ghp_", 36, "a GitHub token"), Form("github_pat_", 22, "a GitHub token"),
        Form("glpat-", 20, "a GitLab token"), Form("xoxb-", 20, "a Slack token"), Form("xoxp-", 20, "a Slack token"),
        Form("hooks.slack.com/services/T", 8, "a Slack webhook"), Form("npm_", 36, "an npm token"), Form("pypi-", 40, "a PyPI token"),
        Form("ph_live_", 40, "an API key of a panelhost"), Form("pho_", 40, "a one-time token of a panelhost"),
        Form("-----BEGIN RSA PRIVATE KEY", 0, "a private key"), Form("-----BEGIN EC PRIVATE KEY", 0, "a private key"),
        Form("-----BEGIN OPENSSH PRIVATE KEY", 0, "a private key"), Form("-----BEGIN PRIVATE KEY", 0, "a private key"),
    ]
    private static let advice = "take it out, withdraw it, and let an administrator fill in a field with \"x-secret\": true"

    /// Looks at every file.
    package init(in files: [UstarArchive.Member]) {
        for file in files {
            scan(file.name, file.content)
            if file.name.hasSuffix(".lua") { read(file.name, LuaTokens(file.content)) }
        }
    }

    private mutating func scan(_ file: String, _ bytes: [UInt8]) {
        var line = 1
        for at in bytes.indices {
            if bytes[at] == UInt8(ascii: "\n") { line += 1 }
            guard at == 0 || !Self.belongs(bytes[at - 1]) else { continue }
            for form in Self.forms where bytes[at] == form.prefix[0] && bytes[at...].starts(with: form.prefix) {
                guard bytes[(at + form.prefix.count)...].prefix(form.count).count(where: Self.belongs) == form.count else { continue }
                certain.append(ManifestProblem(file: file, line: line, message: "this is \(form.name)", hint: Self.advice))
            }
        }
    }

    private static func belongs(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// `name = "…"`, `["name"] = "…"`: a name that sounds like a secret, and a text that could be one.
    private mutating func read(_ file: String, _ tokens: LuaTokens) {
        var before: [LuaTokens.Token] = []
        for token in tokens {
            if token.kind == .string, Self.couldBeSecret(token.text), before.last?.text == "=",
                let name = before.dropLast().last(where: { $0.text != "]" }), name.kind == .name || name.kind == .string,
                SensitiveKey.matches(name.text.utf8.filter(Self.belongs))
            {
                probable.append(
                    ManifestProblem(file: file, line: token.line, message: "“\(name.text)” looks like a secret", hint: Self.advice))
            }
            before = before.suffix(2) + [token]
        }
    }

    /// One word of letters and digits, long enough and mixed as no word of a language is.
    private static func couldBeSecret(_ literal: String) -> Bool {
        let text = literal.dropFirst().dropLast().utf8
        return text.count >= 12 && text.contains { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            && text.contains { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 } && text.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
