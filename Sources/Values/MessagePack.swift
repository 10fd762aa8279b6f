// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The part of MessagePack that host and cell speak.
///
/// nil, bool, integers, float64, str and bin (the same to us: bytes), array, map with string keys, and ext type 1 for a ``SecretUse``.
/// Nothing else is taken: both ends treat every byte of the other as hostile.
public enum MessagePack {
    /// The extension type of a secret reference.
    static let secretType: UInt8 = 1

    /// The bytes of one value.
    public static func encode(_ value: Value) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        encode(value, into: &bytes)
        return bytes
    }

    /// Appends one value.
    ///
    /// The members of a map come in any order, or sorted: then the same value has the same bytes in every process.
    public static func encode(_ value: Value, into bytes: inout [UInt8], sorted: Bool = false) {
        switch value {
        case .null: bytes.append(0xC0)
        case .bool(let value): bytes.append(value ? 0xC3 : 0xC2)
        case .int(let value): encode(value, into: &bytes)
        case .double(let value):
            bytes.append(0xCB)
            append(value.bitPattern, into: &bytes)
        case .string(let text):
            var text = text
            text.withUTF8 { utf8 in
                encodeHeader(utf8.count, short: (0xA0, 31), codes: (0xD9, 0xDA, 0xDB), into: &bytes)
                bytes.append(contentsOf: utf8)
            }
        case .bytes(let value):
            encodeHeader(value.count, short: nil, codes: (0xC4, 0xC5, 0xC6), into: &bytes)
            bytes.append(contentsOf: value)
        case .array(let elements):
            encodeHeader(elements.count, short: (0x90, 15), codes: (nil, 0xDC, 0xDD), into: &bytes)
            for element in elements { encode(element, into: &bytes, sorted: sorted) }
        case .map(let members):
            encodeHeader(members.count, short: (0x80, 15), codes: (nil, 0xDE, 0xDF), into: &bytes)
            if sorted {
                for (name, member) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                    encode(.string(name), into: &bytes)
                    encode(member, into: &bytes, sorted: true)
                }
            } else {
                for (name, member) in members {
                    encode(.string(name), into: &bytes)
                    encode(member, into: &bytes)
                }
            }
        case .secret(let use):
            let payload = encode(Self.fields(of: use))
            encodeHeader(payload.count, short: nil, codes: (0xC7, 0xC8, 0xC9), into: &bytes)
            bytes.append(secretType)
            bytes.append(contentsOf: payload)
        }
    }

    /// Reads exactly one value; what follows it is refused.
    public static func decode(_ bytes: some Collection<UInt8>, limits: ValueLimits = .frame) throws(MessagePackError) -> Value {
        guard bytes.count <= limits.maxBytes else {
            throw MessagePackError(offset: 0, message: "\(bytes.count) bytes; the limit is \(limits.maxBytes)")
        }
        var reader = MessagePackReader((bytes as? [UInt8]) ?? Array(bytes), limits: limits)
        return try reader.readAll()
    }

    private static func field(of part: SecretUse.Part) -> Value {
        switch part {
        case .literal(let text): .string(text)
        case .secret(let name): [.string(name)]
        }
    }

    private static func fields(of use: SecretUse) -> Value {
        switch use.form {
        case .raw: [.string(use.name), "raw"]
        case .bearer: [.string(use.name), "bearer"]
        case .basic(let user): [.string(use.name), "basic", .string(user)]
        case .text(let parts): [.string(use.name), "text", .array(parts.map(field(of:)))]
        }
    }

    private static func encode(_ value: Int64, into bytes: inout [UInt8]) {
        switch value {
        case 0...127: bytes.append(UInt8(value))
        case -32..<0: bytes.append(UInt8(bitPattern: Int8(value)))
        case 0...0xFF:
            bytes.append(0xCC)
            bytes.append(UInt8(value))
        case 0...0xFFFF:
            bytes.append(0xCD)
            append(UInt16(value), into: &bytes)
        case 0...0xFFFF_FFFF:
            bytes.append(0xCE)
            append(UInt32(value), into: &bytes)
        case -0x80..<0:
            bytes.append(0xD0)
            bytes.append(UInt8(bitPattern: Int8(value)))
        case -0x8000..<0:
            bytes.append(0xD1)
            append(UInt16(bitPattern: Int16(value)), into: &bytes)
        case -0x8000_0000..<0:
            bytes.append(0xD2)
            append(UInt32(bitPattern: Int32(value)), into: &bytes)
        default:
            bytes.append(0xD3)
            append(UInt64(bitPattern: value), into: &bytes)
        }
    }

    private static func encodeHeader(_ count: Int, short: (UInt8, Int)?, codes: (UInt8?, UInt8, UInt8), into bytes: inout [UInt8]) {
        if let (base, most) = short, count <= most {
            bytes.append(base | UInt8(count))
        } else if let code = codes.0, count <= 0xFF {
            bytes.append(code)
            bytes.append(UInt8(count))
        } else if count <= 0xFFFF {
            bytes.append(codes.1)
            append(UInt16(count), into: &bytes)
        } else {
            bytes.append(codes.2)
            append(UInt32(clamping: count), into: &bytes)
        }
    }

    private static func append(_ value: some FixedWidthInteger, into bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Why bytes are not a value, and where.
public struct MessagePackError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The byte at which it was noticed.
    public var offset: Int
    /// What is wrong.
    public var message: String

    /// An error at that byte.
    public init(offset: Int, message: String) {
        self.offset = offset
        self.message = message
    }

    /// `byte 12: duplicate key`.
    public var description: String { "byte \(offset): \(message)" }
}
