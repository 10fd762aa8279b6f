-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the comparator empties, shrinks and replaces the table that is sorted, and makes garbage.
-- Expect: completed
-- Result: {"survived": true}
for n = 10, 200, 10 do
    local t = {}
    for i = 1, n do t[i] = { i } end
    pcall(table.sort, t, function(a, b)
        for i = 1, n do t[i] = nil end
        t.x = ("y"):rep(100)
        setmetatable(t, { __index = function() return 1 end })
        return a and b and a[1] > b[1]
    end)
end
return { survived = true }
