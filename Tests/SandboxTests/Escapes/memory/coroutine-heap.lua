-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: hundreds of thousands of suspended coroutines, each with a stack.
-- Expect: killed_soft
-- Message: not enough memory
local t = {}
while true do
    local co = coroutine.create(function() coroutine.yield() end)
    coroutine.resume(co)
    t[#t + 1] = co
end
