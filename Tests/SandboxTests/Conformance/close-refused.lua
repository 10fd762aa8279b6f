-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Differs: Lua closes such variables; here __close is not available, so that nothing runs while an error unwinds.
print(pcall(setmetatable, {}, { __close = function() end }))
print(pcall(function()
    local handle <close> = setmetatable({}, { __close = function() print("closed") end })
    print("unreachable")
end))
local late = {}
local t = setmetatable({}, late)
print(pcall(function() late.__close = print end))
print(pcall(rawset, late, "__close", print))
print(pcall(function() local x <close> = t end))
print(pcall(function() for k in next, {}, nil, t do end end))
