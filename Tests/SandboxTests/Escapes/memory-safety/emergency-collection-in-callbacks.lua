-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: brings memory to its limit, then runs sort, gsub, coroutines and closures so that each allocation collects first.
-- Expect: completed | killed_soft
local keep = {}
for i = 1, 24000 do keep[i] = { i } end
for round = 1, 50 do
    local t = {}
    for i = 1, 500 do t[i] = { (i * 7919) % 503 } end
    table.sort(t, function(a, b) return #{ a[1] } == 1 and a[1] < b[1] end)
    local _ = ("abcdefgh"):rep(50):gsub(".", function(c) local box = { c } return box[1] .. round end)
    local co = coroutine.wrap(function() for i = 1, 20 do coroutine.yield({ i }) end end)
    for _ = 1, 20 do co() end
    for i = 1, 100 do keep[(i * round) % 24000 + 1] = nil end
end
return { done = true }
