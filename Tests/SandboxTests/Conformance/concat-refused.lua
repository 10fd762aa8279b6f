-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Differs: __concat is not available; the concatenation in the Lua that systems ship keeps a stale pointer across it.
print(pcall(setmetatable, {}, { __concat = function() return "joined" end }))
local mt = { __tostring = function() return "text" end }
local t = setmetatable({}, mt)
print(pcall(function() return t .. "x" end))
print(pcall(function() mt.__concat = function() return "late" end end))
print(tostring(t) .. "x", ("%sx"):format(t), 1 .. 2.5 .. "")
