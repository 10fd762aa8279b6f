-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- What is added to a metatable after setmetatable counts.
local mt = {}
local t = setmetatable({}, mt)
print(t.x)
mt.__index = function(_, k) return "late " .. k end
print(t.x)
mt.__call = function(_, a, b) return a + b end
print(t(1, 2))
mt.__len = function() return 99 end print(#t)
mt.__tostring = function() return "text" end print(tostring(t))
mt.__add = function(a, b) return "sum" end print(t + 1, 1 + t)
rawset(mt, "__sub", function() return "difference" end) print(t - 1)
mt.__newindex = function(s, k, v) rawset(s, k, v * 2) end t.y = 21 print(t.y)
local Class = {} local instance = setmetatable({}, Class) Class.__index = Class function Class:name() return "Class" end print(instance:name())
local Derived = setmetatable({}, { __index = Class }) Derived.__index = Derived
local d = setmetatable({}, Derived) function Derived:more() return self:name() .. "+" end print(d:more()) Derived.__eq = function() return true end print(d == setmetatable({}, Derived))
local own = {} setmetatable(own, own) own.__index = function(_, k) return k .. "?" end print(own.z) own.__call = function() return "own" end print(own())
print(getmetatable(mt), getmetatable(own) == own, getmetatable(t) == mt, next(getmetatable(setmetatable({}, {}))))
local parent = {} parent.__index = parent parent.v = 1 local child = setmetatable({}, parent) child.__index = child local grand = setmetatable({}, child) print(grand.v) child.v = 2 print(grand.v) child.__unm = function() return "neg" end print(-grand)
setmetatable(mt, { __index = { extra = "inherited" } }) print(mt.extra) mt.__mul = function() return "product" end print(t * 2, getmetatable(mt).__index.extra)
setmetatable(mt, nil) mt.__div = function() return "quotient" end print(t / 2, getmetatable(mt), mt.extra)
local declared = {} local G = setmetatable({}, declared) declared.__newindex = function(_, n) error("undeclared " .. n, 2) end declared.__index = function(_, n) error("undeclared " .. n, 2) end
print(pcall(function() G.a = 1 end)) print(pcall(function() return G.b end))
print(pcall(function() local m = setmetatable({}, mt) mt[nil] = 1 end)) print(pcall(function() mt[0 / 0] = 1 end))
for _, k in ipairs { "plain", "__custom" } do mt[k] = k end print(mt.plain, mt.__custom, rawlen(mt))
local keys = {} for k in pairs(Class) do keys[#keys + 1] = k end table.sort(keys) print(table.concat(keys, " "))
