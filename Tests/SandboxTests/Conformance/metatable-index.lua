-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local base = { greet = function(self) return "hello " .. self.name end, kind = "base" }
local derived = setmetatable({ kind = "derived" }, { __index = base })
local object = setmetatable({ name = "lua" }, { __index = derived })
print(object:greet(), object.kind, object.missing, rawget(object, "kind"))
local defaults = setmetatable({}, { __index = function(t, k) return k .. "!" end })
print(defaults.x, defaults[1], rawget(defaults, "x"))
local lazy = setmetatable({}, { __index = function(t, k) local v = k * k rawset(t, k, v) return v end })
print(lazy[4], rawget(lazy, 4), lazy[4])
local log = {}
local proxy = setmetatable({}, { __newindex = function(t, k, v) log[#log + 1] = k .. "=" .. tostring(v) rawset(t, k, v) end })
proxy.a = 1 proxy.a = 2 proxy.b = nil proxy.b = 3 print(table.concat(log, " "), proxy.a, proxy.b)
local store = {}
local redirect = setmetatable({}, { __newindex = store, __index = store })
redirect.x = 5 print(store.x, redirect.x, rawget(redirect, "x"))
local readonly = setmetatable({}, { __index = { a = 1 }, __newindex = function(_, k) error("readonly: " .. k, 2) end })
print(readonly.a, pcall(function() readonly.b = 1 end))
print(pcall(function() local t = setmetatable({}, { __index = function(t, k) error("no field " .. k) end }) return t.x end))
print(pcall(function() local a = setmetatable({}, { __index = 5 }) return a.x end))
print(("x").len == string.len, ("abc"):len(), pcall(function() return ("x").y.z end)) print(pcall(function() local s = "x" s.y = 1 end))
local chain = {} for i = 1, 50 do chain = setmetatable({ ["k" .. i] = i }, { __index = chain }) end print(chain.k1, chain.k50, chain.k51)
local counted = 0 local c = setmetatable({}, { __index = function() counted = counted + 1 end }) local _ = c.a, c.b, c.c print(counted)
print(getmetatable({}), getmetatable(setmetatable({}, { __metatable = "locked" })), pcall(setmetatable, setmetatable({}, { __metatable = 1 }), {}))
