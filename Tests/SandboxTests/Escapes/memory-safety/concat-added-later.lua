-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the same, with __concat put into the metatable after setmetatable has looked.
-- Expect: error
-- Message: concatenate
local meta = {}
local t = setmetatable({}, meta)
pcall(function() meta.__concat = function() return "x" end end)
pcall(rawset, getmetatable(t), "__concat", function() return "x" end)
return "a" .. t
