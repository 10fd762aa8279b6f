-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: goto continue over locals that closures hold, in each kind of loop.
-- Expect: completed
-- Result: {"sum": 102}
local read = {}
for i = 1, 5 do
    local x = i
    read[i] = function() return x end
    if i % 2 == 0 then goto continue end
    x = x * 10
    ::continue::
end
local n = 0
repeat
    n = n + 1
    local kept = n
    read[#read + 1] = function() return kept end
    if n == 2 then goto again end
    ::again::
until n >= 3
local sum = 0
for _, f in ipairs(read) do sum = sum + f() end
return { sum = sum }
