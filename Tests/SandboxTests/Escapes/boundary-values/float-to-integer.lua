-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: floats at and beyond the ends of the integers where integers are wanted: indices, counts, formats.
-- Expect: completed
-- Result: {"wrong": 0}
local wrong = 0
for _, x in ipairs { 2.0 ^ 63, -2.0 ^ 63 - 1025, 1e308, 0.5, math.huge, 0 / 0 } do
    for _, f in ipairs {
        function() return ("x"):rep(x) end, function() return string.format("%d", x) end, function() return ("x"):byte(x) end,
        function() return x | 0 end, function() return table.unpack({}, x) end, function() return select(x, 1) end, function() return utf8.char(x) end,
        function() return math.random(x) end, function() return table.concat({}, "", x) end,
    } do
        if pcall(f) then wrong = wrong + 1 end
    end
end
return { wrong = wrong }
