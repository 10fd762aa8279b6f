-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: waits for the deadline's error in a handler and works on from there, 17 handlers deep.
-- Expect: killed_soft
local function work() while true do end end
local function nest(depth)
    if depth == 0 then return work() end
    xpcall(nest, function() work() end, depth - 1)
    work()
end
nest(17)
