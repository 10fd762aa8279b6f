-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: an index that holds a comparison: the register of the table may be taken.
-- Expect: completed
-- Result: {"r": 21, "s": 7}
local t = { [true] = 1, [false] = 2 }
local a, b = 1, 2
local r = t[a < b] + t[a > b] * 10
t[a == b] = 7
return { r = r, s = t[false] }
