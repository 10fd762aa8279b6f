-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: passes as many values as fit from one coroutine's stack to another's, and back, where one of the two has no room.
-- Expect: completed
local values = {}
for i = 1, 7990 do values[i] = i end
local function pass(...) return coroutine.yield(...) end
local total = 0
for _ = 1, 20 do
    local co = coroutine.create(function(...) pass(...) return ... end)
    total = total + select("#", coroutine.resume(co, table.unpack(values)))
    total = total + select("#", coroutine.resume(co, table.unpack(values)))
end
return { total = total }
