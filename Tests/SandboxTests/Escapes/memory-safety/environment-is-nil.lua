-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: names in a scope whose _ENV is nil, false, a string and a constant inside closures (CVE-2022-28805).
-- Expect: completed
-- Result: {"caught": 4}
local pcall, caught = pcall, 0
local cases = {
    function() local _ENV <const> = nil return x end,
    function() local _ENV <const> = "s" return (function() return x.y end)() end,
    function() local a, b, c, d, _ENV <const> = 1, 2, 3, 4, 5 x = y end,
    function() local _ENV = {} print() end,
}
for i = 1, 4 do if not pcall(cases[i]) then caught = caught + 1 end end
return { caught = caught }
