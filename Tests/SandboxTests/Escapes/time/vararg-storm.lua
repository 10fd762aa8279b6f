-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: select over long argument lists, quadratic in the number of arguments inside C.
-- Expect: killed_soft
local function count(...)
    for i = 1, select("#", ...) do select(i, ...) end
    return ...
end
local t = {}
for i = 1, 8000 do t[i] = i end
while true do count(table.unpack(t)) end
