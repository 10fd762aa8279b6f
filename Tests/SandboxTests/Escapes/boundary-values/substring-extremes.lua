-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: string.sub, byte and rep with positions at both ends of the integers.
-- Expect: completed
-- Result: {"bytes": 344}
local bytes = 0
local ends = { math.mininteger, math.mininteger + 1, -6, -5, -1, 0, 1, 5, 6, math.maxinteger - 1, math.maxinteger }
for _, from in ipairs(ends) do
    for _, to in ipairs(ends) do
        bytes = bytes + #("hello"):sub(from, to) + select("#", ("hello"):byte(from, to))
    end
end
return { bytes = bytes }
