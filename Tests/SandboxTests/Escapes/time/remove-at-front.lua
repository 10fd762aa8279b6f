-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: quadratic time inside C: table.remove at the front of the longest table that memory allows, again and again.
-- Expect: killed_soft
local t = {}
for i = 1, 60000 do t[i] = i end
while true do t[#t + 1] = table.remove(t, 1) end
