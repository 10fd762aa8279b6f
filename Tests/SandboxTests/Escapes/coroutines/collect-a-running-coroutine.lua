-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: drops the last reference to coroutines that are suspended in pcall, in metamethods and in iterators while garbage is made.
-- Expect: completed | killed_soft
for i = 1, 3000 do
    local co = coroutine.wrap(function()
        local t = setmetatable({}, { __index = function() coroutine.yield() end })
        pcall(function() return t.x end)
    end)
    co()
    co = nil
    local _ = { i, ("x"):rep(100) .. i }
end
return { done = true }
