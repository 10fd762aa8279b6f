// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// Finds and reads the scripts of a folder, whatever somebody has put there.
///
/// Links are not followed, and nothing but a plain file is ever opened.
package struct GymFolder: Sendable {
    /// One script, or what stands in its place.
    package struct Entry: Sendable, Hashable {
        /// The name relative to the folder; bytes that are not UTF-8 are written `\xFF`.
        package var name: String
        /// The bytes of the file, or why there are none.
        package var content: Content
    }

    /// What an entry holds.
    package enum Content: Sendable, Hashable {
        case source([UInt8])
        case refused(String)
    }

    /// The most bytes of a script; no cell takes a larger program.
    package static let maximumBytes = HostFrame.maximumLoad
    private static let maximumDepth = 16
    private static let maximumEntries = 100_000

    /// Where the scripts are, sorted by the bytes of their names.
    private let found: [(name: [UInt8], path: [UInt8], refusal: String?)]

    /// How many there are.
    package var count: Int { found.count }

    /// Looks through a folder and those inside it for `.lua`; the path of one file is a folder of one.
    package init(at path: String) throws(SandboxError) {
        let path = Array(path.utf8)
        var status = stat()
        guard stat(PlainFile.terminated(path), &status) == 0 else { throw .unavailable(PlainFile.reason()) }
        if status.st_mode & S_IFMT == S_IFREG {
            found = [(Array(path.split(separator: UInt8(ascii: "/")).last ?? []), path, nil)]
            return
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .unavailable("neither a folder nor a file") }
        guard let names = Self.names(in: path) else { throw .unavailable(PlainFile.reason()) }
        var found: [(name: [UInt8], path: [UInt8], refusal: String?)] = []
        Self.collect(names, in: path, prefix: [], depth: 0, into: &found)
        self.found = found.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// Reads the entry at a position.
    package func entry(_ index: Int) -> Entry {
        let (name, path, refusal) = found[index]
        let shown = Self.printable(name)
        if let refusal { return Entry(name: shown, content: .refused(refusal)) }
        guard String(validating: name, as: UTF8.self) != nil else {
            return Entry(name: shown, content: .refused("the file's name is not UTF-8"))
        }
        return Entry(name: shown, content: Self.read(path))
    }

    /// Reads one file.
    package static func read(_ path: [UInt8]) -> Content {
        do {
            return .source(try PlainFile.read(path, maximum: maximumBytes))
        } catch {
            return .refused(error.description)
        }
    }

    private static func collect(
        _ names: [[UInt8]], in folder: [UInt8], prefix: [UInt8], depth: Int,
        into found: inout [(name: [UInt8], path: [UInt8], refusal: String?)]
    ) {
        for name in names {
            guard found.count < maximumEntries else { return }
            let path = folder + [UInt8(ascii: "/")] + name
            var status = stat()
            guard lstat(PlainFile.terminated(path), &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                let inner = prefix + name + [UInt8(ascii: "/")]
                if depth == maximumDepth {
                    found.append((inner, path, "the folders are nested deeper than \(maximumDepth)"))
                } else if let names = Self.names(in: path) {
                    collect(names, in: path, prefix: inner, depth: depth + 1, into: &found)
                } else {
                    found.append((inner, path, "the folder cannot be read: \(PlainFile.reason())"))
                }
            } else if name.count > 4, name.suffix(4).elementsEqual(".lua".utf8) {
                found.append((prefix + name, path, nil))
            }
        }
    }

    private static func names(in folder: [UInt8]) -> [[UInt8]]? {
        guard let directory = opendir(PlainFile.terminated(folder)) else { return nil }
        defer { closedir(directory) }
        var names: [[UInt8]] = []
        while names.count < maximumEntries, let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [UInt8(ascii: ".")], name != [UInt8(ascii: "."), UInt8(ascii: ".")] { names.append(name) }
        }
        return names
    }

    private static func printable(_ name: [UInt8]) -> String {
        if let text = String(validating: name, as: UTF8.self) { return text }
        return name.map { byte in
            0x20..<0x7F ~= byte ? String(UnicodeScalar(byte)) : "\\x" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }
}
