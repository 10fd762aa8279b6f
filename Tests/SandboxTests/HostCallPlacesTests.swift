// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Testing
import Values

/// A host call may be made wherever Lua code runs.
@Suite("Places of host calls", .timeLimit(.minutes(10)))
struct HostCallPlacesTests {
    /// A body that calls the host through `get`, which doubles its text.
    struct Place: Sendable, CustomTestStringConvertible {
        let name: String
        let body: String
        let expected: Value
        var testDescription: String { name }

        init(_ name: String, _ body: String, _ expected: Value) {
            self.name = name
            self.body = body
            self.expected = expected
        }
    }

    static let places = [
        Place("a callback of gsub", "return (('a b'):gsub('%a', function(c) return get(c) end))", "aa bb"),
        Place(
            "a callback of gsub that sometimes keeps the match",
            "return { ('a-b-c'):gsub('%a', function(c) if c ~= 'b' then return get(c) end end) }", ["aa-b-cc", 3]),
        Place(
            "__index of the table given to gsub",
            "return (('a b'):gsub('%a', setmetatable({}, { __index = function(_, k) return get(k) end })))", "aa bb"),
        Place(
            "a callback of gsub in a callback of gsub",
            "return (('ab cd'):gsub('%a+', function(w) return (w:gsub('.', function(c) return get(c) end)) end))", "aabb ccdd"),
        Place(
            "a coroutine in a callback of gsub",
            "return (('ab'):gsub('.', function(c) return coroutine.wrap(function() return get(c) end)() end))", "aabb"),
        Place(
            "a callback of gsub in a coroutine that yields too",
            "local co = coroutine.wrap(function() return (('ab'):gsub('.', function(c) coroutine.yield(c) return get(c) end)) end) return { co(), co(), co() }",
            ["a", "b", "aabb"]),
        Place(
            "the body of a loop over gmatch", "local t = {} for w in ('a b'):gmatch('%a') do t[#t + 1] = get(w) end return t", ["aa", "bb"]),
        Place(
            "a comparator of table.sort", "local t = { 3, 1, 2 } table.sort(t, function(a, b) get('k') return a < b end) return t",
            [1, 2, 3]),
        Place(
            "__lt in table.sort without a comparator",
            "local mt = { __lt = function(a, b) get('k') return a.v < b.v end } local t = {} for i, v in ipairs{ 3, 1, 2 } do t[i] = setmetatable({ v = v }, mt) end table.sort(t) return { t[1].v, t[2].v, t[3].v }",
            [1, 2, 3]),
        Place(
            "an iterator of for",
            "local n, t = 0, {} for v in function() n = n + 1 if n < 3 then return get('v' .. n) end end do t[#t + 1] = v end return t",
            ["v1v1", "v2v2"]),
        Place(
            "__call as an iterator",
            "local t = {} for v in setmetatable({}, { __call = function(_, _, c) if not c then return get('x') end end }) do t[1] = v end return t",
            ["xx"]),
        Place(
            "__index under ipairs",
            "local t = {} for i, v in ipairs(setmetatable({}, { __index = function(_, i) if i < 3 then return get('i' .. i) end end })) do t[i] = v end return t",
            ["i1i1", "i2i2"]),
        Place(
            "a chain of __index under ipairs",
            "local last = setmetatable({}, { __index = function(_, i) if i < 3 then return get('i') end end }) local t = {} for i, v in ipairs(setmetatable({ 'own' }, { __index = last })) do t[i] = v end return t",
            ["own", "ii"]),
        Place(
            "__pairs",
            "local t = {} for k, v in pairs(setmetatable({}, { __pairs = function() local v = get('p') return next, { k = v } end })) do t[k] = v end return t",
            ["k": "pp"]),
        Place("__index", "return setmetatable({}, { __index = function(_, k) return get(k) end }).key", "keykey"),
        Place(
            "__newindex",
            "local seen local t = setmetatable({}, { __newindex = function(_, k, v) seen = get(k .. v) end }) t.a = 'b' return seen", "abab"
        ),
        Place("__call", "return setmetatable({}, { __call = function(_, x) return get(x) end })('c')", "cc"),
        Place(
            "__eq", "local mt = { __eq = function() return get('e') == 'ee' end } return { setmetatable({}, mt) == setmetatable({}, mt) }",
            [true]),
        Place(
            "__lt and __le",
            "local mt = { __lt = function() return get('e') == 'ee' end, __le = function() return get('e') ~= 'ee' end } local a, b = setmetatable({}, mt), setmetatable({}, mt) return { a < b, a <= b, a > b }",
            [true, false, true]),
        Place("__len", "return { #setmetatable({}, { __len = function() return #get('four') end }) }", [8]),
        Place(
            "__add, __unm, __idiv and __band",
            "local mt = {} for _, e in ipairs{ '__add', '__unm', '__idiv', '__band' } do mt[e] = function() return get(e) end end local t = setmetatable({}, mt) return { t + 1, -t, t // 1, 1 & t }",
            ["__add__add", "__unm__unm", "__idiv__idiv", "__band__band"]),
        Place("__add of what is added to a string", "return '1' + setmetatable({}, { __add = function(a) return get(a) end })", "11"),
        Place("__tostring under tostring", "return tostring(setmetatable({}, { __tostring = function() return get('t') end }))", "tt"),
        Place(
            "__tostring under string.format",
            "local t = setmetatable({}, { __tostring = function() return get('t') end }) return ('%s|%5s|%d'):format(t, t, 7)", "tt|   tt|7"
        ),
        Place(
            "__tostring under print", "print('a', setmetatable({}, { __tostring = function() return get('t') end }), 1) return 'printed'",
            "printed"),
        Place("pcall", "return { pcall(get, 'x') }", [true, "xx"]),
        Place(
            "pcall of a host call that fails", "local ok, e = pcall(get, 'bad') return { ok, e:match('the host says no') }",
            [false, "the host says no"]),
        Place("the body of xpcall", "return { xpcall(function(k) return get(k) end, print, 'x') }", [true, "xx"]),
        Place("the handler of xpcall", "return { xpcall(error, function(m) return get(m) end, 'm', 0) }", [false, "mm"]),
        Place(
            "a handler of xpcall whose host call fails",
            "local ok, e = xpcall(error, function(m) if m == 'first' then get('bad') end return 'then ' .. m:match('the host says no') end, 'first', 0) return { ok, e }",
            [false, "then the host says no"]),
        Place(
            "a coroutine",
            "local co = coroutine.wrap(function(k) local v = get(k) return get(coroutine.yield(v)) end) return { co('x'), co('y') }",
            ["xx", "yy"]),
        Place(
            "coroutines in coroutines",
            "local function nest(n) if n == 0 then return get('x') end return coroutine.wrap(function() return nest(n - 1) end)() end return nest(15)",
            "xx"),
        Place(
            "a coroutine that a for loop drives",
            "local t = {} for v in coroutine.wrap(function() for _, k in ipairs{ 'a', 'b' } do coroutine.yield(get(k)) end end) do t[#t + 1] = v end return t",
            ["aa", "bb"]),
        Place(
            "pcall in a coroutine in pcall",
            "return { pcall(function() return coroutine.wrap(function() local ok, e = pcall(get, 'bad') return get(tostring(ok)) end)() end) }",
            [true, "falsefalse"]),
        Place(
            "everything at once",
            "local mt = { __lt = function(a, b) return get(a.v) < get(b.v) end, __tostring = function(s) return get(s.v) end } local t = {} for i, v in ipairs{ 'c', 'a', 'b' } do t[i] = setmetatable({ v = v }, mt) end return (('x'):gsub('x', function() table.sort(t) return coroutine.wrap(function() local ok, s = xpcall(function() error(('%s-%s-%s'):format(t[1], t[2], t[3]), 0) end, function(m) return get(m) end) coroutine.yield(s) end)() end))",
            "aa-bb-ccaa-bb-cc"),
    ]

