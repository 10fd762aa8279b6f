-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the comparator appends to the table that is sorted, so that a sort which reads the length again never ends.
-- Expect: completed
-- Result: {"ended": true}
local t = {}
for i = 1, 500 do t[i] = 500 - i end
table.sort(t, function(a, b)
    if #t < 20000 then t[#t + 1] = a + b end
    return a < b
end)
return { ended = true }
