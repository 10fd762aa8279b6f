// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Testing

@Suite("Hints about a plugin's Lua", .timeLimit(.minutes(10)))
struct LuaHintsTests {
    private func hints(_ source: String) async -> [String] {
        await PluginCheck(TestPlugin(mainText: source).folder, sandbox: nil).hints.map { "\($0.line): \($0.message)" }
    }

    private static let many = (0..<300).map { "x\($0) = \"c\($0)\"" }.joined(separator: ", ")

    @Test(
        "a shape that Lua compiles wrongly or slowly is named with its line",
        arguments: [
            ("local t = {}\nlocal v = t[a < b]", "2: an index holds a comparison"),
            ("local v = f()[\n  x == 1]", "2: an index holds a comparison"),
            ("local v =\n x" + String(repeating: " and x", count: 65), "2: an expression joins more than 64"),
            ("if a then" + String(repeating: "\nelseif a then", count: 65) + "\nend", "66: an “if” has more than 64"),
            ("local t = {\(many)}\nlocal v = 1 & n", "2: a function with more than 256 constants"),
            ("for k, v in a, b, c, d do\n  if k then break end\nend", "2: “break” leaves"),
            ("local f <close> = nil", "1: a variable is declared <close>"),
        ])
    func named(source: String, hint: String) async {
        let found = await hints(source)

        #expect(found.count == 1 && found[0].hasPrefix(hint), "\(found)")
    }

    @Test(
        "ordinary code gives no hint",
        arguments: [
            "local t = { [1] = a < b, [\"x\"] = a == b, (a < b) }", "return t[f(a < b)], t[{a == b}]", "-- t[a < b]\n--[==[ t[a < b] ]==]",
            "local s = \"t[a < b]\" .. 't[a < b]\\'' .. [[t[a < b]]] .. [=[t[a < b]=]", "t[function() return a < b end] = 1",
            String(repeating: "local v = a and b or c\n", count: 100), "local t = {\(many)}", "local v = ~n",
            "local t = {\(many)}\nlocal function bits(n) return n & 0xff end", "for k, v in pairs(t) do if k then break end end",
            "for k, v in next, t, nil do break end", "x, y, z, w = 1, 2, 3, 4 while a do break end", "end end ) } ] until", "'",
        ])
    func quiet(source: String) async {
        #expect(await hints(source) == [])
    }
}
