-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Each iteration of a loop has a variable of its own.
local functions = {}
for i = 1, 3 do
    local doubled = i * 2
    functions[i] = function() doubled = doubled + 1 return i, doubled end
end
for i = 1, 3 do print(functions[i](), functions[i]()) end
local function counter(start)
    local n = start or 0
    return { up = function(by) n = n + (by or 1) return n end, value = function() return n end }
end
local a, b = counter(), counter(10)
a.up() a.up(5) b.up()
print(a.value(), b.value())
local k = 0
local w = {}
while k < 3 do k = k + 1 local j = k w[k] = function() j = j * 10 return j end end
print(w[1](), w[2](), w[3](), w[1]())
local function shared() local x = 1 return function() x = x + 1 return x end, function() return x end end
local set, get = shared()
set() set()
print(get())
local r repeat local inner = 5 r = function() return inner end until inner == 5
print(r())
