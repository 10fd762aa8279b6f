# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Panelhost Authors
import wire
from cases import CellCase, operation


class LoadTests(CellCase):
    def assertLoadFails(self, kind, file, line, text, source, **load):
        self.cell(source, loads=False, **load)
        # A slow machine leaves the compiler by force.
        found = self.loaded[2].removesuffix("_forced")
        self.assertEqual([found, *self.loaded[3:5]], [kind, file, line], self.loaded)
        self.assertIn(text, self.loaded[5])

    def test_a_mistake_in_a_file_that_only_an_operation_requires_is_found_at_load(self):
        self.assertLoadFails("error", "lib/x.lua", 2, "syntax error", operation('require "lib.x"'), files={"lib/x.lua": "\nx x"})

    def test_bytecode_is_refused_in_every_file(self):
        self.assertLoadFails("error", "main.lua", 1, "bytecode", "\x1bLuaT")
        self.assertLoadFails("error", "x.lua", 1, "bytecode", "return {}", files={"x.lua": "\x1bLuaT"})

    def test_a_file_of_more_than_128_KiB_is_refused(self):
        self.assertLoadFails("error", "x.lua", 1, "larger than 128 KiB", "return {}", files={"x.lua": " " * (128 * 1024 + 1)})

    def test_limits_of_loading_name_their_kind_and_place(self):
        self.assertLoadFails("cpu", "main.lua", 2, "CPU time", "\nwhile true do end", cpu_us=50_000)
        self.assertLoadFails("memory", "main.lua", 2, "memory", '\nlocal t = {} while true do t[#t + 1] = ("x"):rep(999) end')
        chain = "return " + "x and " * 20_000 + "x"
        self.assertLoadFails("cpu", "", 0, "CPU time", "return {}", files={"x.lua": chain}, cpu_us=10_000)

    def test_the_entry_file_must_return_operations(self):
        for source, text in (
            ("return 5", "must return a table"), ("return {a = 5}", "'a' must be a function"), ("return {[1] = print}", "names as keys"),
            ("return {['a b'] = print}", "1 to 63 letters"), ("local t = {} for i = 1, 65 do t['o' .. i] = print end return t", "more than 64"),
        ):
            with self.subTest(source):
                self.assertLoadFails("error", "", 0, text, source)

    def test_a_module_loaded_with_the_program_stays_and_one_required_later_is_loaded_anew(self):
        counted = "loads = (loads or 0) + 1 return {count = loads}"
        cell = self.cell(
            'local early = require "early" '
            'return {op = function() early.seen = (early.seen or 0) + 1 return {early.seen, require("late").count, require("late").count} end}',
            files={"early.lua": "return {}", "late.lua": counted},
        )
        for _ in range(3):
            self.assertResult(cell.call("op"), [1, 1, 1])

    def test_a_module_may_call_the_host_while_an_operation_requires_it(self):
        cell = self.cell(operation('return require("x")'), files={"x.lua": 'return {storage = "y"}'})
        self.assertResult(cell.call("op"), {"storage": "y"})

    def test_a_module_that_fails_or_requires_itself_is_an_error_every_time(self):
        cell = self.cell(operation('pcall(require, "a") local _, message = pcall(require, "a") return message'), files={"a.lua": "error('no')"})
        self.assertIn("failed before", cell.call("op")[2])
        cell = self.cell(operation('return require("a")'), files={"a.lua": 'return require("a")'})
        self.assertFault(cell.call("op"), "error", "requires itself")
        cell = self.cell(operation('return require("main")'))
        self.assertFault(cell.call("op"), "error", "requires itself")

    def test_every_state_of_a_cell_loads_the_same(self):
        cell = self.cell(operation('ctx.storage.get("x") return require("x")'), states=8, files={"x.lua": "return {1, 2}"})
        ids = [cell.start("op") for _ in range(8)]
        for _ in ids:
            self.assertEqual(cell.receive()[0], wire.HOSTCALL)
        cell.send(*[[wire.REPLY, id, True, None] for id in ids])
        for _ in ids:
            self.assertResult(cell.receive(), [1, 2])
