// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// Walks over the bytes of one frame.
///
/// Every claim of the sender is checked against what is there before anything is allocated for it.
struct FrameCursor {
    /// Set when a value has no form in the host although the frame is sound; the value read is then not to be used.
    private(set) var unusable: String?

    private let bytes: [UInt8]
    private let end: Int
    private let limits = ValueLimits.frame
    private var at: Int
    private var nodes = 0
    private var depth = 0
    private var valueEnd: Int

    /// The bytes of `range`, which the caller has checked.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        at = range.lowerBound
        end = range.upperBound
        valueEnd = range.upperBound
    }

    /// The bytes that have not been read.
    var left: Int { end - at }

    // MARK: - Parts of frames

    mutating func arrayCount() throws(FrameError) -> Int {
        let code = try byte()
        switch code {
        case 0x90...0x9F: return Int(code & 0x0F)
        case 0xDC: return Int(try integer(2))
        default: throw FrameError("type \(code) where an array belongs")
        }
    }

    mutating func unsigned(upTo most: UInt64) throws(FrameError) -> UInt64 {
        let code = try byte()
        let value: UInt64
        switch code {
        case 0x00...0x7F: value = UInt64(code)
        case 0xCC: value = UInt64(try byte())
        case 0xCD: value = try integer(2)
        case 0xCE: value = try integer(4)
        case 0xCF, 0xD3: value = try integer(8)
        default: throw FrameError("type \(code) where a number belongs")
        }
        guard value <= most else { throw FrameError("the number \(value) where at most \(most) belongs") }
        return value
    }

    mutating func id() throws(FrameError) -> UInt32 { UInt32(try unsigned(upTo: UInt64(UInt32.max))) }

    /// Text for people; what is not UTF-8 in it is repaired.
    mutating func text(upTo most: Int) throws(FrameError) -> String {
        let count = try textCount()
        guard count <= most else { throw FrameError("a text of \(count) bytes where at most \(most) belong") }
        return String(decoding: try take(count), as: UTF8.self)
    }

    mutating func texts(upTo most: Int, each length: Int) throws(FrameError) -> [String] {
        let count = try arrayCount()
        guard count <= most, count <= left else { throw FrameError("\(count) texts where at most \(most) belong") }
        var texts: [String] = []
        texts.reserveCapacity(count)
        for _ in 0..<count { texts.append(try text(upTo: length)) }
        return texts
    }

    mutating func usage() throws(FrameError) -> CellUsage {
        let code = try byte()
        guard 0x80...0x8F ~= code else { throw FrameError("a usage that is no map") }
        var usage = CellUsage()
        for _ in 0..<(code & 0x0F) {
            let name = try take(try textCount())
            let number = try unsigned(upTo: 1 << 62)
            // All names differ in length, and one that we do not know is a number that we do not need.
            switch name.count {
            case 6: usage.cpu = .nanoseconds(Int64(min(number, 1 << 40)) * 1000)
            case 8: usage.bytesIn = Int(number)
            case 9: usage.bytesOut = Int(number)
            case 10: usage.hostCalls = Int(number)
            case 11: usage.memoryPeak = Int(number)
            case 12: usage.instructions = Int(number)
            default: break
            }
        }
        return usage
    }

    // MARK: - Values

    /// Starts counting for the next value.
    mutating func beginValue() {
        nodes = 0
        depth = 0
        valueEnd = min(end, at + limits.maxBytes)
    }

    mutating func value() throws(FrameError) -> Value {
        nodes += 1
        guard nodes <= limits.maxNodes else { throw FrameError("more than \(limits.maxNodes) values in one") }
        guard at < valueEnd else {
            throw FrameError(at < end ? "a value larger than \(limits.maxBytes) bytes" : "bytes that end inside a value")
        }
        let code = bytes[at]
        at += 1
        switch code {
        case 0x00...0x7F: return .int(Int64(code))
        case 0xA0...0xBF: return try octets(Int(code & 0x1F))
        case 0x80...0x8F: return try map(Int(code & 0x0F))
        case 0x90...0x9F: return try array(Int(code & 0x0F))
        case 0xE0...0xFF: return .int(Int64(Int8(bitPattern: code)))
        case 0xC0: return .null
        case 0xC2: return .bool(false)
        case 0xC3: return .bool(true)
        case 0xC4, 0xD9: return try octets(Int(try byte()))
        case 0xC5, 0xDA: return try octets(Int(try integer(2)))
        case 0xC6, 0xDB: return try octets(Int(try integer(4)))
        case 0xCB: return .double(Double(bitPattern: try integer(8)))
        case 0xCC: return .int(Int64(try byte()))
        case 0xCD: return .int(Int64(try integer(2)))
        case 0xCE: return .int(Int64(try integer(4)))
        case 0xCF:
            guard let value = Int64(exactly: try integer(8)) else { throw FrameError("an integer beyond 64 bits with sign") }
            return .int(value)
        case 0xD0: return .int(Int64(Int8(bitPattern: try byte())))
        case 0xD1: return .int(Int64(Int16(truncatingIfNeeded: try integer(2))))
        case 0xD2: return .int(Int64(Int32(truncatingIfNeeded: try integer(4))))
        case 0xD3: return .int(Int64(bitPattern: try integer(8)))
        case 0xDC: return try array(Int(try integer(2)))
        case 0xDD: return try array(Int(try integer(4)))
        case 0xDE: return try map(Int(try integer(2)))
        case 0xDF: return try map(Int(try integer(4)))
        case 0xD4, 0xD5, 0xD6, 0xD7, 0xD8: return try secret(1 << Int(code - 0xD4))
        case 0xC7: return try secret(Int(try byte()))
        case 0xC8: return try secret(Int(try integer(2)))
        default: throw FrameError("a value of type \(code)")
        }
    }

    private mutating func array(_ count: Int) throws(FrameError) -> Value {
        try enter(count, bytesEach: 1)
        var elements: [Value] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try value()) }
        depth -= 1
        return .array(elements)
    }

    private mutating func map(_ count: Int) throws(FrameError) -> Value {
        try enter(count, bytesEach: 2)
        var members = [String: Value](minimumCapacity: count)
        for _ in 0..<count {
            let name = try take(try textCount())
            let member = try value()
            guard let name = String(validating: name, as: UTF8.self) else {
                unusable = "a table key that is not UTF-8"
                continue
            }
            // Lua tells keys apart by their bytes, we by what Unicode takes for the same text.
            if members.updateValue(member, forKey: name) != nil { unusable = "two table keys that are the same text" }
        }
        depth -= 1
        return .map(members)
    }

    private mutating func enter(_ count: Int, bytesEach: Int) throws(FrameError) {
        depth += 1
        guard depth <= limits.maxDepth else { throw FrameError("a value nested deeper than \(limits.maxDepth) levels") }
        guard count <= limits.maxNodes - nodes else { throw FrameError("more than \(limits.maxNodes) values in one") }
        guard count <= (valueEnd - at) / bytesEach else { throw FrameError("a container that claims more than is there") }
    }

    private mutating func octets(_ count: Int) throws(FrameError) -> Value { Value.octets(try take(count)) }

    private mutating func secret(_ count: Int) throws(FrameError) -> Value {
        guard try byte() == 1 else { throw FrameError("an unknown extension") }
        let payload = Array(try take(count))
        do throws(MessagePackError) {
            return .secret(try SecretUse(messagePack: payload))
        } catch {
            throw FrameError("a malformed secret")
        }
    }

    // MARK: - Bytes

    private mutating func byte() throws(FrameError) -> UInt8 {
        guard at < end else { throw FrameError("bytes that end inside a value") }
        defer { at += 1 }
        return bytes[at]
    }

    private mutating func integer(_ count: Int) throws(FrameError) -> UInt64 {
        guard count <= end - at else { throw FrameError("bytes that end inside a value") }
        var value: UInt64 = 0
        for _ in 0..<count {
            value = value << 8 | UInt64(bytes[at])
            at += 1
        }
        return value
    }

    private mutating func textCount() throws(FrameError) -> Int {
        let code = try byte()
        switch code {
        case 0xA0...0xBF: return Int(code & 0x1F)
        case 0xC4, 0xD9: return Int(try byte())
        case 0xC5, 0xDA: return Int(try integer(2))
        case 0xC6, 0xDB: return Int(try integer(4))
        default: throw FrameError("type \(code) where a text belongs")
        }
    }

    private mutating func take(_ count: Int) throws(FrameError) -> ArraySlice<UInt8> {
        guard count <= end - at else { throw FrameError("bytes that end inside a value") }
        defer { at += count }
        return bytes[at..<at + count]
    }
}
