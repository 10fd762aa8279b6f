// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Testing
import Values

@Suite("Host calls", .timeLimit(.minutes(10)))
struct HostCallTests {
    private static let context = CallContext(functions: ["storage.get", "storage.set", "http.request"])

    private static let doubling: @Sendable (HostCall) async -> HostReply = { call in
        await Task.yield()
        guard let text = call.arguments.first?.stringValue else { return .failure(code: "invalid_request", message: "no key") }
        return text == "bad" ? .failure(code: "internal", message: "the host says no") : .value(.string("\(text)\(text)"))
    }

    static let programs: [(String, String, Value)] = [
        ("plain", "return { a = ctx.storage.get('x'), b = ctx.storage.get('y') }", ["a": "xx", "b": "yy"]),
        ("in pcall", "local ok, v = pcall(ctx.storage.get, 'x') return { ok = ok, v = v }", ["ok": true, "v": "xx"]),
        (
            "a failure is an error that pcall catches",
            "local ok, v = pcall(function() return ctx.storage.get('bad') end) return { ok = ok, told = v:find('the host says no', 1, true) ~= nil }",
            ["ok": false, "told": true]
        ),
        (
            "in a coroutine",
            "local co = coroutine.wrap(function(k) local v = ctx.storage.get(k) local more = coroutine.yield(v) return ctx.storage.get(more) end) return { co('x'), co('y') }",
            ["xx", "yy"]
        ),
        (
            "in nested coroutines",
            "local function nest(n) if n == 0 then return ctx.storage.get('x') end return coroutine.wrap(function() return nest(n - 1) end)() end return { v = nest(10) }",
            ["v": "xx"]
        ),
        (
            "in a coroutine in pcall in a coroutine",
            """
            local outer = coroutine.wrap(function()
              local ok, v = pcall(function()
                local inner = coroutine.wrap(function() coroutine.yield(ctx.storage.get('x')) return ctx.storage.get('bad') end)
                local first = inner()
                local ok2 = pcall(inner)
                return { first, ok2 }
              end)
              return { ok = ok, v = v }
            end)
            return outer()
            """, ["ok": true, "v": ["xx", false]]
        ),
        (
            "in a comparator of table.sort",
            "local t = { 3, 1, 2 } table.sort(t, function(a, b) ctx.storage.get('k') return a < b end) return t",
            [1, 2, 3]
        ),
    ]

    @Test("are answered wherever they are made", arguments: programs)
    func anywhere(name: String, body: String, expected: Value) async throws {
        try await withSandbox { sandbox async throws in
            do throws(SandboxError) {
                let value = try await sandbox.call(
                    "return { op = function(ctx, req) \(body) end }", context: Self.context, host: Self.doubling)
                #expect(value == expected, "\(name)")
            } catch {
                Issue.record("\(String(reflecting: error))")
            }
        }
    }

    @Test("come with name, arguments, position and the time that is left")
    func contents() async throws {
        let source = "return { op = function(ctx) ctx.storage.set('k', { n = 1 }) ctx.storage.get('k') return {} end }"
        let seen = Shared<[HostCall]>([])
        try await withSandbox { sandbox async throws in
            _ = try await sandbox.call(source, context: Self.context) { call in
                seen.withLock { $0.append(call) }
                return .value(nil)
            }
        }

        let calls = seen.withLock { $0 }
        #expect(calls.map(\.name) == ["storage.set", "storage.get"])
        #expect(calls.map(\.arguments) == [["k", ["n": 1]], ["k"]])
        #expect(calls.map(\.index) == [0, 1])
        #expect(calls.allSatisfy { $0.remaining > .zero && $0.remaining <= .seconds(10) })
    }

    @Test("end the invocation when there are too many")
    func budget() async throws {
        let source = "return { op = function(ctx) while true do pcall(ctx.storage.get, 'k') end end }"
        try await withSandbox { sandbox async throws in
            let error = await sandbox.failure(
                of: source, context: Self.context, budget: InvocationBudget(hostCalls: 5), host: Self.doubling)
            guard case .hostCallsExceeded(let message) = error else {
                Issue.record("\(String(reflecting: error))")
                return
            }
            #expect(message.hasPrefix("main.lua:1: "))
            #expect(sandbox.statistics.killed == 0)
        }
    }

    @Test("log lines come in order and before what follows them")
    func logs() async throws {
        let source = "return { op = function(ctx) ctx.log.info('one', { n = 1 }) ctx.storage.get('k') ctx.log.warn('two') return {} end }"
        let seen = Shared<[String]>([])
        try await withSandbox { sandbox async throws in
            _ = try await sandbox.call(source, context: Self.context) { call in
                seen.withLock { $0.append(call.name) }
                return .value(nil)
            } log: { line in
                seen.withLock { $0.append("\(line.level) \(line.message) \(line.fields.count)") }
            }
        }

        #expect(seen.withLock { $0 } == ["info one 1", "storage.get", "warn two 0"])
    }

    @Test("what was not granted is not there, and the error names the line to add")
    func denied() async throws {
        let denied = CallContext(functions: [], denied: ["http": "plugin.json: add \"http\" to \"capabilities\""])
        try await withSandbox { sandbox async throws in
            do throws(SandboxError) {
                _ = try await sandbox.call("return { op = function(ctx)\n ctx.http.request{} end }", context: denied)
                Issue.record("returned")
            } catch {
                guard case .scriptError(let message, _) = error else {
                    Issue.record("\(String(reflecting: error))")
                    return
                }
                #expect(message.hasPrefix("main.lua:2:"))
                #expect(message.contains("plugin.json: add"))
            }
        }
    }

    @Test("64 invocations overlap in one cell, and more wait for their turn")
    func overlap() async throws {
        let source = "return { op = function(ctx, req) local v = ctx.storage.get(req.k) return { v = v, k = req.k } end }"
        let together = Shared((now: 0, most: 0))
        try await withSandbox { sandbox async throws in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for n in 0..<200 {
                    group.addTask {
                        let value = try await sandbox.call(source, "op", ["k": .string("k\(n)")], context: Self.context) { call in
                            together.withLock {
                                $0.now += 1; $0.most = max($0.most, $0.now)
                            }
                            while together.withLock({ $0.most }) < 64 { await Task.yield() }
                            together.withLock { $0.now -= 1 }
                            return await Self.doubling(call)
                        }
                        return value == ["v": .string("k\(n)k\(n)"), "k": .string("k\(n)")]
                    }
                }
                for try await right in group { #expect(right) }
            }
            #expect(sandbox.statistics.started == 1)
        }

        #expect(together.withLock { $0.most } == 64)
    }

    @Test("more than may wait are refused at once")
    func overloaded() async throws {
        let source = "return { op = function(ctx, req) ctx.storage.get('k') return {} end }"
        let refused = Shared(0)
        try await withSandbox {
            $0.states = 1; $0.maximumWaiting = 1
        } _: { sandbox async throws in
            _ = try await sandbox.call(source, context: Self.context)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        do throws(SandboxError) {
                            _ = try await sandbox.call(source, context: Self.context) { _ in
                                while refused.withLock({ $0 }) == 0 { await Task.yield() }
                                return .value(nil)
                            }
                        } catch {
                            #expect(error == .overloaded)
                            refused.withLock { $0 += 1 }
                        }
                    }
                }
            }
        }

        #expect(refused.withLock { $0 } == 1)
    }
}
