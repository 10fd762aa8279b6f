-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local a <const>, b <const> = 1, "two" local c <const> = { n = 0 } c.n = c.n + 1 print(a, b, c.n)
local function f() local k <const> = 10 return function() return k + 1 end end print(f()()) for i = 1, 2 do local sq <const> = i * i print(sq) end
local nothing <close> = nil local off <close> = false print(nothing, off) do local inner <close> = nil print("inside", inner) end
local function g() local x <close> = nil return "closed quietly" end print(g()) local pi <const>, e <const> = 3.14, 2.71 print(pi + e, -pi, pi .. "", #b, not a, a == 1, a < 2)
print(pcall(function() local x <close> = 5 end)) print(pcall(function() local x <close> = "text" end)) print(pcall(function() local x <close> = {} end)) print(pcall(function() local named <close> = print end))
local folded <const> = 2 ^ 10 print(folded, folded // 3, 1 << 4 | 3) local t <const> = setmetatable({}, { __index = function(_, k) return k end }) print(t.key) print(pcall(function() for k in next, {}, nil, 5 do end end)) for k, v in next, { 1 }, nil, nil do print(k, v) end
