-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: comparators that always say "less" made older sorts read before and behind the array.
-- Expect: completed
-- Result: {"nils": 0}
local nils = 0
for n = 2, 300 do
    local t = {}
    for i = 1, n do t[i] = i % 7 end
    pcall(table.sort, t, function(a, b)
        if a == nil or b == nil then nils = nils + 1 end
        return true
    end)
end
return { nils = nils }
