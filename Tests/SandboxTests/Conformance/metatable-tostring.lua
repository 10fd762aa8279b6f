-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local named = setmetatable({}, { __name = "My.Type" })
print((tostring(named):gsub(": .*", ": ?")), pcall(function() return named + 1 end)) print(pcall(function() return #named < named end)) print(pcall(string.rep, named)) print(pcall(function() return named.x.y end))
local t = setmetatable({}, { __tostring = function() return "shown" end })
print(t, tostring(t), string.format("%s %5.2s|", t, t)) print(pcall(tostring, setmetatable({}, { __tostring = function() return {} end }))) print(pcall(tostring, setmetatable({}, { __tostring = function() error("in tostring") end })))
print(pcall(print, setmetatable({}, { __tostring = function() return nil end }))) print(pcall(string.format, "%s", setmetatable({}, { __tostring = 5 })))
print(pcall(error, t)) print(select(2, pcall(error, t)) == t) print(#tostring(print) > 0, tostring(print):match("^function") , tostring({}):match("^table: "), tostring(coroutine.create(print)):match("^thread: "))
print(tostring(setmetatable({}, { __tostring = function() return 12 end })), math.type(tostring(1)))
local p = setmetatable({}, { __pairs = function(t) return function(_, k) k = (k or 0) + 1 if k <= 3 then return k, k * k end end, t, nil end })
for k, v in pairs(p) do print(k, v) end
print(pcall(pairs, setmetatable({}, { __pairs = function() error("no pairs", 0) end }))) print(select("#", pairs(setmetatable({}, { __pairs = function() return 1 end }))))
local proxy = setmetatable({}, { __index = function(_, i) if i <= 4 then return i * 10 end end }) for i, v in ipairs(proxy) do print(i, v) end
local two = setmetatable({ 1, 2 }, { __index = { 0, 0, 3, 4 } }) local s = {} for i, v in ipairs(two) do s[#s + 1] = v end print(table.concat(s, " "))
print(pcall(function() for i in ipairs(setmetatable({}, { __index = function() error("index!") end })) do end end))
print(tostring(-0.0), tostring(1e300 * 1e10), tostring(2 ^ 31), tostring(math.mininteger), tostring(3 % -math.huge))
