// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The state of a log at one size, in the text form of C2SP tlog-checkpoint.
///
/// ```
/// ORIGIN
/// SIZE
/// ROOT in base64
/// ```
///
/// Each line ends with a line break; there are no extension lines.
public struct Checkpoint: Hashable, Sendable {
    /// Which log it is.
    public let origin: LogName
    /// How many leaves it has.
    public let size: Int64
    /// The root over them.
    public let root: MerkleHash

    /// A checkpoint; nil for a negative size.
    public init?(origin: LogName, size: Int64, root: MerkleHash) {
        guard size >= 0 else { return nil }
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Reads the one accepted spelling.
    public init(parsing text: String) throws(NoteError) {
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count == 4, lines[3].isEmpty else { throw .malformedCheckpoint }
        guard let origin = LogName(String(Substring(lines[0]))), let size = Decimal.parse(Substring(lines[1])),
            let root = MerkleHash(base64: Substring(lines[2]))
        else { throw .malformedCheckpoint }
        // The empty tree has one root only.
        guard size > 0 || root == MerkleTree.emptyRoot else { throw .malformedCheckpoint }
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The text that is signed.
    public var text: String { "\(origin)\n\(size)\n\(root.base64)\n" }
}

/// The name of a log or of a key that signs for logs, such as `panel.example/audit`.
///
/// It has 1 to 255 visible ASCII characters without `+`, which is stricter than C2SP signed-note and leaves no two
/// spellings that look the same.
public struct LogName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The text as it is written.
    public let description: String

    /// Reads a name; nil when it is not one.
    public init?(_ text: String) {
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "+") })
        else { return nil }
        description = text
    }

    /// The log of one tenant beneath this name; nil when the name has no room for it.
    public func tenant(_ tenant: TenantID) -> LogName? { LogName("\(self)/tenant/\(tenant)") }

    /// The tenant whose log this is beneath the given name; nil when it is none.
    public func tenant(beneath name: LogName) -> TenantID? {
        let prefix = "\(name)/tenant/"
        return description.hasPrefix(prefix) ? TenantID(String(description.dropFirst(prefix.count))) : nil
    }

    /// Whether a key of this name may speak for a log: for the one of the same name, and for those beneath it.
    public func covers(_ log: LogName) -> Bool {
        self == log || log.description.utf8.starts(with: "\(self)/".utf8)
    }

    /// Orders names by their text.
    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// Decimal numbers in texts that are signed: no sign, no leading zero, below 2^63.
enum Decimal {
    static func parse(_ text: some StringProtocol) -> Int64? {
        let digits = text.utf8
        guard (1...19).contains(digits.count), digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            digits.count == 1 || digits.first != UInt8(ascii: "0")
        else { return nil }
        return Int64(text)
    }
}
