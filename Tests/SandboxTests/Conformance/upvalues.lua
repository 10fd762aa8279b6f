-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local function make()
    local t = {}
    for i = 1, 5 do t[#t + 1] = function(v) if v then i = v end return i end end
    return t
end
local fs = make()
fs[2](20)
for i = 1, 5 do io_line = (io_line or "") .. fs[i]() .. " " end
print(io_line)
local function outer()
    local a = 1
    local function middle()
        local function inner() a = a + 1 return a end
        return inner
    end
    return middle(), function() return a end
end
local inc, read = outer()
inc() inc()
print(read())
local recursive
recursive = function(n) if n == 0 then return "end" end return n .. recursive(n - 1) end
print(recursive(5))
local function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end
print(even(10), odd(7), even(7))
