// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A plain POSIX `ustar` file of a few small members, read strictly and written the same way every time.
///
/// Regular files only, with plain relative names. Everything that two readers could understand differently is refused:
/// links, devices, directories with content, GNU and pax extensions, duplicates, names that leave the folder, bad checksums.
package struct UstarArchive: Sendable, Equatable {
    /// One plain file.
    package struct Member: Sendable, Equatable {
        /// Relative, with slashes.
        package var name: String
        /// Its bytes.
        package var content: [UInt8]

        /// Names a file.
        package init(name: String, content: [UInt8]) { (self.name, self.content) = (name, content) }
    }

    /// How much an archive may hold, checked before anything is copied.
    package struct Limits: Sendable {
        /// Files.
        package var members = 64
        /// Bytes of one file.
        package var memberBytes = 128 * 1024
        /// Bytes of all files together.
        package var totalBytes = 1024 * 1024

        /// The limits for plugins.
        package init() {}
    }

    /// The files in their order.
    package var members: [Member]

    /// An archive of these files.
    package init(members: [Member]) { self.members = members }

    /// Reads the bytes of an archive.
    package init(_ bytes: [UInt8], limits: Limits = Limits()) throws(ArchiveError) {
        let overhead = (limits.members + 2) * 1024 + 10240
        guard bytes.count <= limits.totalBytes + overhead else {
            throw ArchiveError("the archive is larger than \(limits.totalBytes) bytes")
        }
        var members: [Member] = []
        var names: Set<String> = []
        var total = 0
        var offset = 0
        while true {
            guard offset + Self.block <= bytes.count else { throw ArchiveError("the archive is cut off: its end mark is missing") }
            let header = bytes[offset..<offset + Self.block]
            offset += Self.block
            if header.allSatisfy({ $0 == 0 }) {
                guard offset + Self.block <= bytes.count, bytes[offset...].allSatisfy({ $0 == 0 }) else {
                    throw ArchiveError("the archive's end mark is incomplete, or something follows it")
                }
                break
            }
            let (name, size, isFolder) = try Self.read(Array(header))
            if isFolder { continue }
            guard names.insert(name.lowercased()).inserted else { throw ArchiveError("“\(name)” is in the archive twice") }
            guard members.count < limits.members else { throw ArchiveError("the archive holds more than \(limits.members) files") }
            guard size <= limits.memberBytes else { throw ArchiveError("“\(name)” is larger than \(limits.memberBytes) bytes") }
            total += size
            guard total <= limits.totalBytes else { throw ArchiveError("the files are larger than \(limits.totalBytes) bytes together") }
            let padded = (size + Self.block - 1) / Self.block * Self.block
            guard offset + padded <= bytes.count else { throw ArchiveError("the archive is cut off inside “\(name)”") }
            guard bytes[offset + size..<offset + padded].allSatisfy({ $0 == 0 }) else {
                throw ArchiveError("something is hidden behind the end of “\(name)”")
            }
            members.append(Member(name: name, content: Array(bytes[offset..<offset + size])))
            offset += padded
        }
        // "a" and "a/b" cannot both be unpacked.
        for name in names {
            var parent = name[...]
            while let slash = parent.lastIndex(of: "/") {
                parent = parent[..<slash]
                guard !names.contains(String(parent)) else { throw ArchiveError("“\(parent)” is a file and a folder at once") }
            }
        }
        self.members = members
    }

    /// The archive's bytes: members in the order given, no times, no owners, so that equal content makes equal bytes.
    package func serialized() throws(ArchiveError) -> [UInt8] {
        var out: [UInt8] = []
        for member in members {
            try Self.checkName(member.name)
            guard member.name.utf8.count <= 100 else { throw ArchiveError("the name “\(member.name)” is longer than 100 bytes") }
            var header = [UInt8](repeating: 0, count: Self.block)
            func put(_ text: String, at offset: Int) { header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8) }
            put(member.name, at: 0)
            put("0000644\0", at: 100)
            put("0000000\0", at: 108)
            put("0000000\0", at: 116)
            put(Self.octal(member.content.count, digits: 11) + "\0", at: 124)
            put("00000000000\0", at: 136)
            header[156] = UInt8(ascii: "0")
            put("ustar\u{0}00", at: 257)
            put(Self.octal(Self.checksum(header), digits: 6) + "\0 ", at: 148)
            out += header + member.content
            out += [UInt8](repeating: 0, count: (Self.block - member.content.count % Self.block) % Self.block)
        }
        return out + [UInt8](repeating: 0, count: 2 * Self.block)
    }

    private static let block = 512

    /// Name, size and whether it is an empty folder entry, as `tar cf` writes for a directory.
    private static func read(_ header: [UInt8]) throws(ArchiveError) -> (name: String, size: Int, isFolder: Bool) {
        guard header[257..<263].elementsEqual("ustar\0".utf8), header[263..<265].elementsEqual("00".utf8) else {
            throw ArchiveError("this is not a plain ustar archive (write it with `panelhost plugin pack`, or `tar --format=ustar`)")
        }
        guard try octal(header[148..<156], "checksum") == checksum(header) else { throw ArchiveError("a header's checksum is wrong") }
        let prefix = try text(header[345..<500])
        var name = try (prefix.isEmpty ? "" : prefix + "/") + text(header[0..<100])
        if name.hasPrefix("./") { name.removeFirst(2) }
        let size = try octal(header[124..<136], "size")
        switch header[156] {
        case UInt8(ascii: "0"), 0:
            try checkName(name)
            return (name, size, false)
        case UInt8(ascii: "5"):
            if name.hasSuffix("/") { name.removeLast() }
            if !name.isEmpty && name != "." { try checkName(name) }
            guard size == 0 else { throw ArchiveError("the folder “\(name)” has content") }
            return (name, 0, true)
        case UInt8(ascii: "1"), UInt8(ascii: "2"):
            throw ArchiveError("“\(name.prefix(100))” is a link: a plugin holds plain files only")
        default:
            throw ArchiveError("“\(name.prefix(100))” is neither a plain file nor a folder")
        }
    }

    /// Letters, digits, `.`, `_`, `-` in segments of at most 100 bytes that do not begin with a dot.
    private static func checkName(_ name: String) throws(ArchiveError) {
        guard !name.isEmpty, name.utf8.count <= 200 else { throw ArchiveError("a file name is empty or longer than 200 bytes") }
        guard !name.hasPrefix("/") else { throw ArchiveError("the name “\(name)” is absolute") }
        for segment in name.split(separator: "/", omittingEmptySubsequences: false) {
            guard segment != "..", segment != "." else { throw ArchiveError("the name “\(name)” leaves its folder") }
            let plain = segment.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2E || $0 == 0x5F
                    || $0 == 0x2D
            }
            guard plain, !segment.isEmpty, segment.first != "." else {
                throw ArchiveError("a file name holds something other than letters, digits, “.”, “_” and “-”, or begins with a dot")
            }
        }
    }

    private static func text(_ field: ArraySlice<UInt8>) throws(ArchiveError) -> String {
        let bytes = field.prefix { $0 != 0 }
        guard field.dropFirst(bytes.count).allSatisfy({ $0 == 0 }), bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw ArchiveError("a file name is not plain ASCII")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func octal(_ field: ArraySlice<UInt8>, _ what: String) throws(ArchiveError) -> Int {
        // The base-256 form of GNU tar and signs are not octal digits, so they end here.
        let trimmed = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
        let rest = field.drop { $0 == 0x20 }.dropFirst(trimmed.count)
        guard !trimmed.isEmpty, rest.allSatisfy({ $0 == 0x20 || $0 == 0 }),
            let number = Int(String(decoding: trimmed, as: UTF8.self), radix: 8), trimmed.allSatisfy({ (0x30...0x37).contains($0) })
        else { throw ArchiveError("a header's \(what) is not an octal number") }
        return number
    }

    private static func octal(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    private static func checksum(_ header: [UInt8]) -> Int {
        header.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
    }
}

/// Why an archive was refused, in words for the person who built it.
package struct ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what to do.
    package let description: String

    /// Says what is wrong.
    package init(_ description: String) { self.description = description }
}
