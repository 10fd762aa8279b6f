-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: __pairs that returns nothing, no functions, or iterators that raise and yield.
-- Expect: completed
local caught = 0
for _, event in ipairs {
    function() end, function() return 1 end, function() return error end, function() return coroutine.yield end, 5, {},
} do
    if not pcall(function() for _ in pairs(setmetatable({}, { __pairs = event })) do end end) then caught = caught + 1 end
end
return { caught = caught }
