-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Differs: a coroutine may yield in the callback of gsub, in a comparator and in an iterator's metamethod.
local co = coroutine.wrap(function() return (("a b c"):gsub("%a", function(c) return coroutine.yield(c) end)) end)
print(co(), co(1), co("two"), co(nil))
co = coroutine.wrap(function()
    local t = { 3, 1, 2 }
    table.sort(t, function(a, b) coroutine.yield("comparing") return a < b end)
    return table.concat(t, " ")
end)
local last repeat last = co() until last ~= "comparing" print(last)
co = coroutine.wrap(function() return tostring(setmetatable({}, { __tostring = function() return coroutine.yield("showing") end })) end)
print(co(), co("shown"))
co = coroutine.wrap(function() return select(2, xpcall(error, function(m) return coroutine.yield(m) end, "in handler", 0)) end)
print(co(), co("handled"))
co = coroutine.wrap(function() local s = 0 for _, v in ipairs(setmetatable({}, { __index = function(_, i) return coroutine.yield(i) end })) do s = s + v end return s end)
print(co(), co(10), co(20), co(nil))
co = coroutine.wrap(function() return ("%s|%5s"):format(setmetatable({}, { __tostring = function() return coroutine.yield("formatting") end }), "x") end)
print(co(), co("done"))
