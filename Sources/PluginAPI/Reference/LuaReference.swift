// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Reference {
    /// `docs/lua.md`: the language that plugins are written in, and each difference from stock Lua 5.4.
    package static func lua() -> String {
        var page = MarkdownPage()
        page.text(introduction)
        page.contents()
        page.heading(2, "Globals")
        page.text("What is not in these tables does not exist. An empty cell means: as in the [manual](https://www.lua.org/manual/5.4/).")
        for group in LuaEnvironment.groups {
            page.heading(3, group.title)
            page.table(["name", "difference from 5.4"], group.entries.map { ["`\($0.name)`", $0.difference ?? ""] })
        }
        page.heading(2, "Not there")
        page.text(absent)
        page.heading(2, "Metatables")
        page.text(metatables)
        page.heading(2, "Host calls")
        page.text(hostCalls)
        page.heading(2, "Errors")
        page.text(errors)
        page.heading(2, "Loading")
        page.text(loading)
        page.heading(2, "Sizes")
        page.text(sizes)
        return page.finished
    }

    private static let introduction = """
        <!-- Made from the tables in Sources/PluginAPI; written again by `make docs`. -->

        # Lua in a plugin

        Plugins are written in Lua 5.4: the interpreter is the system's own, and the language is complete. The library is built from an empty table, function
        by function. This page lists every global and every difference. Ordinary programs behave as in stock Lua, down to the words and lines of error
        messages; `Tests/SandboxTests/Conformance` compares both.
        """

    private static let absent = """
        | | instead |
        |---|---|
        | `load`, `loadstring`, `dofile`, `loadfile`, `string.dump` | nothing: a plugin is the files that were signed |
        | `package` | `require`, for files of the plugin |
        | `os.time`, `os.date` | `ctx.clock` |
        | `os`, `io` | nothing: a cell has no files and no environment |
        | `debug`, `collectgarbage`, `warn` | `ctx.log`; the traceback of an error goes to the host |
        """

    private static let metatables = """
        - Allowed: `__index __newindex __call __tostring __name __len __eq __lt __le __unm __add __sub __mul __div __mod __pow __idiv __band __bor __bxor __bnot __shl __shr __pairs __metatable`.
        - `__close` and `__concat` are errors at the line that sets them. `__gc` and `__mode` are accepted and have no effect: memory goes when the call ends.
        - The events are copied when `setmetatable` is called, and when one is added to the metatable later. An event that is *replaced* or removed later counts from
          the next `setmetatable` with that metatable on.
        """

    private static let hostCalls = """
        A host call may be made wherever Lua code runs: in coroutines, iterators, `pcall` and `xpcall` with their handlers, callbacks of `string.gsub`, comparators of `table.sort`,
        modules, and every metamethod that Lua code, `tostring`, `print`, `string.format`, `ipairs`, `pairs` or `table.sort` calls. It cannot be made while the plugin is being loaded.
        """

    private static let errors = """
        - Errors are values as in 5.4; tables keep their identity through `pcall`. What leaves the plugin is a string of at most 1 KiB: for a table its field `message`.
        - When the call's time, memory or host calls are used up, the error that ends it is raised again by whatever catches it.
        - Time is processor time of the plugin's own code. Pattern matching, sorting and coroutines count their steps, so that they end at the plugin's line too.
        """

    private static let loading = """
        - Source is text in UTF-8, at most 128 KiB a file and 64 files; bytecode is refused. Every file is compiled when the plugin is loaded, so that a syntax error anywhere is seen then.
        - The entry file runs once and returns the table of operations. Each call starts from the state that loading left; nothing of one call is seen by another.
        """

    private static let sizes = """
        | what | at most |
        |---|---|
        | a string, or a table's block of memory | 1 MiB |
        | memory of a call, stacks included | `limits.memory_kb` of the manifest |
        | elements that one function of `table` goes over | 1,000,000 |
        | results of `table.unpack`, `string.byte`, `utf8.codepoint` | 8,000 |
        | nested coroutines | 16 |
        | captures, and choices in one pattern | 32, and 199 as in 5.4 |
        """
}
