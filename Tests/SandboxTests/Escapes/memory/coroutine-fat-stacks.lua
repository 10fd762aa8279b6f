-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: coroutines that are suspended with 8,000 values on their stacks.
-- Expect: killed_soft
-- Message: not enough memory
local values, t = {}, {}
for i = 1, 7900 do values[i] = i end
local function fat(...) coroutine.yield() return ... end
while true do
    local co = coroutine.create(fat)
    coroutine.resume(co, table.unpack(values))
    t[#t + 1] = co
end
