# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Panelhost Authors
"""A cell whose deadline leaves every late invocation at once, wherever it is: nothing outside of the arena may be torn."""

from cases import CellCase
from wire import FAULT, HOSTCALL, LOG, REPLY, RESULT

# Each works in another part of the cell, until it is stopped.
ENDLESS = {
    "logging": 'while true do ctx.log.info("line", {a = {1, 2, 3}, b = "text"}) end',
    "json": "while true do kept = ctx.json.encode(ctx.json.decode('{\"a\": [1, 2.5, \"x\\\\n\\\\u00e9\"], \"b\": {\"c\": null}}')) end",
    "base64": 'while true do kept = ctx.crypto.base64_decode(ctx.crypto.base64_encode(("x"):rep(5000))) end',
    "host calls": 'while true do ctx.storage.get("k", {1, 2, {a = "b"}}) end',
    "refused host calls": "while true do pcall(ctx.storage.get, {print}) end",
    "coroutines": "while true do coroutine.wrap(function() for i = 1, 300 do kept = {i} end coroutine.yield(1) end)() end",
    "garbage": "while true do kept = {kept and #kept, {}, tostring({})} end",
    "strings": 'while true do kept = ("x"):rep(100000) .. "y" end',
    "patterns": 'while true do kept = (("abc "):rep(500):gsub("%w+", "%0%0")) end',
    "sorting": "local t = {} for i = 1, 2000 do t[i] = -i end while true do table.sort(t) end",
    "secrets": "while true do kept = ctx.http.text({'a', ctx.secret.api_key}) end",
    "errors": "while true do pcall(function() local x = nil return x.y end) end",
    "requests": "while true do kept = pcall(ctx.http.get, 'https://example.org/', {headers = {a = 'b'}}) end",
}
PROGRAM = """
kept = nil
local table = {}
for i = 1, 500 do table[i] = {i, "value " .. i} end
local function nest(ctx, n)
    if n == 0 then return ctx.storage.get("k") end
    return coroutine.wrap(function() return nest(ctx, n - 1) end)()
end
local operations = {check = function(ctx, request)
    assert(kept == nil)
    for i = 1, 500 do assert(table[i][1] == i and table[i][2] == "value " .. i) end
    ctx.log.info("checked")
    return {request, ctx.json.encode(request), nest(ctx, 15)}
end}
""" + "".join(f'operations["{name.replace(" ", "_")}"] = function(ctx) {body} end\n' for name, body in ENDLESS.items()) + "return operations"


class AbruptTests(CellCase):
    def test_what_is_torn_is_never_seen_again(self):
        cell = self.cell(PROGRAM, states=3)
        kinds = {}
        for turn in range(6 * len(ENDLESS)):
            operation = self.random.choice(list(ENDLESS)).replace(" ", "_")
            with self.subTest(f"{turn}: {operation}"):
                id = cell.start(operation, cpu_ms=self.random.randint(1, 4), host_calls=1 << 30, log_bytes=1 << 30)
                while True:
                    answer = cell.receive()
                    self.assertEqual(answer[1], id)
                    if answer[0] == HOSTCALL:
                        cell.send([REPLY, id, True, [1, {"a": "b"}]])
                    elif answer[0] != LOG:
                        break
                self.assertEqual(answer[0], FAULT)
                kinds[answer[2]] = kinds.get(answer[2], 0) + 1
                self.assertResult(cell.call("check", turn), [turn, str(turn), ["k"]])
        self.assertGreater(kinds["cpu_forced"], sum(kinds.values()) / 2, kinds)
