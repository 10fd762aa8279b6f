-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: tables that are their own metatables, in rings, that gain events while they are used.
-- Expect: completed
-- Result: {"done": true}
local a, b = {}, {}
setmetatable(a, a)
setmetatable(b, a)
setmetatable(a, b)
for _, event in ipairs { "__index", "__newindex", "__call", "__eq", "__len", "__tostring", "__name", "__pairs", "__metatable", "__unm" } do
    pcall(rawset, a, event, b)
    pcall(function() b[event] = a end)
    pcall(setmetatable, a, b)
    pcall(setmetatable, b, a)
    pcall(function() return a.x, b.x, #a, -b, tostring(a), a == b, a() end)
    pcall(function() a.y = 1 b.y = 2 end)
end
return { done = true }
