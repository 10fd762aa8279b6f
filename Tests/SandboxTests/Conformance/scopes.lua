-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local x = 1
do local x = 2 print(x) do local x = x + 1 print(x) end print(x) end
print(x)
local a <const> = 5
local b <const>, c = 6, 7
c = c + a + b
print(a, b, c)
for i = 1, 2 do local x = i print(x) end
local y = (function() local x = 10 return x end)()
print(x, y)
function global_function() return "global" end
local function shadow() local global_function = function() return "local" end return global_function() end
print(global_function(), shadow(), _G.global_function == global_function)
_G["a name with spaces"] = 1
print(_G["a name with spaces"], _ENV == _G)
local function env() local _ENV = { v = "from env" } return v end
print(env())
local sandboxed = { print = print }
do local _ENV = sandboxed z = 42 end
print(z, sandboxed.z)
