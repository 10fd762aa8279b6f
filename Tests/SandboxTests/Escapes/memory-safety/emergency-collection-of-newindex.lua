-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the same without the weak table: __newindex tables replaced while assignments through them run at the memory limit.
-- Expect: killed_soft
-- Message: not enough memory
local keep = {}
for i = 1, math.huge do
    local target = {}
    local t = setmetatable({}, { __newindex = target })
    pcall(function() for k = 1, 100 do t[{}] = k end end)
    keep[i % 5000] = t
    if i % 7 == 0 then setmetatable(t, nil) end
    keep[i] = target
end
