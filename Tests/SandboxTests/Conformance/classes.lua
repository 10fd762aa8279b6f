-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local Class = {}
Class.__index = Class
setmetatable(Class, { __call = function(cls, ...) local o = setmetatable({}, cls) o:init(...) return o end })
function Class:init(name) self.name = name end
function Class:__tostring() return "Class<" .. self.name .. ">" end
function Class:hello() return "hello from " .. self.name end
local Sub = setmetatable({}, { __index = Class, __call = getmetatable(Class).__call })
Sub.__index = Sub
Sub.__tostring = Class.__tostring
function Sub:init(name, extra) Class.init(self, name) self.extra = extra end
function Sub:hello() return Class.hello(self) .. " with " .. self.extra end
local a, b = Class("a"), Sub("b", "more")
print(a:hello(), b:hello(), tostring(a), tostring(b))
print(getmetatable(a) == Class, getmetatable(b) == Sub, rawget(b, "hello"), b.init == Sub.init)
local function is(o, cls) local m = getmetatable(o) while m do if m == cls then return true end local mm = getmetatable(m) m = mm and mm.__index end return false end
print(is(a, Class), is(b, Class), is(a, Sub), is(b, Sub))
local Stack = {} Stack.__index = Stack
function Stack.new() return setmetatable({ n = 0 }, Stack) end
function Stack:push(...) for i = 1, select("#", ...) do self.n = self.n + 1 self[self.n] = (select(i, ...)) end return self end
function Stack:pop() local v = self[self.n] self[self.n] = nil self.n = self.n - 1 return v end
local s = Stack.new():push(1, 2, 3):push(4) print(s:pop(), s:pop(), s.n, #s)
local mixin = { shout = function(self) return self:hello():upper() end }
for k, v in pairs(mixin) do Class[k] = v end print(a:shout(), b:shout())
local objects = {} for i = 1, 100 do objects[i] = Class("o" .. i) end print(objects[50]:hello(), #objects)
print(pcall(function() return a:missing() end)) print(pcall(function() return a.name.x.y end)) print(pcall(Class.hello))
local private = {} local function account() local self = {} private[self] = 0 function self.deposit(v) private[self] = private[self] + v return self end function self.balance() return private[self] end return self end
print(account().deposit(5).deposit(7).balance())
