-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local t = { 1, 2, 3, x = "y", [10] = 10, [1.0] = "overwritten?", ["with space"] = true }
print(t[1], t[2], t.x, t[10], t["with space"], #t >= 3, t.missing)
t[#t + 1] = 4 print(t[4])
t[2 ^ 53] = "big" print(t[2 ^ 53], t[1 << 53])
t[1.5] = "float" print(t[1.5], t[3 / 2])
print(pcall(function() t[nil] = 1 end)) print(pcall(function() t[0 / 0] = 1 end)) print(t[nil], t[0 / 0])
print(rawlen({ 1, 2 }), rawlen("abc"), rawequal(t, t), rawequal("a", "a"), rawget(t, 1), rawset(t, "k", "v") == t, t.k)
print(pcall(rawlen, 5)) print(pcall(rawset, 1, 2, 3)) print(pcall(rawget, 1)) print(pcall(rawequal, 1))
local nested = { a = { b = { c = "deep" } } }
print(nested.a.b.c, pcall(function() return nested.x.y end)) print(pcall(function() nested.x.y = 1 end)) print(pcall(function() return nested.a.b.c.d.e end))
local m = {} for i = 1, 100 do m[i] = i end for i = 1, 99 do m[i] = nil end
local count = 0 for _ in pairs(m) do count = count + 1 end print(count)
local s = { [1] = "a", [2] = "b", [3] = "c" } print(#s)
local f = { f = function(self, n) return n + 1 end } print(f:f(1), f.f(f, 2), f["f"](nil, 3))
print(#{ n = 1 }, #{ 1, 2, nil }, #"", #{ table.unpack({ 1, 2, 3 }) })
local a, b = {}, {} a[b] = "table key" a[a] = "self" print(a[b], a[a], a[{}])
local order = {} for k, v in pairs({ 5, 6, 7 }) do order[#order + 1] = k .. "=" .. v end print(table.concat(order, ","))
print(next({}), next({ 1 }), type(next), select("#", next({})))
local multi = { (function() return 1, 2 end)(), (function() return 1, 2 end)() } print(#multi)
local q = { { 1 }, { 2 } } q[1], q[2] = q[2], q[1] print(q[1][1], q[2][1])
local i = 1 i, t[i] = i + 1, "assigned" print(i, t[1], t[2])
