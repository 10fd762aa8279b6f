-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: __len that returns strings, tables, NaN and huge numbers to C code that wants an integer.
-- Expect: completed
local caught = 0
for _, length in ipairs { "x", {}, 0 / 0, math.huge, math.mininteger, 1 << 62, -1, "10" } do
    local t = setmetatable({}, { __len = function() return length end })
    for _, f in ipairs { table.unpack, table.concat, table.insert, table.sort, table.remove, ipairs } do
        if not pcall(f, t, 1) then caught = caught + 1 end
    end
end
return { caught = caught }
