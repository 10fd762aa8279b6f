# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Panelhost Authors
import pathlib
import unittest

import wire
from cases import CellCase, SANITIZED, operation
from wire import CALL, FAULT, LOAD_FAILED, RESULT

ESCAPES = pathlib.Path(__file__).parent.parent / "SandboxTests" / "Escapes"
# Keys that all collide: growing the table is one C function that runs for 60 ms and more and sees no hook.
COLLISIONS = "while true do local t = {} for i = 1, 16000 do t[i * 16383] = true end end "

SOFT = {
    "a loop": "while true do end",
    "a loop that catches": "while true do pcall(function() while true do end end) end",
    "a handler that loops": "while true do xpcall(function() while true do end end, function() while true do end end) end",
    "an error value that loops": "error(setmetatable({}, {__tostring = function() while true do end end}), 0)",
    "coroutines": "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "a coroutine made at load": "early()",
    "a tree of short coroutines": "local function f(n) for i = 1, 3 do coroutine.wrap(f)(n) end end for i = 1, 1e9 do pcall(f, i) end",
    "short coroutines one after another": "for i = 1, 1e9 do coroutine.wrap(function() local x = i end)() end",
    "a generator": "for x in coroutine.wrap(function() while true do coroutine.yield(1) end end) do end",
    "a metamethod": "local t = setmetatable({}, {__index = function() return 1 end}) while true do local _ = t.x end",
    "a comparator": "local t = {} for i = 1, 100 do t[i] = i end table.sort(t, function() while true do end end)",
    "errors": "while true do pcall(error) end",
    "an iterator": "for _ in function() return 1 end do end",
    "closing coroutines": "while true do local c = coroutine.create(function() coroutine.yield() end) coroutine.resume(c) coroutine.close(c) end",
    "goto": "::again:: goto again",
}
MEMORY = {
    "a table": "local t = {} for i = 1, 1e9 do t[i] = {i} end",
    "a table, caught": "local t = {} while true do pcall(function() for i = 1, 1e9 do t[#t + 1] = {i} end end) end",
    "a table in a coroutine": "local t = {} while true do coroutine.wrap(function() for i = 1, 1e9 do t[#t + 1] = {i} end end)() end",
    "a string": 'local s = "x" while true do s = s .. s end',
    "coroutines that are kept": "local t = {} for i = 1, 1e9 do t[i] = coroutine.create(function() end) end",
    "recursion": "local function f(n) return 1 + f(n + 1) end return f(1)",
    "closures": "local f = print for i = 1, 1e9 do local g = f f = function() return g end end",
}
# C code on C code: each of these is as deep as Lua lets it be.
DEEP = {
    "pcall": "local function f() return pcall(f) end return f()",
    "xpcall": "local function f() return xpcall(f, print) end return f()",
    "gsub": 'local function f() return (("x"):gsub(".", f)) end return f()',
    "sort": "local function f() table.sort({1, 2}, f) return false end f()",
    "__index": "local t = setmetatable({}, {__index = function(t, k) return t[k .. 'x'] end}) return t.a",
    "__call": "local t = print for i = 1, 300 do t = setmetatable({}, {__call = t}) end return t()",
    "tostring": "local t t = setmetatable({}, {__tostring = function() return tostring(t) end}) return tostring(t)",
    "wrap": "local function f() return coroutine.wrap(f)() end return f()",
    "wrap in pcall in gsub": 'local function f() return ("x"):gsub(".", function() return pcall(coroutine.wrap(f)) end) end return f()',
    "error in a handler": "local function f() error(1) end return xpcall(f, f)",
    "unpack": "local function f(...) return f(1, ...) end return f()",
    "close": "local function f() local c = coroutine.wrap(f) c() coroutine.yield() end return f()",
}


