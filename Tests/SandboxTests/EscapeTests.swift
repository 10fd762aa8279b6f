// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Testing
import Values

/// What a hostile plugin tries, and what its caller is told.
///
/// Every row also shows that a neighbour notices nothing.
@Suite("Escapes", .timeLimit(.minutes(10)))
struct EscapeTests {
    enum Expected: Sendable {
        case error(SandboxError)
        case cpu, memory
        /// A Lua error at the plugin's line whose message contains this.
        case raised(String)
        case loadFailed(String)
    }

    struct Attack: Sendable, CustomTestStringConvertible {
        var name: String
        var source: String
        var expected: Expected
        var testDescription: String { name }

        init(_ name: String, body: String, _ expected: Expected) {
            self.init(name, source: "return { op = function(ctx, req) \(body) end }", expected)
        }

        init(_ name: String, source: String, _ expected: Expected) {
            self.name = name
            self.source = source
            self.expected = expected
        }
    }

    static let attacks: [Attack] = [
        Attack("endless loop", body: "while true do end", .cpu),
        Attack("endless loop while loading", source: "while true do end", .loadFailed("")),
        Attack("endless loop in pcall", body: "while true do pcall(function() while true do end end) end", .cpu),
        Attack(
            "endless loop in the handler of xpcall", body: "xpcall(function() error('x') end, function() while true do end end) return {}",
            .cpu),
        Attack(
            "endless loop in a coroutine",
            body: "while true do local co = coroutine.wrap(function() while true do end end) pcall(co) end", .cpu),
        Attack("memory bomb of small parts", body: "local t = {} while true do t[#t + 1] = { #t } end", .memory),
        Attack(
            "memory bomb in pcall", body: "local t = {} while true do pcall(function() while true do t[#t + 1] = { #t } end end) end",
            .memory),
        Attack("deep recursion", body: "local function f(n) return 1 + f(n + 1) end return f(1)", .memory),
        Attack("deep recursion in pcall", body: "local function f() pcall(f) return f() + 1 end return f()", .memory),
        Attack("binary chunk as the program", source: "\u{1B}Lua", .loadFailed("")),
        Attack("binary chunk by load", body: "return load('\\27Lua')", .raised("nil value (global 'load')")),
        Attack("binary chunk by string.dump", body: "return string.dump(function() end)", .raised("nil value (field 'dump')")),
        Attack("os", body: "return os.execute('id')", .raised("nil value (global 'os')")),
        Attack("io", body: "return io.open('/etc/passwd'):read('a')", .raised("nil value (global 'io')")),
        Attack("debug", body: "return debug.getregistry()", .raised("nil value (global 'debug')")),
        Attack("package", body: "return package.loadlib('x', 'y')", .raised("nil value (global 'package')")),
        Attack("endless string.rep", body: "while true do string.rep('x', 100000) end", .cpu),
        Attack("endless string.rep of nothing", body: "while true do string.rep('', 1 << 62) end", .cpu),
        Attack("string.rep without end in itself", body: "local s = 'x' while true do s = s:rep(10) end", .raised("")),
        Attack(
            "error object with __tostring", body: "error(setmetatable({}, { __tostring = function() while true do end end }))",
            .raised("a table value")),
        Attack("returning a function", body: "return function() end", .error(.invalidValue(""))),
    ]

    @Test("ends with its typed error while a neighbour answers", arguments: attacks)
    func attack(_ attack: Attack) async throws {
        try await withSandbox { sandbox async throws in
            async let outcome = sandbox.failure(of: attack.source, key: "attacker")
            async let neighbour = answers(sandbox)

            let error = try #require(await outcome)
            #expect(try await neighbour == 20)
            switch (attack.expected, error) {
            case (.error(.invalidValue), .invalidValue): break
            case (.error(let expected), _): #expect(error == expected)
            case (.cpu, .cpuExceeded(.soft, let message)): #expect(message.hasPrefix("main.lua:1: "), "\(message)")
            case (.memory, .memoryExceeded(let message)): #expect(!message.isEmpty)
            case (.raised(let part), .scriptError(let message, _)): #expect(part.isEmpty || message.contains(part), "\(message)")
            case (.loadFailed(let part), .loadFailed(_, _, _, let message)): #expect(part.isEmpty || message.contains(part), "\(message)")
            default: Issue.record("\(String(reflecting: error))")
            }
        }
    }

    @Test(
        "the attacker's own cell goes on too", arguments: attacks.filter { !$0.source.hasPrefix("\u{1B}") && $0.source.hasPrefix("return") }
    )
    func goesOn(_ attack: Attack) async throws {
        try await withSandbox { sandbox async throws in
            let source = attack.source.dropLast(2) + ", fine = function(ctx, req) return { n = req.n } end }"

            await #expect(throws: SandboxError.self) { try await sandbox.call(String(source), key: "attacker") }
            let value = try await sandbox.call(String(source), "fine", ["n": 7], key: "attacker")

            #expect(value == ["n": 7])
        }
    }

    @Test("a plugin never sees another one's globals")
    func globals() async throws {
        try await withSandbox { sandbox async throws in
            _ = try? await sandbox.call("return { op = function() leaked = 'mine'; return {} end }", key: "one")

            let value = try await sandbox.call(
                "return { op = function() return { seen = tostring(rawget(_G, 'leaked')) } end }", key: "two")

            #expect(value == ["seen": "nil"])
        }
    }

    private func answers(_ sandbox: Sandbox) async throws -> Int {
        var right = 0
        for n in 0..<20 {
            let value = try await sandbox.call(
                "return { op = function(ctx, req) return { twice = req.n * 2 } end }", "op", ["n": Value(n)], key: "neighbour")
            if value == ["twice": Value(2 * n)] { right += 1 }
        }
        return right
    }
}
