-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a tree of short coroutines, none of which lives long enough for its own count hook to fire (each counts from zero).
-- Expect: killed_soft
local function leaf() local x = 0 for i = 1, 50 do x = x + i end end
while true do
    local co = coroutine.create(leaf)
    coroutine.resume(co)
end
