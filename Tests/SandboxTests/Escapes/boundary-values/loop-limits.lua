-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: for loops whose counter would pass the end of the integers, or whose step is the smallest one.
-- Expect: completed
-- Result: {"count": 9, "refused": 1}
local count = 0
for _ = math.maxinteger - 2, math.maxinteger do count = count + 1 end
for _ = math.mininteger + 2, math.mininteger, -1 do count = count + 1 end
for _ = math.mininteger, math.maxinteger, math.maxinteger do count = count + 1 end
for _ = 1, 0, math.mininteger do count = count + 0 end
for _ = 1, -math.huge do count = count + 100 end
for _ = math.maxinteger, math.huge, math.maxinteger do count = count - 1 end
for _ = 3, 3.9, 2 do count = count + 1 end
return { count = count, refused = pcall(function() for _ = 1, 2, 0 do end end) and 0 or 1 }
