-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local function show(t) print(table.concat(t, " ")) end
local t = { 5, 2, 8, 1, 9, 3 } table.sort(t) show(t)
table.sort(t, function(a, b) return a > b end) show(t)
t = { "banana", "apple", "Cherry", "date", "" } table.sort(t) show(t)
table.sort(t, function(a, b) return a:lower() < b:lower() end) show(t)
t = { 3.5, 2, 2.5, -1, 1e10 } table.sort(t) show(t)
t = {} for i = 1, 500 do t[i] = (i * 7919) % 503 end table.sort(t)
local sorted = true for i = 2, #t do sorted = sorted and t[i - 1] <= t[i] end print(sorted, t[1], t[500])
t = { { n = 3 }, { n = 1 }, { n = 2 } } table.sort(t, function(a, b) return a.n < b.n end) print(t[1].n, t[2].n, t[3].n)
print(pcall(table.sort, { 1, "x" })) print(pcall(table.sort, { {}, {} })) print(pcall(table.sort, { 1, 2, 3 }, 5)) print(pcall(table.sort, { 3, 2, 1 }, function() error("in comparator", 0) end))
print(pcall(table.sort, { 3, 2, 1 }, function(a, b) return a.x < b end))
local mt = { __lt = function(a, b) return a.v < b.v end }
t = {} for i, v in ipairs { 4, 2, 3, 1 } do t[i] = setmetatable({ v = v }, mt) end
table.sort(t) print(t[1].v, t[2].v, t[3].v, t[4].v)
table.sort({}) table.sort({ 1 }) t = { 2, 1 } table.sort(t) show(t)
t = { 1, 1, 1, 1 } table.sort(t) show(t)
t = { 9, 8, 7, [5] = "beyond" } table.sort(t, function(a, b) return tostring(a) < tostring(b) end) print(t[1], t[2], t[3])
local calls = 0 t = { 3, 1, 2 } table.sort(t, function(a, b) calls = calls + 1 return a < b end) print(calls > 0)
