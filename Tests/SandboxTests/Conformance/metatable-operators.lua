-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local V = {}
V.__index = V
local function vec(x, y) return setmetatable({ x = x, y = y }, V) end
V.__add = function(a, b) if tonumber(a) then return vec(a + b.x, a + b.y) elseif type(b) == "number" then return vec(a.x + b, a.y + b) end return vec(a.x + b.x, a.y + b.y) end
V.__sub = function(a, b) return vec(a.x - b.x, a.y - b.y) end
V.__mul = function(a, b) return type(b) == "number" and vec(a.x * b, a.y * b) or a.x * b.x + a.y * b.y end
V.__div = function(a, b) return vec(a.x / b, a.y / b) end
V.__idiv = function(a, b) return vec(a.x // b, a.y // b) end
V.__mod = function(a, b) return vec(a.x % b, a.y % b) end
V.__pow = function(a, b) return vec(a.x ^ b, a.y ^ b) end
V.__unm = function(a) return vec(-a.x, -a.y) end
V.__eq = function(a, b) return a.x == b.x and a.y == b.y end
V.__lt = function(a, b) return a.x < b.x end
V.__le = function(a, b) return a.x <= b.x end
V.__len = function(a) return 2 end
V.__call = function(self, k) return self[k] end
V.__tostring = function(a) return "(" .. a.x .. "," .. a.y .. ")" end
V.__band = function() return "and" end V.__bor = function() return "or" end V.__bxor = function() return "xor" end
V.__bnot = function() return "not" end V.__shl = function() return "shl" end V.__shr = function() return "shr" end
local a, b = vec(1, 2), vec(3, 4)
print(tostring(a + b), tostring(a - b), a * b, tostring(a * 2), tostring(b / 2), tostring(b // 2), tostring(b % 2), tostring(a ^ 2), tostring(-a))
print(tostring(1 + a), tostring(a + 1), a == vec(1, 2), a ~= b, a < b, a <= b, a > b, a >= b, #a, a("x"), rawequal(a, vec(1, 2)), rawlen(a))
print(a & 1, 1 | a, a ~ 1, ~a, a << 1, 1 >> a, pcall(function() return a .. b end))
print(pcall(function() return {} + 1 end)) print(pcall(function() return #nil end)) print(pcall(function() return -{} end)) print(pcall(function() local t = {} return t() end))
print(a == 1, a == {}, pcall(function() return a < 1 end)) print("10" + vec(1, 1) == vec(11, 11), pcall(function() return "x" - vec(1, 1) end))
print(pcall(function() return a & nil end)) print(string.format("%s|%10s", a, a))
local m = setmetatable({}, { __eq = function() error("eq called") end }) print(m == m, m == 1, pcall(function() return m == setmetatable({}, getmetatable(m)) end))
local le = setmetatable({}, { __lt = function() return true end }) print(le < le, pcall(function() return le <= le end))
print(setmetatable({}, { __call = function(...) return select("#", ...) end })(1, nil, 3), pcall(setmetatable({}, { __call = 5 })))
