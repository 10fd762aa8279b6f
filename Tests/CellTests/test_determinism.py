# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Panelhost Authors
import os
import time

import wire
from cases import CellCase, operation
from wire import FAULT, HOSTCALL, LOG, REPLY, RESULT

ORDER = """
    local t = {}
    for i = 1, 40 do t["key" .. i] = i t[i * 1.5] = i t[{}] = i t[function() return i end] = i t[coroutine.create(print)] = i end
    for _, library in pairs({_G, string, table, math, coroutine, utf8}) do
        for name, member in pairs(library) do t[member] = name end
    end
    local seen = {}
    for _, v in pairs(t) do seen[#seen + 1] = tostring(v) end
    return table.concat(seen, " ")
"""
BODIES = {
    "nothing": "",
    "a loop": "local n = 0 for i = 1, 1000 do n = n + i end return n",
    "an endless loop": "while true do end",
    "an endless loop that catches": "while true do pcall(function() while true do end end) end",
    "a loop in a coroutine": "coroutine.wrap(function() while true do end end)()",
    "a coroutine made at load": "return early()",
    "short coroutines": "for i = 1, 1e9 do coroutine.wrap(function() local x = i end)() end",
    "a tree of coroutines": "local function f(n) if n > 0 then coroutine.wrap(f)(n - 1) coroutine.wrap(f)(n - 1) end end f(9)",
    "a generator": "local n = 0 for x in coroutine.wrap(function() for i = 1, 300 do coroutine.yield(i) end end) do n = n + x end return n",
    "the order of keys": ORDER,
    "the order of keys of the request": "local s = {} for k in pairs(request) do s[#s + 1] = k end return s",
    "names of values": "return {tostring({}), tostring(print), tostring(coroutine.create(print)), string.format('%s', {})}",
    "random numbers": "local t = {} for i = 1, 20 do t[i] = math.random(1000) end return t",
    "the clock": "local a = ctx.clock.now_ms() for i = 1, 2000 do local s = ('x'):rep(1000) end return ctx.clock.now_ms() - a",
    "an error": "local x = nil return x.y",
    "an error object": "error({message = 'm'})",
    "a traceback": "local function f() error('deep') end local function g() f() end g()",
    "logs": "for i = 1, 20 do ctx.log.info('line ' .. i, {i = i}) end print({}, print)",
    "a log limit": "for i = 1, 1000 do ctx.log.info(('x'):rep(100)) end",
    "garbage": "local n = 0 for i = 1, 3000 do local t = {i, {i}, tostring(i)} n = n + #t end return n",
    "all memory": "local t = {} for i = 1, 1e9 do t[i] = {i} end",
    "all memory, caught": "local t = {} while true do pcall(function() for i = 1, 1e9 do t[#t + 1] = ('x'):rep(i % 999) end end) end",
    "recursion": "local function f(n) return 1 + f(n + 1) end return f(1)",
    "host calls": "local t = {} for i = 1, 5 do t[i] = ctx.storage.get('k' .. i)[1] end return t",
    "host calls in coroutines": "local f = coroutine.wrap(function() for i = 1, 5 do coroutine.yield(ctx.storage.get(i)) end end) return {f(), f(), f()}",
    "host calls in a comparator": "local t = {5, 3, 4, 1} table.sort(t, function(a, b) ctx.storage.get(a) return a < b end) return t",
    "too many host calls": "while true do pcall(ctx.storage.get, 'x') end",
    "a value that cannot be sent": "return {a = {b = print}}",
    "sorting": "local t = {} for i = 1, 500 do t[i] = math.random(100) end table.sort(t) return t",
    "patterns": "local n = 0 for w in ('the quick brown fox '):rep(50):gmatch('%a+') do n = n + #w end return {n, (('abc'):rep(99):gsub('b', '%0%0'))}",
    "a long pattern": "return ('a'):rep(300000):find(('.-'):rep(30) .. 'b')",
    "JSON": "return ctx.json.decode(ctx.json.encode({a = {1, 2, {b = 'c'}}, request = request}))",
    "base64": "return ctx.crypto.base64_encode(('x'):rep(1000))",
    "require": "return {require('late').value, require('late').value}",
    "metatables": "local m = {} m.__index = function(t, k) return k .. k end m.__add = function(a, b) return 7 end local t = setmetatable({}, m) return {t.x, t + t}",
    "closing": "local c = coroutine.create(function() coroutine.yield() end) coroutine.resume(c) return {coroutine.close(c), coroutine.status(c)}",
    "varargs": "local function f(...) return select('#', ...) end return f(table.unpack({1, 2, 3}, 1, 200))",
    "goto": "local i = 0 ::again:: i = i + 1 if i < 5000 then goto again end return i",
}
REQUEST = {f"field{n}": n for n in range(30)}
BEFORE = "early = coroutine.wrap(function() while true do coroutine.yield(1) end end)"


