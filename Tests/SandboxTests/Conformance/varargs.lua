-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local function f(...) return select("#", ...), ... end
print(f()) print(f(nil)) print(f(nil, nil)) print((f(1, 2, 3)))
local function g(...) local a, b, c = ... return c, b, a end
print(g(1, 2)) print(g(1, 2, 3, 4))
local function pack(...) local t = table.pack(...) return t.n, #t end
print(pack(1, nil, 3, nil))
print(select(-1, "a", "b", "c")) print(select(2, "a", "b", "c")) print(select(4, "a", "b", "c"))
print(pcall(select, 0)) print(pcall(select, -4, 1, 2, 3)) print(pcall(select, "x"))
local function sum(...) local s = 0 for i = 1, select("#", ...) do s = s + (select(i, ...)) end return s end
print(sum(1, 2, 3, 4.5))
print((function(...) return ... end)(1, 2, 3), "last")
local t = { f(1, 2), f(1, 2) }
print(#t, t[1], t[2], t[4])
print(table.unpack({ 1, 2, 3 }, 2)) print(table.unpack({ 1, 2, 3 }, 2, 5)) print(table.unpack({}, 1, 0))
local function tail(n, ...) if n == 0 then return ... end return tail(n - 1, n, ...) end
print(tail(8))