class LimitTests(CellCase):
    def test_the_first_stage_stops_what_executes_instructions(self):
        for name, body in SOFT.items():
            with self.subTest(name):
                answer = self.run_body(body, before="early = coroutine.wrap(function() while true do end end)", cpu_ms=30)
                if name == "an error value that loops":
                    self.assertFault(answer, "error")
                    continue
                self.assertFault(answer, "cpu", "CPU time")
                self.assertRegex(answer[3], r"^main.lua:1: ")

    def test_the_second_stage_leaves_C_code_by_force_and_the_cell_goes_on(self):
        cell = self.cell(operation(COLLISIONS), states=2)
        waiting = self.cell(operation('return ctx.storage.get("x")'))
        waiting.start("op")
        kinds = set()
        for _ in range(5):
            answer = cell.call("op", cpu_ms=3)
            kinds.add(answer[2])
            self.assertRegex(answer[3], r"^main.lua:1: .* CPU time")
            self.assertEqual(cell.call("ping")[2], "pong")
        # Some may end between two tables.
        self.assertIn("cpu_forced", kinds)
        self.assertEqual(waiting.receive()[0], wire.HOSTCALL)

    def test_memory_ends_the_invocation_whatever_catches_the_error(self):
        for name, body in MEMORY.items():
            with self.subTest(name):
                answer = self.run_body(body, cpu_ms=5000)
                self.assertFault(answer, "memory")
                self.assertRegex(answer[3], r"^main.lua:1: (not enough memory|stack overflow)")

    def test_nothing_is_too_deep_for_the_stack(self):
        for name, body in DEEP.items():
            with self.subTest(name):
                self.assertIn(self.run_body(body, cpu_ms=1000)[0], (RESULT, FAULT))

    @unittest.skipIf(SANITIZED, "runs on the system's stack")
    def test_a_long_chain_of_indices_fits_the_stack(self):
        # An error message looks through the code for the name of what was nil, one C call for each link.
        # Half of what a file can hold, which takes 3 of the stack's 16 MiB: the time is quadratic.
        chain = "a" + ".b" * 32_000
        answer = self.run_body(f"local a = setmetatable({{}}, {{__index = function(t) return t end}}) return {chain}()", cpu_ms=60_000)
        self.assertFault(answer, "error", "attempt to call a table value (field 'b')")

    def test_the_deepest_source_fits_the_stack(self):
        for source in ("return " + "(" * 60_000, "return " + "{" * 60_000, "x = " + "-" * 60_000 + "1", "do " * 40_000, "return " + "not " * 30_000 + "1",
                       "return function() " * 7_000, "a" + "(b" * 60_000, "if x then " * 13_000):
            self.assertEqual(self.zygote_load(source)[0], LOAD_FAILED)

    def zygote_load(self, source):
        cell = self.cell()
        return cell.load(source)

    def test_host_calls_are_counted_whatever_catches_the_error(self):
        answer = self.run_body('while true do pcall(ctx.storage.get, "x") end', host_calls=5)
        self.assertFault(answer, "host_calls", "main.lua:1: the operation made more than its 5 host calls")
        self.assertEqual(answer[5]["host_calls"], 5)

    def test_a_state_that_was_left_in_the_middle_is_as_new(self):
        cell = self.cell(operation(COLLISIONS, before='kept = {} for i = 1, 1000 do kept[i] = {i, "x" .. i} end '
                                   'function check() for i = 1, 1000 do assert(kept[i][2] == "x" .. i) end return #kept end')
                         .replace('return "pong"', "return check()"), states=1)
        for _ in range(10):
            cell.call("op", cpu_ms=self.random.randint(0, 15))
            self.assertResult(cell.call("ping", cpu_ms=1000), 1000)

    @unittest.skipUnless(ESCAPES.is_dir(), "the corpus is not here")
    def test_no_script_of_the_corpus_harms_the_cell_or_its_neighbour(self):
        program = 'return {ping = function() return "pong" end, op = function(ctx, request) return require("script", ctx, request) end}'
        neighbour = self.cell(program, files={"script.lua": ""})
        for script in sorted(ESCAPES.rglob("*.lua")):
            with self.subTest(str(script.relative_to(ESCAPES))):
                cell = self.cell()
                try:
                    loaded = cell.load(program, files={"script.lua": script.read_bytes()})
                    if loaded[0] == wire.LOADED:
                        self.assertIn(cell.call("op", cpu_ms=30)[0], (RESULT, FAULT))
                        self.assertEqual(cell.call("ping")[2], "pong")
                    self.assertEqual(cell.close(), 0)
                except (EOFError, ConnectionError):
                    self.assertIn("-- Expect: crashed", script.read_text(errors="replace"), "the cell ended")
                    cell.close()
                self.assertEqual(neighbour.call("ping")[2], "pong")
