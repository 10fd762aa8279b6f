// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// `application/x-www-form-urlencoded` with nested members as `a[b]=1` and arrays as `a[0]=1`.
enum FormEncoding {
    /// The pairs of a map in key order, names nested, values as text; null members are left out.
    static func encode(_ map: [String: Value], path: String) throws(FormEncodingError) -> String {
        var pairs: [String] = []
        for (key, value) in map.sorted(by: { $0.key < $1.key }) {
            try append(value, named: key, path: "\(path).\(key)", into: &pairs)
        }
        return pairs.joined(separator: "&")
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters.
    static func escape(_ bytes: some Collection<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                out.append(byte)
            default:
                out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func append(_ value: Value, named name: String, path: String, into pairs: inout [String]) throws(FormEncodingError) {
        switch value {
        case .null: break
        case .map(let members):
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                try append(member, named: "\(name)[\(key)]", path: "\(path).\(key)", into: &pairs)
            }
        case .array(let items):
            for (index, item) in items.enumerated() {
                try append(item, named: "\(name)[\(index)]", path: "\(path)[\(index)]", into: &pairs)
            }
        default:
            pairs.append("\(escape(name.utf8))=\(escape(try scalar(value, path: path)))")
        }
    }

    /// The text of a value that is not a container.
    static func scalar(_ value: Value, path: String) throws(FormEncodingError) -> [UInt8] {
        switch value {
        case .string(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        case .bool(let flag): Array((flag ? "true" : "false").utf8)
        case .int(let number): Array(String(number).utf8)
        default: throw FormEncodingError(path: path)
        }
    }
}

/// A value that has no form representation: a fraction, or a container where text belongs.
struct FormEncodingError: Error, Sendable, CustomStringConvertible {
    let path: String
    var description: String { "\(path) must be a string, an integer or a boolean (write fractions as strings)" }
}
