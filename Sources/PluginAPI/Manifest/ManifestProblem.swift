// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// One thing that is wrong with a manifest, told so that the author can repair it.
public struct ManifestProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file, as the author knows it.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// What is wrong.
    public let message: String
    /// What to write.
    public let hint: String?

    /// A problem on that line.
    public init(file: String, line: Int, message: String, hint: String? = nil) {
        self.file = file
        self.line = line
        self.message = message
        self.hint = hint
    }

    /// `plugin.json:12: kind must be one of …, write …`.
    public var description: String { "\(file):\(line): \(message)" + (hint.map { ", \($0)" } ?? "") }
}

/// Everything that is wrong with a manifest, by line.
///
/// Never empty.
public struct ManifestProblems: Error, Sendable, Hashable, CustomStringConvertible {
    /// The problems in the order of their lines.
    public let problems: [ManifestProblem]

    /// One problem a line.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
