-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: finds, changes and confuses what the sandbox puts on a plugin's own metatable to see new events in it.
-- Expect: completed
-- Result: {"visible": "nil", "leaked": 0, "own": "caught", "index": 5}
local leaked, meta = 0, {}
local t = setmetatable({}, meta)
local visible = type(getmetatable(meta))
meta.__index = function(_, k) return k end
local index = t[5]
for k in pairs(meta) do if type(k) ~= "string" then leaked = leaked + 1 end end
local k = next(meta)
while k do
    if type(k) == "userdata" then leaked = leaked + 1 end
    k = next(meta, k)
end
local own
setmetatable(meta, { __newindex = function() own = "caught" end })
meta.__call = print
meta.__gc = print
return { visible = visible, leaked = leaked, own = own, index = index }
