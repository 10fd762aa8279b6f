-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: wrap functions that call one another through metamethods, sort and gsub, so that lua_resume nests without being counted (CVE-2021-43519).
-- Expect: completed
local depth = 0
local function deeper()
    depth = depth + 1
    local t = setmetatable({}, { __index = function() return coroutine.wrap(deeper)() end })
    return (("x"):gsub(".", function() table.sort({ 1, 2 }, function() return t.x end) return t.y end))
end
local ok = pcall(deeper)
return { ok = ok, stopped = depth < 1000 }
