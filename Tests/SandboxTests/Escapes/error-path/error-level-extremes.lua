-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: levels that walk off the stack: error("x", 2^62), negative ones, and ones that overflow an int.
-- Expect: completed
-- Result: {"caught": 6}
local caught = 0
for _, level in ipairs { 1 << 62, -1, math.mininteger, 1 << 31, (1 << 32) + 1, 200 } do
    if not pcall(error, "x", level) then caught = caught + 1 end
end
return { caught = caught }
