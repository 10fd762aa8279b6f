-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local function lines(f, ...) print(pcall(f, ...)) end
lines(function() error("message") end) lines(function() error("message", 0) end) lines(function() error("message", 1) end)
local function thrower() error("blame the caller", 2) end
lines(function() thrower() end) lines(function() error() end) lines(function() error(nil) end) lines(function() error(42) end) lines(function() error(42.5, 2) end) lines(function() error(true) end)
local object = { code = 7 } local ok, caught = pcall(error, object) print(ok, caught == object, caught.code)
lines(function() local x x() end) lines(function() local x x.y = 1 end) lines(function() undefined_global() end) lines(function() local t = {} t.a.b() end) lines(function() local t = {} t:method() end)
lines(function() local s = "x" s:nomethod() end) lines(function() return #5 end) lines(function() return 1 & 1.5 end) lines(function() return {} .. "x" end) lines(function() return ("x")() end)
lines(function() local a = "x" return a.b.c end) lines(function() return math.nothing() end) lines(function() return (1)() end) lines(function() return -nil end)
lines(function() assert(false) end) lines(function() assert(nil, "assert message") end) lines(function() assert(false, { 1 }) end and function() local _, e = pcall(assert, false, object) print(e == object) end) lines(assert, 1, 2, 3) lines(assert)
lines(error) lines(error, "direct") lines(error, "direct", 0) lines(pcall) print(pcall(pcall)) print(pcall(pcall, error, "x")) print(select("#", pcall(error)))
print(pcall(function() error(setmetatable({}, { __tostring = function() return "custom" end })) end))
print(pcall(string.rep)) print(pcall(string.rep, "x", "y")) print(pcall(setmetatable, 1, 2)) print(pcall(("x").rep, {})) lines(function() string.rep() end) lines(function() ("x"):rep({}) end) lines(function() ("x"):bad() end)
lines(function() local t = setmetatable({}, { __index = function(t, k) error("index " .. k, 2) end }) return t.field end)
lines(function() tostring() end) lines(function() setmetatable({}) end) lines(function() ipairs() end) lines(function() select(0) end) lines(function() ("x"):format(1, 2) string.format("%d", "x") end) lines(function() string.char(-1) end) lines(function() math.floor("x") end)
local function deep(n) if n == 0 then error("deep") end deep(n - 1) return n end lines(deep, 5)
lines(function() return 2 ^ 53 | 0.5 end) lines(function() return 1 // 0 end) lines(function() return math.tointeger(2 ^ 63) end) lines(function() local a <const> = nil return a.b end)
