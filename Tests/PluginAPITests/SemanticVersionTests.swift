// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Testing

@Suite("SemanticVersion")
struct SemanticVersionTests {
    /// The order of precedence given by semver.org, section 11.
    static let ordered = [
        "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0",
        "2.1.0", "2.1.1",
    ]

    @Test("orders versions as semver.org does")
    func orders() throws {
        let versions = try Self.ordered.map { try #require(SemanticVersion($0)) }

        #expect(versions.shuffled().sorted() == versions)
    }

    @Test(
        "refuses what is no version",
        arguments: [
            "", "1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "1.2.3-", "1.2.3-01", "1.2.3+", "v1.2.3", "1.2.3-a..b", " 1.2.3", "-1.2.3",
        ])
    func refuses(text: String) {
        #expect(SemanticVersion(text) == nil)
    }

    @Test(
        "evaluates ranges",
        arguments: [
            (">=0.1.0 <1.0.0", "0.9.9", true), (">=0.1.0 <1.0.0", "1.0.0", false), (">=0.1.0 <1.0.0", "1.0.0-beta", false),
            ("^1.2.3", "1.9.0", true), ("^1.2.3", "2.0.0", false), ("^0.2.3", "0.3.0", false), ("^0.0.3", "0.0.4", false),
            ("~1.2.3", "1.2.9", true), ("~1.2.3", "1.3.0", false), ("1.2.3", "1.2.3+build", true), ("*", "7.1.2", true),
            ("*", "7.1.2-rc.1", false),
            ("<1.0.0 || >=2.0.0", "2.5.0", true), ("<1.0.0 || >=2.0.0", "1.5.0", false), (">=1.0.0-rc.1", "1.0.0-rc.2", true),
        ])
    func ranges(range: String, version: String, inside: Bool) throws {
        let range = try #require(VersionRange(range))

        #expect(range.contains(try #require(SemanticVersion(version))) == inside)
    }

    @Test("refuses what is no range", arguments: ["", " ", ">=", ">=1.0", "1.x", ">=1.0.0 <", "||", ">=1.0.0 ||", "latest", "=>1.0.0"])
    func refusesRange(text: String) {
        #expect(VersionRange(text) == nil)
    }
}
