-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: one gmatch iterator used from several coroutines, inside itself and after its end.
-- Expect: completed
-- Result: {"count": 26}
local step, count = ("abcdefghijklmnopqrstuvwxyz"):gmatch("%a"), 0
for _ = 1, 40 do
    local co = coroutine.wrap(function() return step() end)
    if co() then count = count + 1 end
end
return { count = count }
