-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local a, b, c = 1, 2 print(a, b, c) a, b, c = c, a, b print(a, b, c)
local t = { 1, 2, 3 } t[1], t[2], t[3] = t[3], t[1], t[2] print(table.concat(t, " "))
local function three() return 1, 2, 3 end local x, y, z, w = three() print(x, y, z, w) x, y = three(), 10 print(x, y) local p, q, r = 0, three() print(p, q, r) local only = (three()) print(only)
local i, j = 1, 2 i, j = j, i print(i, j) local u = {} u.a, u.b, u.c = three() print(u.a, u.b, u.c) local function none() end local m, n = none() print(m, n, (none())) print(none(), 1) print((three()), three())
local v = { three(), three() } print(#v) v = { three(), (three()) } print(#v) v = { [1] = "x", three() } print(v[1]) local s = select("#", three(), three()) print(s) do local a <const>, b = three() print(a, b) end
