// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What the system's package manager says.
enum SystemPackage {
    private static let status = "/var/lib/dpkg/status"
    private static let mostBytes = 64 << 20

    /// The installed version of a Debian package; nil where there is none.
    static func version(of name: String) -> String? {
        guard let text = ProcessMemory.read(status, maximum: mostBytes) else { return nil }
        var isWanted = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { isWanted = false }
            if line == "Package: \(name)" { isWanted = true }
            if isWanted, line.hasPrefix("Version: ") { return String(line.dropFirst("Version: ".count)) }
        }
        return nil
    }
}
