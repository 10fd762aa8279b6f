// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// The forms in which known secrets may turn up, and a search for all of them in one pass.
struct NeedleSet: Sendable {
    private static let replacement = Array("[secret]".utf8)
    private static let shortest = 4

    /// Needles by their first byte, the longest first.
    private let byFirst: [[[UInt8]]]
    private let isEmpty: Bool

    init(_ secrets: [Secret]) {
        var forms: Set<[UInt8]> = []
        for secret in secrets where secret.count >= Self.shortest {
            secret.withBytes { bytes in Self.add(bytes, to: &forms) }
        }
        var table = [[[UInt8]]](repeating: [], count: 256)
        for form in forms { table[Int(form[0])].append(form) }
        byFirst = table.map { $0.sorted { $0.count > $1.count } }
        isEmpty = forms.isEmpty
    }

    /// A copy of the bytes with each needle replaced.
    func replace(_ bytes: some RandomAccessCollection<UInt8>) -> [UInt8] {
        let source = Array(bytes)
        guard !isEmpty else { return source }
        return source.withUnsafeBufferPointer { source in
            var output: [UInt8] = []
            output.reserveCapacity(source.count)
            var at = 0
            while at < source.count {
                if let length = match(source, at) {
                    output.append(contentsOf: Self.replacement)
                    at += length
                } else {
                    output.append(source[at])
                    at += 1
                }
            }
            return output
        }
    }

    private func match(_ source: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int? {
        for needle in byFirst[Int(source[at])] where needle.count <= source.count - at {
            var index = 1
            while index < needle.count, needle[index] == source[at + index] { index += 1 }
            if index == needle.count { return index }
        }
        return nil
    }

    private static func add(_ bytes: UnsafeRawBufferPointer, to forms: inout Set<[UInt8]>) {
        forms.insert(Array(bytes))
        let hex = Array(Hex.encode(bytes).utf8)
        forms.insert(hex)
        forms.insert(hex.map { (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) ? $0 - 32 : $0 })
        let standard = Base64.encode(bytes)
        forms.insert(Array(standard.utf8))
        // Without its padding it is found inside the padded form as well, so one of the two would do; the longer leaves no `=`.
        forms.insert(Array(standard.utf8.prefix { $0 != UInt8(ascii: "=") }))
        forms.insert(Array(Base64.encode(bytes, url: true).utf8))
        for upper in [true, false] {
            for spaceAsPlus in [true, false] { forms.insert(percentEncoded(bytes, upper: upper, spaceAsPlus: spaceAsPlus)) }
        }
        // JSON writes these with a backslash in front.
        forms.insert(jsonEscaped(bytes, slash: false))
        forms.insert(jsonEscaped(bytes, slash: true))
    }

    private static func percentEncoded(_ bytes: UnsafeRawBufferPointer, upper: Bool, spaceAsPlus: Bool) -> [UInt8] {
        let digits = Array((upper ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
        var text: [UInt8] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                text.append(byte)
            case UInt8(ascii: " ") where spaceAsPlus:
                text.append(UInt8(ascii: "+"))
            default:
                text.append(contentsOf: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
        return text
    }

    private static func jsonEscaped(_ bytes: UnsafeRawBufferPointer, slash: Bool) -> [UInt8] {
        bytes.flatMap { byte in
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || slash && byte == UInt8(ascii: "/")
                ? [UInt8(ascii: "\\"), byte] : [byte]
        }
    }
}
