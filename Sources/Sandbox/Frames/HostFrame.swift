// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// The frames that the host writes: a length of four bytes, little-endian, then one MessagePack array.
package enum HostFrame {
    /// The most bytes of a frame that carries a program.
    package static let maximumLoad = 1 << 20
    /// The most bytes of every other frame.
    package static let maximum = 512 << 10

    /// Where the id of a ``call(operation:context:request:budget:)`` stands: it is only known when the invocation gets its turn.
    private static let idOffset = 4 + 1 + 1 + 1

    /// Loads a program into a fresh cell.
    package static func load(
        _ program: Program, memory: Int, states: Int, cpu: Duration = .seconds(1), seed: UInt32? = nil
    ) throws(SandboxError) -> [UInt8] {
        var bytes = begin(count: 3, type: 1, capacity: 256 + program.files.reduce(0) { $0 + $1.source.count })
        MessagePack.encode(.int(0), into: &bytes)
        bytes.append(seed == nil ? 0x85 : 0x86)
        text("files", into: &bytes)
        arrayHeader(program.files.count, into: &bytes)
        for file in program.files {
            bytes.append(0x92)
            text(file.name, into: &bytes)
            MessagePack.encode(.bytes(file.source), into: &bytes)
        }
        text("entry", into: &bytes)
        text(program.entry, into: &bytes)
        text("memory", into: &bytes)
        MessagePack.encode(Value(memory), into: &bytes)
        text("states", into: &bytes)
        MessagePack.encode(Value(states), into: &bytes)
        if let seed {
            text("seed", into: &bytes)
            MessagePack.encode(.int(Int64(seed)), into: &bytes)
        }
        text("cpu_us", into: &bytes)
        MessagePack.encode(.int(min(max(cpu.wholeNanoseconds / 1000, 1000), 60_000_000)), into: &bytes)
        guard finish(&bytes) <= maximumLoad else {
            throw .loadFailed(.error, file: program.entry, line: 0, message: "the program is larger than \(maximumLoad) bytes")
        }
        return bytes
    }

    /// Calls an operation.
    ///
    /// The id is zero until ``setID(_:of:)``.
    package static func call(
        operation: String, context: CallContext, request: Value, budget: InvocationBudget
    ) throws(SandboxError) -> [UInt8] {
        var bytes = begin(count: 6, type: 2, capacity: 1024)
        bytes.append(contentsOf: [0xCE, 0, 0, 0, 0])
        text(operation, into: &bytes)
        bytes.append(0x84)
        text("ctx", into: &bytes)
        // The order of members can be seen by pairs: a run that is counted can be repeated, so there it is always the same.
        let sorted = budget.instructions != nil
        try value(.map(context.fields), "the context", into: &bytes, sorted: sorted)
        text("secrets", into: &bytes)
        bytes.append(0x82)
        text("declared", into: &bytes)
        texts(context.declaredSecrets, into: &bytes)
        text("set", into: &bytes)
        texts(context.setSecrets, into: &bytes)
        text("functions", into: &bytes)
        texts(context.functions, into: &bytes)
        text("denied", into: &bytes)
        MessagePack.encode(.map(context.denied.mapValues(Value.string)), into: &bytes)
        try value(request, "the request", into: &bytes, sorted: sorted)
        bytes.append(budget.instructions == nil ? 0x83 : 0x84)
        text("cpu_us", into: &bytes)
        MessagePack.encode(.int(max(0, budget.cpu.wholeNanoseconds) / 1000), into: &bytes)
        text("host_calls", into: &bytes)
        MessagePack.encode(Value(max(0, budget.hostCalls)), into: &bytes)
        text("log_bytes", into: &bytes)
        MessagePack.encode(Value(max(0, budget.logBytes)), into: &bytes)
        if let instructions = budget.instructions {
            text("instructions", into: &bytes)
            MessagePack.encode(Value(max(1, instructions)), into: &bytes)
        }
        guard finish(&bytes) <= maximum else { throw .invalidValue("request and context together are larger than \(maximum) bytes") }
        return bytes
    }

    /// Gives a call frame its id.
    package static func setID(_ id: UInt32, of frame: inout [UInt8]) {
        for position in 0..<4 { frame[idOffset + position] = UInt8(truncatingIfNeeded: id >> UInt32(24 - 8 * position)) }
    }

    /// Appends the answer to a host call.
    ///
    /// A value that cannot cross becomes a failure that says so.
    package static func reply(_ id: UInt32, _ reply: HostReply, into bytes: inout [UInt8], sorted: Bool = false) {
        let start = bytes.count
        bytes.append(contentsOf: [0, 0, 0, 0, 0x94, 3])
        MessagePack.encode(.int(Int64(id)), into: &bytes)
        switch reply {
        case .value(let value):
            MessagePack.encode(.bool(true), into: &bytes)
            do {
                try Self.value(value, "the reply", into: &bytes, sorted: sorted)
            } catch {
                bytes.removeSubrange(start...)
                return Self.reply(id, .failure(code: "limit_exceeded", message: "the answer is too large for a plugin"), into: &bytes)
            }
        case .failure(let code, let message):
            MessagePack.encode(.bool(false), into: &bytes)
            bytes.append(0x82)
            text("code", into: &bytes)
            text(code, into: &bytes)
            text("message", into: &bytes)
            text(String(message.prefix(4096)), into: &bytes)
        }
        setLength(from: start, of: &bytes)
    }

    /// Appends the order to end an invocation.
    package static func cancel(_ id: UInt32, into bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: [0, 0, 0, 0, 0x92, 4])
        MessagePack.encode(.int(Int64(id)), into: &bytes)
        setLength(from: start, of: &bytes)
    }

    // MARK: - Parts

    private static func begin(count: UInt8, type: UInt8, capacity: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(capacity)
        bytes.append(contentsOf: [0, 0, 0, 0, 0x90 | count, type])
        return bytes
    }

    private static func finish(_ bytes: inout [UInt8]) -> Int {
        setLength(from: 0, of: &bytes)
        return bytes.count - 4
    }

    private static func setLength(from start: Int, of bytes: inout [UInt8]) {
        let length = UInt32(clamping: bytes.count - start - 4)
        for position in 0..<4 { bytes[start + position] = UInt8(truncatingIfNeeded: length >> UInt32(8 * position)) }
    }

    private static func text(_ text: String, into bytes: inout [UInt8]) { MessagePack.encode(.string(text), into: &bytes) }

    private static func texts(_ texts: [String], into bytes: inout [UInt8]) {
        arrayHeader(texts.count, into: &bytes)
        for text in texts { MessagePack.encode(.string(text), into: &bytes) }
    }

    private static func arrayHeader(_ count: Int, into bytes: inout [UInt8]) {
        if count < 16 {
            bytes.append(0x90 | UInt8(count))
        } else {
            let count = UInt16(clamping: count)
            bytes.append(contentsOf: [0xDC, UInt8(count >> 8), UInt8(truncatingIfNeeded: count)])
        }
    }

    /// One value within the limits that the cell checks as well.
    private static func value(_ value: Value, _ name: String, into bytes: inout [UInt8], sorted: Bool) throws(SandboxError) {
        var nodes = ValueLimits.frame.maxNodes
        guard fits(value, depth: ValueLimits.frame.maxDepth, nodes: &nodes) else {
            throw .invalidValue("\(name) is too deep or has too many parts")
        }
        let start = bytes.count
        MessagePack.encode(value, into: &bytes, sorted: sorted)
        guard bytes.count - start <= ValueLimits.frame.maxBytes else {
            throw .invalidValue("\(name) is larger than \(ValueLimits.frame.maxBytes) bytes")
        }
    }

    private static func fits(_ value: Value, depth: Int, nodes: inout Int) -> Bool {
        nodes -= 1
        switch value {
        case .array(let elements):
            guard depth > 0, elements.count <= nodes else { return false }
            return elements.allSatisfy { fits($0, depth: depth - 1, nodes: &nodes) } && nodes >= 0
        case .map(let members):
            guard depth > 0, members.count <= nodes else { return false }
            return members.values.allSatisfy { fits($0, depth: depth - 1, nodes: &nodes) } && nodes >= 0
        default: return nodes >= 0
        }
    }
}
