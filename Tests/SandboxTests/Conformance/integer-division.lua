-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local values = { 7, -7, 0, 1, -1, math.maxinteger, math.mininteger, 3.5, -3.5, 0.0 } local divisors = { 2, -2, 1, -1, 3, 0.5, -0.5, math.maxinteger, math.mininteger, 1e300 }
for _, a in ipairs(values) do for _, b in ipairs(divisors) do print(a, b, a // b, a % b) end end for _, a in ipairs { 1, -1, 0 } do print(a / 0, a // 0.0, pcall(function() return a // 0 end)) print(pcall(function() return a % 0 end)) end
