-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: none: an honest loop over strings of half a megabyte, all but one of which are garbage, must not run out of memory.
-- Expect: completed
-- Result: {"rounds": 20}
local rounds = 0
for i = 1, 20 do
    local s = ("x"):rep(300000 + i) .. "y"
    s = s:upper():reverse()
    s = table.concat({ s, "z" }) .. string.pack("s4", s:sub(1, 1000)) .. string.format("%s", s:sub(1, 100000))
    s = s:gsub("X", "w", 1000)
    rounds = rounds + (#s > 300000 and 1 or 0)
end
return { rounds = rounds }