class DeterminismTests(CellCase):
    def transcript(self, body, instructions, state=0):
        """All that a new zygote's cell says about one call, without CPU time; the call takes the given state of the pool."""
        zygote = wire.Zygote(os.environ["CELL"])
        cell = zygote.spawn()
        program = operation(body, BEFORE).replace("return {ping", "return {wait = function(ctx) ctx.storage.get(1) end, ping")
        cell.load(program, files={"late.lua": "return {value = tostring({})}"})
        for other in range(state):
            cell.start("wait", id=100 + other)
            self.assertEqual(cell.receive()[0], HOSTCALL)
        id = cell.start("op", REQUEST, cpu_ms=20_000, host_calls=20, log_bytes=4000, instructions=instructions, id=1)
        said = []
        while not said or said[-1][0] not in (RESULT, FAULT):
            said.append(cell.receive())
            if said[-1][0] == HOSTCALL:
                cell.send([REPLY, id, True, said[-1][3]])
        self.assertGreater(said[-1][-1].pop("cpu_us"), -1)
        cell.close()
        zygote.close()
        return said

    def test_the_same_frames_are_answered_by_the_same_frames(self):
        for name, body in BODIES.items():
            with self.subTest(name):
                instructions = 3_000_000 if "memory" in name or name == "recursion" else 20_000
                first = self.transcript(body, instructions)
                self.assertEqual(self.transcript(body, instructions, state=self.random.randint(0, 3)), first)

    def test_a_call_ends_at_the_instruction_at_which_its_budget_ends(self):
        # One log line for each turn: how far the call came can be seen.
        body = "for i = 1, 1e9 do coroutine.wrap(function() ctx.log.info(i) end)() end"
        turns = [len(self.transcript(body, budget)) for budget in (1000, 1000, 2000)]
        self.assertEqual(turns[0], turns[1])
        self.assertGreater(turns[2], turns[0])

    def test_the_budget_that_was_used_is_enough_and_one_less_is_not(self):
        body = "local n = 0 for i = 1, 100 do n = n + coroutine.wrap(function() return i end)() end return n"
        used = self.transcript(body, 1_000_000)[-1][-1]["instructions"]
        exact = self.transcript(body, used)[-1]
        self.assertEqual((exact[0], exact[-1]["instructions"]), (RESULT, used))
        self.assertFault(self.transcript(body, used - 1)[-1], "cpu", f"the operation executed more than its {used - 1} instructions")

    def test_short_coroutines_do_not_escape_the_count(self):
        answer = self.run_body("for i = 1, 1e9 do coroutine.wrap(function() end)() end", instructions=10_000, cpu_ms=20_000)
        self.assertFault(answer, "cpu", "instructions")
        # What a C function is charged for may come all at once.
        self.assertIn(answer[5]["instructions"], range(10_001, 10_100))

    def test_the_timer_stays_as_the_backstop(self):
        answer = self.run_body("while true do end", instructions=1 << 60, cpu_ms=20)
        self.assertFault(answer, "cpu", "CPU time")

    def test_instructions_are_not_counted_without_a_budget_for_them(self):
        self.assertEqual(self.run_body("for i = 1, 100 do end")[3]["instructions"], 0)
