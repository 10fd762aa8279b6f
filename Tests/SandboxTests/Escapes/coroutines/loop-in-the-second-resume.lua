-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a coroutine that yields harmlessly and loops when it is resumed again, after the running one has changed many times.
-- Expect: killed_soft
local co = coroutine.wrap(function()
    for _ = 1, 100 do coroutine.yield() end
    while true do end
end)
for _ = 1, 100 do co() end
coroutine.wrap(function() co() end)()
