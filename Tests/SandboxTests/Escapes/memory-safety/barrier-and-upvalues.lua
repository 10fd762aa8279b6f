-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: old closures and threads that are given young objects by every path: upvalue, table, metatable, coroutine (CVE-2020-24371, GC barrier).
-- Expect: completed
-- Result: {"sum": 100}
local held = {}
local function keep() local up return function(v) if v then up = v end return up end end
for i = 1, 100 do held[i] = keep() end
local co = coroutine.create(function(v) local mine = {} while true do mine[1], mine.x = v, { v } v = coroutine.yield(mine) end end)
for round = 1, 200 do
    for i = 1, 100 do held[i]({ { round } }) end
    local _, mine = coroutine.resume(co, { round })
    setmetatable(mine, { __index = { mine } })
    for _ = 1, 50 do local _ = ("x"):rep(50) .. round end
end
local sum = 0
for i = 1, 100 do sum = sum + (held[i]()[1][1] == 200 and 1 or 0) end
return { sum = sum }
