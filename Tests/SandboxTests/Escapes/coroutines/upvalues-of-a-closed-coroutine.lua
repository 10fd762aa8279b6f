-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: keeps closures over the locals of a coroutine that is closed, collected and forgotten (open upvalues into a freed stack).
-- Expect: completed
-- Result: {"sum": 500500}
local read = {}
for i = 1, 1000 do
    local co = coroutine.create(function()
        local value = i
        read[i] = function() return value end
        coroutine.yield()
        value = -1
    end)
    coroutine.resume(co)
    coroutine.close(co)
end
for _ = 1, 200 do local _ = ("x"):rep(1000) .. _ end
local sum = 0
for i = 1, 1000 do sum = sum + read[i]() end
return { sum = sum }
