// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// What one invocation of a plugin may use.
///
/// A manifest asks; the host has the last word.
public struct PluginLimits: Sendable, Hashable {
    /// Memory of one Lua state.
    public var memoryKB: Int
    /// Lua instructions, about; the host counts CPU time.
    public var instructions: Int
    /// Time from start to end, waiting included.
    public var wallMilliseconds: Int
    /// Calls of `ctx.http`.
    public var httpCalls: Int

    /// What a plugin gets that asks for nothing.
    public static let standard = PluginLimits(memoryKB: 4096, instructions: 50_000_000, wallMilliseconds: 10_000, httpCalls: 8)
    /// What a plugin can ask for at most.
    public static let most = PluginLimits(memoryKB: 16384, instructions: 500_000_000, wallMilliseconds: 30_000, httpCalls: 32)

    /// Limits.
    public init(memoryKB: Int, instructions: Int, wallMilliseconds: Int, httpCalls: Int) {
        self.memoryKB = memoryKB
        self.instructions = instructions
        self.wallMilliseconds = wallMilliseconds
        self.httpCalls = httpCalls
    }

    /// CPU time: 100 instructions count as a microsecond, which plain Lua on a server of today needs about.
    public var cpu: Duration { .microseconds(instructions / 100) }
    /// Time from start to end.
    public var wall: Duration { .milliseconds(wallMilliseconds) }
    /// Memory in bytes.
    public var memoryBytes: Int { memoryKB * 1024 }
    /// Host calls of every kind: each HTTP call may come with some of the cheap ones.
    public var hostCalls: Int { httpCalls * 8 + 64 }
    /// Bytes of log.
    public var logBytes: Int { 16 * 1024 }

    init(known value: Value?) {
        func number(_ name: String, _ standard: Int) -> Int { value?[name]?.intValue.map { Int($0) } ?? standard }
        let standard = Self.standard
        memoryKB = number("memory_kb", standard.memoryKB)
        instructions = number("instructions", standard.instructions)
        wallMilliseconds = number("wall_ms", standard.wallMilliseconds)
        httpCalls = number("http_calls", standard.httpCalls)
    }

    static let schema = Schema.type(
        "Limits", "What one invocation may use. What is left out has its default.",
        [
            .optional("memory_kb", .integer(256...Int64(most.memoryKB)), "Memory of the Lua state. Default 4096.", example: 4096),
            .optional(
                "instructions", .integer(100_000...Int64(most.instructions)),
                "Lua instructions; 100 count as 1 µs of CPU time. Default 50000000.", example: 50_000_000),
            .optional(
                "wall_ms", .integer(100...Int64(most.wallMilliseconds)), "Time from start to end, waiting included. Default 10000.",
                example: 10_000),
            .optional("http_calls", .integer(0...Int64(most.httpCalls)), "Calls of `ctx.http`. Default 8.", example: 8),
        ])
}
