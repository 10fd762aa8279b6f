-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: comparators that contradict themselves; the stock sort runs past the table or never ends ("invalid order function for sorting").
-- Expect: completed
-- Result: {"sums": [500500, 500500, 500500]}
local sums = {}
for n, compare in ipairs { function() return true end, function() return false end, function(a, b) return (a ~ b) % 3 == 1 end } do
    local t = {}
    for i = 1, 1000 do t[i] = (i * 7919) % 1001 end
    local sum = 0
    table.sort(t, compare)
    for i = 1, 1000 do sum = sum + t[i] end
    sums[n] = sum
end
return { sums = sums }
