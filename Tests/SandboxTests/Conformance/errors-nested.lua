-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
print(pcall(function() local ok, e = pcall(error, "inner", 0) error("outer:" .. e, 0) end))
print(pcall(pcall, pcall, error)) print(xpcall(function() error("x", 0) end, function(m) return m .. " handled" end))
print(xpcall(function(...) return ... end, print, 1, nil, 3)) print(xpcall(function() return end, print)) print(select("#", xpcall(function() return end, print)))
print(xpcall(function() error({ code = 5 }) end, function(e) return e.code end)) print(xpcall(function() local x = nil return x.y end, function(m) return "H:" .. m end))
print(xpcall(function() error("a", 0) end, function(m) error("b", 0) end)) print(xpcall(function() error() end, function(m) return type(m) end)) print(xpcall(function() error("x", 0) end, function(m) return m, "dropped" end))
local n = 0 print(xpcall(function() error("a", 0) end, function(m) n = n + 1 if n < 4 then error("b" .. n, 0) end return "settled " .. m end))
print(pcall(xpcall)) print(pcall(xpcall, print)) print(pcall(xpcall, print, 5))
print(xpcall(error, function(m) return m end, "passed", 0)) print(xpcall(pcall, print, error, "inside")) print(xpcall(function() return xpcall(error, function(m) return "in:" .. m end, "e") end, function() return "out" end))
print(xpcall(5, function(m) return m end)) print(pcall(5)) print(pcall(nil)) print(pcall({}))
local log = {} local function try(f, catch, finally) local r = table.pack(pcall(f)) if not r[1] and catch then r = table.pack(pcall(catch, r[2])) end if finally then finally() end if not r[1] then error(r[2], 0) end return table.unpack(r, 2, r.n) end
print(try(function() error("first", 0) end, function(e) return "caught " .. e end, function() log[#log + 1] = "finally" end), log[1]) print(pcall(try, function() error("again", 0) end))
local co = coroutine.create(function() local ok, e = pcall(function() coroutine.yield("mid") error("after yield", 0) end) coroutine.yield(e) error("final") end)
print(coroutine.resume(co)) print(coroutine.resume(co)) print(coroutine.resume(co)) print(coroutine.resume(co))
co = coroutine.wrap(function() return xpcall(function() coroutine.yield(1) error("x", 0) end, function(m) return "h " .. m end) end) print(co()) print(co())
local function f() return pcall(function() return pcall(function() error("lvl3", 0) end) end) end print(f())
for level = 0, 4 do local function a() error("level " .. level, level) end local function b() a() end print(pcall(function() b() end)) end