    @Test("the host answers a call from", arguments: places)
    func answered(place: Place) async throws {
        let value = try await run(place.body)

        #expect(value == place.expected)
    }

    @Test("the host answers a call from a module and from its functions")
    func module() async throws {
        let files = [
            (
                "main.lua",
                "return { op = function(ctx) get = ctx.storage.get local m = require 'lib.m' return { m.loaded, m.f('later') } end }"
            ),
            ("lib/m.lua", "return { loaded = get('loading'), f = function(k) return get(k) end }"),
        ]
        let program = Program(hash: "module", entry: "main.lua", files: files.map { ($0.0, Array($0.1.utf8)) })
        try await withSandbox { sandbox async throws in
            let outcome = await sandbox.invoke(
                CellKey(tenant: "test", partition: "module", program: "module"), program: program, operation: "op", request: [:],
                context: Self.context, budget: InvocationBudget(), onLog: { _ in }, onHostCall: Self.doubling)

            #expect(try outcome.result.get() == ["loadingloading", "laterlater"])
        }
    }

    @Test("a plugin that ends in the middle of a callback leaves nothing behind")
    func killed() async throws {
        let source = """
            return {
              op = function(ctx) return (('ab'):gsub('.', function(c) ctx.storage.get(c) while c == 'b' do end end)) end,
              fine = function(ctx) return (('ab'):gsub('.', function(c) return ctx.storage.get(c) end)) end,
            }
            """
        try await withSandbox { sandbox async throws in
            do throws(SandboxError) {
                let value = try await sandbox.call(source, context: Self.context, host: Self.doubling)
                Issue.record("returned \(value)")
            } catch {
                guard case .cpuExceeded(.soft, let message) = error else {
                    Issue.record("\(String(reflecting: error))")
                    return
                }
                #expect(message.hasPrefix("main.lua:2: "))
            }

            let value = try await sandbox.call(source, "fine", context: Self.context, host: Self.doubling)
            #expect(value == "aabb")
        }
    }

    private static let context = CallContext(functions: ["storage.get"])

    private static let doubling: @Sendable (HostCall) async -> HostReply = { call in
        await Task.yield()
        guard let text = call.arguments.first?.stringValue else { return .failure(code: "invalid_request", message: "no key") }
        return text == "bad" ? .failure(code: "internal", message: "the host says no") : .value(.string("\(text)\(text)"))
    }

    private func run(_ body: String) async throws -> Value {
        let source = """
            local get
            local function run() \(body) end
            return { op = function(ctx) get = ctx.storage.get return run() end }
            """
        var result = Value.null
        try await withSandbox { sandbox async throws in
            result = try await sandbox.call(source, context: Self.context, host: Self.doubling)
        }
        return result
    }
}
