-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a table whose border (#t) lies at 2^62, because all powers of two are set: loops over its length never end.
-- Expect: completed
local t = {}
for i = 0, 62 do t[1 << i] = i end
local results = {}
for i, f in ipairs { table.sort, table.concat, table.unpack, table.remove, table.insert } do results[i] = pcall(f, t, 1) end
pcall(table.insert, t, 1, 1)
return { length = #t > 0 }
