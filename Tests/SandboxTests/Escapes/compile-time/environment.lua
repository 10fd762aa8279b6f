-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: declares _ENV as local, constant, parameter and upvalue.
-- Expect: completed
-- Result: {"f": 4, "g": 5, "h": 1}
local print <const>, type = print, type
local function f(_ENV) return x end
local function g() local _ENV <const> = { x = 5 } return function() return x end end
local function h() local _ENV = setmetatable({}, { __index = function() return 9 end }) return anything end
return { f = f({ x = 4 }), g = g()(), h = (function() return pcall(h) end)() and 1 }
