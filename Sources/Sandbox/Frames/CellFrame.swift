// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// A frame from a cell, decoded.
package enum CellFrame: Sendable, Hashable {
    /// The cell has locked itself down; nothing has been read yet.
    case ready(layers: SandboxLayers, lua: String)
    /// The program offers these operations.
    case loaded(operations: [String])
    /// The program cannot be loaded.
    case loadFailed(LoadFailureKind, file: String, line: Int, message: String)
    /// An invocation asks the host for something and waits.
    case hostCall(id: UInt32, name: String, arguments: [Value])
    /// An invocation has ended well.
    case result(id: UInt32, Value, CellUsage)
    /// An invocation has ended badly.
    case fault(id: UInt32, FaultKind, message: String, traceback: String, CellUsage)
    /// An invocation has written a line to its log. `size` is that of the frame.
    case log(id: UInt32, LogLine, size: Int)
    /// A well-formed frame with a value in it that the host has no form for. It ends or answers that invocation, not the cell.
    case unusable(id: UInt32, isResult: Bool, reason: String)

    /// Why an invocation ended badly, in the cell's words.
    package enum FaultKind: String, Sendable, Hashable {
        case error, cpu, memory, cancelled
        /// The interpreter was left by force.
        case cpuForced = "cpu_forced"
        case hostCalls = "host_calls"
        case invalidValue = "invalid_value"
        case noOperation = "no_operation"
        case stateLost = "state_lost"
    }
}

/// Why the bytes of a cell are no frame.
///
/// There is no way to go on after it.
package struct FrameError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package let description: String

    /// An error with that text.
    package init(_ description: String) { self.description = description }
}

extension CellFrame {
    /// Decodes the body of one frame, to its last byte.
    init(_ cursor: inout FrameCursor) throws(FrameError) {
        let size = cursor.left
        let count = try cursor.arrayCount()
        let type = try cursor.unsigned(upTo: 255)
        switch (type, count) {
        case (16, 4):
            _ = try cursor.id()
            self = .ready(
                layers: SandboxLayers(rawValue: UInt32(try cursor.unsigned(upTo: UInt64(UInt32.max)))), lua: try cursor.text(upTo: 64))
        case (17, 3):
            _ = try cursor.id()
            self = .loaded(operations: try cursor.texts(upTo: 256, each: 256))
        case (18, 6):
            _ = try cursor.id()
            guard let kind = LoadFailureKind(rawValue: try cursor.text(upTo: 16)) else {
                throw FrameError("a load failure of an unknown kind")
            }
            let file = try cursor.text(upTo: 1024)
            let line = Int(try cursor.unsigned(upTo: 1 << 32))
            self = .loadFailed(kind, file: file, line: line, message: try cursor.text(upTo: 16 << 10))
        case (19, 4): self = try Self.hostCall(&cursor)
        case (20, 4): self = try Self.result(&cursor)
        case (21, 6): self = try Self.fault(&cursor)
        case (22, 5): self = try Self.log(&cursor, size: size)
        default: throw FrameError("a frame of type \(type) with \(count) parts")
        }
        guard cursor.left == 0 else { throw FrameError("\(cursor.left) bytes after the frame") }
    }

    private static let maximumArguments = 16

    private static func hostCall(_ cursor: inout FrameCursor) throws(FrameError) -> CellFrame {
        let id = try cursor.id()
        let name = try cursor.text(upTo: 128)
        let count = try cursor.arrayCount()
        guard count <= maximumArguments else { throw FrameError("a host call with \(count) arguments") }
        var arguments: [Value] = []
        for _ in 0..<count {
            // The limits are those of one argument, as in the cell.
            cursor.beginValue()
            arguments.append(try cursor.value())
        }
        if let reason = cursor.unusable { return .unusable(id: id, isResult: false, reason: reason) }
        return .hostCall(id: id, name: name, arguments: arguments)
    }

    private static func result(_ cursor: inout FrameCursor) throws(FrameError) -> CellFrame {
        let id = try cursor.id()
        cursor.beginValue()
        let value = try cursor.value()
        let usage = try cursor.usage()
        if let reason = cursor.unusable { return .unusable(id: id, isResult: true, reason: reason) }
        return .result(id: id, value, usage)
    }

    private static func fault(_ cursor: inout FrameCursor) throws(FrameError) -> CellFrame {
        let id = try cursor.id()
        let name = try cursor.text(upTo: 32)
        guard let kind = FaultKind(rawValue: name) else { throw FrameError("a fault of an unknown kind") }
        let message = try cursor.text(upTo: 16 << 10)
        let traceback = try cursor.text(upTo: 64 << 10)
        return .fault(id: id, kind, message: message, traceback: traceback, try cursor.usage())
    }

    private static func log(_ cursor: inout FrameCursor, size: Int) throws(FrameError) -> CellFrame {
        let id = try cursor.id()
        guard let level = LogLine.Level(rawValue: try cursor.text(upTo: 16)) else { throw FrameError("a log line of an unknown level") }
        let message = try cursor.text(upTo: 64 << 10)
        cursor.beginValue()
        let value = try cursor.value()
        // Lua cannot tell an empty map from an empty array, and no fields may be nil.
        let fields: [String: Value]
        switch value {
        case .map(let members): fields = members
        case .null, .array([]): fields = [:]
        // A plugin may pass an array, which breaks no protocol.
        default: fields = ["fields": value]
        }
        return .log(id: id, LogLine(level: level, message: message, fields: cursor.unusable == nil ? fields : [:]), size: size)
    }
}
