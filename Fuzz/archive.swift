// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

// Archives of plugins: what is taken holds plain files with plain names only, and is written and read again the same.

/// Right checksums for whatever looks like a header, or no input would get beyond the first.
private func repaired(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for start in stride(from: 0, through: bytes.count - 512, by: 512) where bytes[start + 257..<start + 262].elementsEqual("ustar".utf8) {
        let sum = (start..<start + 512).reduce(0) { $0 + ((148..<156).contains($1 - start) ? 0x20 : Int(bytes[$1])) }
        let digits = String(sum, radix: 8)
        bytes.replaceSubrange(start + 148..<start + 156, with: (String(repeating: "0", count: 6 - digits.count) + digits + "\0 ").utf8)
    }
    return bytes
}

/// Takes one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    guard let archive = try? UstarArchive(input.choice & 1 == 0 ? repaired(input.bytes) : input.bytes) else { return 0 }
    for member in archive.members {
        let segments = member.name.split(separator: "/", omittingEmptySubsequences: false)
        require(!segments.contains { $0.isEmpty || $0.hasPrefix(".") }, member.name)
    }
    if archive.members.contains(where: { $0.name.utf8.count > 100 }) { return 0 }
    guard let written = try? archive.serialized(), let again = try? UstarArchive(written) else {
        require(false, "what was written is not read")
        return 0
    }
    require(again == archive, "what was written is something else")
    return 0
}
