-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local function try(f, ...) local ok, e = pcall(f, ...) print(e) end
try(function()
    local t = {}
    t.x.y = 1
end)
try(function()
    local a = 1
        +
        nil
end)
try(function() error("one line") end) try(function()

    error("third line of the function")
end)
try(function()
    local s = "text"
    return s ..
        {}
end)
try(function()
    undefined
        .field
        .more = 1
end)
local function callee() error("in callee", 2) end
try(function()
    callee()
end)
try(function()
    string.rep(
        "x",
        {}
    )
end)
try(function()
    return math.floor(
        {})
end) local function recurse(n) if n == 0 then
    error("bottom")
end recurse(n - 1) return 1 end try(recurse, 3)
try(function() local t = setmetatable({}, { __index = function(_, k)
    error("metamethod " .. k)
end }) local _ = t.key end)
try(function() for i = 1, 3 do if i == 2 then
    error("iteration " .. i) end end end)
try(coroutine.wrap(function()
    error("in coroutine")
end))
try(function() ("x"):gsub(".", function()
    error("in gsub") end) end)
try(function() table.sort({ 2, 1 }, function()
    error("in sort") end) end)
try(function() local n <const> = nil; n() end) try(function() local up = nil; (function() up.x = 1 end)() end) try(function() return #undefined_name end) try(function() return a.b.c end) try(function() return ("x").y.z end) try(function() return (nil)[1] end) try(function() local t = { f = {} } t.f.g() end) try(function() local t = {} t[1][2] = 3 end) try(function() return 1 < {} end) try(function() return nil > 1 end) try(function() return {} <= {} end) try(function() return -{} end) try(function() return 2 ^ {} end) try(function() local x = "a" + 1 end) try(function() return 1 & 1.5 end) try(function() return 10 // 0 end)
