-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the same with an absent first part, so that the length is searched in the hash part by doubling.
-- Expect: completed
local t = {}
for i = 62, 0, -1 do t[1 << i] = i end
t[3] = 1
for i = 4, 70 do t[i] = i end
pcall(table.insert, t, 1, 1)
pcall(table.remove, t, 1)
pcall(table.sort, t, function() return false end)
return { length = #t > 0 }
