-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: thousands of caught runtime errors whose messages name variables, fields, constants and upvalues.
-- Expect: completed
local up, t = nil, {}
local cases = {
    function() return up.x end, function() return t.a.b.c end, function() return t:m() end, function() return #up end,
    function() return up .. "x" end, function() return up + 1 end, function() return {} < {} end, function() return 1 < "x" end,
    function() return 1.5 | 1 end, function() return "abc" | 1 end, function() return up() end, function() return t[nil].x end,
    function() t[nil] = 1 end, function() t[0 / 0] = 1 end, function() return ("x")() end, function() return nosuch.thing end,
    function() for _ = 1, "x" do end end, function() for _ = 1, 10, 0 do end end, function() return 1 // 0 end,
    function() for _ in 5 do end end, function() return -{} end, function() return ~1.5 end, function() local a <close> = 5 end,
}
local caught = 0
for _ = 1, 100 do
    for _, case in ipairs(cases) do
        if not pcall(case) then caught = caught + 1 end
    end
end
return { caught = caught }
