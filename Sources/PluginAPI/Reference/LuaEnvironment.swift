// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What each global of a plugin does differently from stock Lua 5.4, reviewed by hand.
///
/// Together with `docs/sandbox-globals.txt`, which the tests compare with a real cell and with this table, it is the whole language.
package enum LuaEnvironment {
    /// A global and how it differs; nil: as in 5.4.
    package struct Entry: Sendable {
        package let name: String
        package let difference: String?
    }

    /// The globals that belong together, by the table that they are in.
    package struct Group: Sendable {
        package let title: String
        package let entries: [Entry]

        init(_ title: String, in table: String = "", _ differences: [(String, String?)]) {
            self.title = title
            entries = differences.map { Entry(name: table.isEmpty || $0.0.isEmpty ? table + $0.0 : "\(table).\($0.0)", difference: $0.1) }
        }
    }

    package static let groups = [basic, string, table, math, utf8, coroutine, panel, context]

    private static let basic = Group(
        "Basic functions",
        [
            ("_G", "the plugin's own table of globals; every call starts with the one that loading left"), ("_VERSION", nil),
            ("assert", nil), ("error", nil), ("getmetatable", "`false` for strings and for what the host made"),
            ("ipairs", "a value that cannot be walked is an error with the line; `__index` may make host calls"), ("next", nil),
            ("pairs", nil), ("pcall", "does not catch the end of the call's time, memory or host calls"),
            ("print", "one line in the call's log, at level info, at most 8 KiB"), ("rawequal", nil), ("rawget", nil), ("rawlen", nil),
            ("rawset", "refuses read-only tables of the host"),
            ("require", "loads files of the same plugin only: `require \"lib.x\"` runs `lib/x.lua` once; there is no `package`"),
            ("select", nil),
            (
                "setmetatable",
                "copies the events; `__close` and `__concat` are refused, `__gc` and `__mode` have no effect (see [Metatables](#metatables))"
            ),
            ("tonumber", nil), ("tostring", "a type and a serial number instead of an address; `__tostring` may make host calls"),
            ("type", nil), ("xpcall", "the handler runs after the stack was left, so it may make host calls; otherwise as `pcall`"),
        ])

    private static let string = Group(
        "string", in: "string",
        [
            ("", "strings have a metatable that cannot be reached"), ("byte", "at most 8,000 results"), ("char", nil),
            ("find", "each step counts against the call's time"),
            ("format", "no `%p`; at most 1 MiB; `__tostring` under `%s` may make host calls"),
            ("gmatch", "each step counts against the call's time; an iterator that failed can be called again"),
            ("gsub", "at most 1 MiB; functions and `__index` may make host calls and yield"), ("len", nil), ("lower", nil),
            ("match", "each step counts against the call's time"), ("pack", nil), ("packsize", nil), ("rep", "at most 1 MiB"),
            ("reverse", nil), ("sub", nil), ("unpack", nil), ("upper", nil),
        ])

    private static let table = Group(
        "table", in: "table",
        [
            ("", "works on plain tables: elements are read and written raw; a table with `__newindex` or `__len` is refused"),
            ("concat", "at most 1 MiB and 1,000,000 elements"), ("insert", nil), ("move", "at most 1,000,000 elements"), ("pack", nil),
            ("remove", nil),
            ("sort", "stable; an error leaves the table as it was; the comparator and `__lt` may make host calls and yield"),
            ("unpack", "at most 8,000 results"),
        ])

    private static let math = Group(
        "math", in: "math",
        [
            ("", "without the functions that 5.3 deprecated"), ("abs", nil), ("acos", nil), ("asin", nil), ("atan", nil), ("ceil", nil),
            ("cos", nil), ("deg", nil), ("exp", nil), ("floor", nil), ("fmod", nil), ("huge", nil), ("log", nil), ("max", nil),
            ("maxinteger", nil), ("min", nil), ("mininteger", nil), ("modf", nil), ("pi", nil), ("rad", nil),
            ("random", "the same sequence whenever the same call is run again; for secrets use `ctx.random`"),
            ("randomseed", "takes one integer, and must be given it"), ("sin", nil), ("sqrt", nil), ("tan", nil), ("tointeger", nil),
            ("type", nil), ("ult", nil),
        ])

    private static let utf8 = Group(
        "utf8", in: "utf8",
        [
            ("", nil), ("char", nil), ("charpattern", nil), ("codepoint", "at most 8,000 results"), ("codes", nil), ("len", nil),
            ("offset", nil),
        ])

    private static let coroutine = Group(
        "coroutine", in: "coroutine",
        [
            ("", "nested at most 16 deep; a host call inside goes through all of them"), ("close", nil), ("create", nil),
            ("isyieldable", nil), ("resume", "as `pcall`, does not catch the end of the call's limits"), ("running", nil), ("status", nil),
            ("wrap", nil), ("yield", "also from callbacks of `gsub` and `sort`, and from handlers of `xpcall`"),
        ])

    private static let panel = Group(
        "panel", in: "panel",
        [
            ("", "not in 5.4: what a plugin needs beside Lua's own values"), ("array", "marks a table as an array, also an empty one"),
            ("null", "stands for null in JSON and in values of the host"), ("version", "of the plugin interface"),
        ])

    private static let context = Group(
        "ctx",
        [
            "clock", "clock.iso8601", "clock.now_ms", "crypto", "crypto.base64_decode", "crypto.base64_encode", "crypto.equals",
            "crypto.hex_decode", "crypto.hex_encode", "http", "http.basic", "http.bearer", "http.get", "http.post", "http.text", "json",
            "json.decode", "json.encode", "log", "log.debug", "log.error", "log.info", "log.warn", "random", "random.hex",
        ].map { ("ctx.\($0)", "an argument of the operation, see [plugin-api.md](plugin-api.md#ctx)") })
}
