// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// A plugin as its author has it on disk, read without following links.
package struct PluginFolder: Sendable {
    /// The files by their names inside the folder.
    package let files: [UstarArchive.Member]

    /// A folder that exists in memory only.
    package init(files: [UstarArchive.Member]) { self.files = files }

    /// Reads the files of a plugin under a folder; hidden entries and the folder `tests` are left out.
    package init(at path: String, limits: UstarArchive.Limits = .init()) throws(ArchiveError) {
        var files: [UstarArchive.Member] = []
        try Self.collect(path, prefix: "", depth: 0, limits, into: &files)
        self.files = files.sorted { $0.name < $1.name }
    }

    private static func collect(
        _ folder: String, prefix: String, depth: Int, _ limits: UstarArchive.Limits, into files: inout [UstarArchive.Member]
    ) throws(ArchiveError) {
        guard depth <= 4 else { throw ArchiveError("the folders are nested deeper than 4") }
        guard let directory = opendir(folder) else { throw ArchiveError("“\(folder)” cannot be read: \(String(cString: strerror(errno)))") }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasPrefix(".") || (depth == 0 && name == "tests") { continue }
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { throw ArchiveError("“\(prefix)\(name)” cannot be read") }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                try collect(path, prefix: "\(prefix)\(name)/", depth: depth + 1, limits, into: &files)
            case S_IFREG:
                guard files.count < limits.members else { throw ArchiveError("the folder holds more than \(limits.members) files") }
                guard status.st_size <= limits.memberBytes else {
                    throw ArchiveError("“\(prefix)\(name)” is larger than \(limits.memberBytes) bytes")
                }
                files.append(.init(name: prefix + name, content: try read(path)))
            default:
                throw ArchiveError("“\(prefix)\(name)” is a link or a device: a plugin holds plain files only")
            }
        }
    }

    /// Reads a whole file; for archives on the command line too.
    package static func read(_ path: String, maximum: Int = 2 * 1024 * 1024) throws(ArchiveError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw ArchiveError("“\(path)” cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count >= 0 else { throw ArchiveError("“\(path)” cannot be read: \(String(cString: strerror(errno)))") }
            if count == 0 { return content }
            content += buffer[..<count]
            guard content.count <= maximum else { throw ArchiveError("“\(path)” is larger than \(maximum) bytes") }
        }
    }
}
