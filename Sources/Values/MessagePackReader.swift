// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Reads one value; every claim of the sender is checked against what is really there before anything is allocated for it.
struct MessagePackReader {
    private let bytes: [UInt8]
    private let limits: ValueLimits
    /// False inside a secret: references do not nest.
    private let takesSecrets: Bool
    private var at = 0
    private var nodes = 0
    private var depth = 0

    init(_ bytes: [UInt8], limits: ValueLimits, takesSecrets: Bool = true) {
        self.bytes = bytes
        self.limits = limits
        self.takesSecrets = takesSecrets
    }

    mutating func readAll() throws(MessagePackError) -> Value {
        let value = try read()
        guard at == bytes.count else { throw error("\(bytes.count - at) bytes after the value") }
        return value
    }

    private mutating func read() throws(MessagePackError) -> Value {
        nodes += 1
        guard nodes <= limits.maxNodes else { throw error("more than \(limits.maxNodes) values") }
        let code = try byte()
        switch code {
        case 0x00...0x7F: return .int(Int64(code))
        case 0xE0...0xFF: return .int(Int64(Int8(bitPattern: code)))
        case 0xC0: return .null
        case 0xC2: return .bool(false)
        case 0xC3: return .bool(true)
        case 0xCC: return .int(Int64(try byte()))
        case 0xCD: return .int(Int64(try integer(UInt16.self)))
        case 0xCE: return .int(Int64(try integer(UInt32.self)))
        case 0xCF:
            guard let value = Int64(exactly: try integer(UInt64.self)) else { throw error("an integer beyond 64 bits with sign") }
            return .int(value)
        case 0xD0: return .int(Int64(try integer(Int8.self)))
        case 0xD1: return .int(Int64(try integer(Int16.self)))
        case 0xD2: return .int(Int64(try integer(Int32.self)))
        case 0xD3: return .int(try integer(Int64.self))
        case 0xCB: return .double(Double(bitPattern: try integer(UInt64.self)))
        case 0xA0...0xBF: return .octets(try take(Int(code & 0x1F)))
        case 0xC4, 0xD9: return .octets(try take(Int(try byte())))
        case 0xC5, 0xDA: return .octets(try take(Int(try integer(UInt16.self))))
        case 0xC6, 0xDB: return .octets(try take(Int(try integer(UInt32.self))))
        case 0x90...0x9F: return try array(Int(code & 0x0F))
        case 0xDC: return try array(Int(try integer(UInt16.self)))
        case 0xDD: return try array(Int(try integer(UInt32.self)))
        case 0x80...0x8F: return try map(Int(code & 0x0F))
        case 0xDE: return try map(Int(try integer(UInt16.self)))
        case 0xDF: return try map(Int(try integer(UInt32.self)))
        case 0xD4, 0xD5, 0xD6, 0xD7, 0xD8: return try secret(1 << Int(code - 0xD4))
        case 0xC7: return try secret(Int(try byte()))
        case 0xC8: return try secret(Int(try integer(UInt16.self)))
        case 0xC9: return try secret(Int(try integer(UInt32.self)))
        default: throw error("type 0x\(Hex.encode([code])) is not part of the protocol")
        }
    }

    private mutating func array(_ count: Int) throws(MessagePackError) -> Value {
        try enter(count, bytesEach: 1)
        var elements: [Value] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try read()) }
        depth -= 1
        return .array(elements)
    }

    private mutating func map(_ count: Int) throws(MessagePackError) -> Value {
        try enter(count, bytesEach: 2)
        var members: [String: Value] = [:]
        members.reserveCapacity(count)
        for _ in 0..<count {
            guard case .string(let name) = try read() else { throw error("a map key that is not text") }
            nodes -= 1  // a key is part of its member, not a value of its own
            guard members.updateValue(try read(), forKey: name) == nil else { throw error("duplicate map key") }
        }
        depth -= 1
        return .map(members)
    }

    private mutating func enter(_ count: Int, bytesEach: Int) throws(MessagePackError) {
        depth += 1
        guard depth <= limits.maxDepth else { throw error("nested deeper than \(limits.maxDepth) levels") }
        guard count <= (bytes.count - at) / bytesEach else { throw error("a container that claims more elements than bytes are left") }
        guard count <= limits.maxNodes - nodes else { throw error("more than \(limits.maxNodes) values") }
    }

    private mutating func secret(_ count: Int) throws(MessagePackError) -> Value {
        guard takesSecrets, try byte() == MessagePack.secretType else { throw error("an unknown extension type") }
        return .secret(try SecretUse(messagePack: Array(try take(count))))
    }

    private mutating func byte() throws(MessagePackError) -> UInt8 {
        guard at < bytes.count else { throw error("the bytes end inside a value") }
        defer { at += 1 }
        return bytes[at]
    }

    private mutating func take(_ count: Int) throws(MessagePackError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - at else { throw error("the bytes end inside a value") }
        defer { at += count }
        return bytes[at..<at + count]
    }

    private mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(MessagePackError) -> T {
        var value: T = 0
        for byte in try take(T.bitWidth / 8) {
            value = T(truncatingIfNeeded: Int64(truncatingIfNeeded: value) << 8) | T(truncatingIfNeeded: byte)
        }
        return value
    }

    private func error(_ message: String) -> MessagePackError { MessagePackError(offset: at, message: message) }
}

extension SecretUse {
    /// Bytes that one reference may take: a text with its literals.
    package static let mostBytes = 16_384

    /// Reads the payload of extension type 1: `[name, form, user?]`, or `["", "text", [part…]]` where a part is a text or `[name]`.
    package init(messagePack payload: [UInt8]) throws(MessagePackError) {
        let malformed = MessagePackError(offset: 0, message: "a malformed secret")
        guard payload.count <= Self.mostBytes else { throw malformed }
        var reader = MessagePackReader(
            payload, limits: ValueLimits(maxBytes: Self.mostBytes, maxDepth: 3, maxNodes: 256), takesSecrets: false)
        guard case .array(let fields) = try reader.readAll(), fields.count >= 2, let name = fields[0].stringValue,
            let form = fields[1].stringValue
        else { throw malformed }
        switch (form, fields.dropFirst(2).first, fields.count) {
        case ("raw", nil, 2): self.init(name: name)
        case ("bearer", nil, 2): self.init(name: name, form: .bearer)
        case ("basic", .string(let user)?, 3): self.init(name: name, form: .basic(user: user))
        case ("text", .array(let parts)?, 3) where name.isEmpty:
            var read: [Part] = []
            for part in parts {
                switch part {
                case .string(let literal): read.append(.literal(literal))
                case .array(let reference) where reference.count == 1:
                    guard let name = reference[0].stringValue else { throw malformed }
                    read.append(.secret(name))
                default: throw malformed
                }
            }
            self.init(name: "", form: .text(read))
        default: throw malformed
        }
    }
}
