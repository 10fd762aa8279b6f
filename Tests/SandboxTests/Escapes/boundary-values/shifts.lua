-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: shifts by more than 63, by negative counts and by the smallest integer (undefined in C).
-- Expect: completed
-- Result: {"sum": 0}
local sum = 0
for _, n in ipairs { 64, 65, 1 << 32, math.maxinteger, math.mininteger, -64 } do
    sum = sum + (1 << n) + (1 >> n)
end
return { sum = sum }
