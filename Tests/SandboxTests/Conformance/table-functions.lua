-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local t = { 1, 2, 3 }
table.insert(t, 4) table.insert(t, 1, 0) table.insert(t, 3, "x") print(table.concat(t, ","))
print(table.remove(t), table.remove(t, 1), table.remove(t, 2), table.concat(t, ","), #t)
print(table.remove({}), table.remove({}, 0), #t, table.remove(t, #t + 1))
print(pcall(table.insert, t, 10, "x")) print(pcall(table.insert, t, 0, "x")) print(pcall(table.insert, t)) print(pcall(table.insert, t, 1, 2, 3)) print(pcall(table.insert, nil, 1))
print(table.concat({}), table.concat({ 1 }, ","), table.concat({ 1, 2.5, "x" }, "-"), table.concat({ 1, 2, 3 }, ",", 2), table.concat({ 1, 2, 3 }, ",", 2, 2), table.concat({ 1, 2, 3 }, ",", 3, 2))
print(pcall(table.concat, { 1, {}, 3 })) print(pcall(table.concat, { 1, 2 }, ",", 1, 3)) print(pcall(table.concat, { true }))
print(table.unpack({ 1, 2, 3 })) print(table.unpack({ 1, nil, 3 }, 1, 3)) print(table.unpack({ 1, 2 }, -1, 1))
local p = table.pack() print(p.n, #p) p = table.pack(nil, nil) print(p.n) p = table.pack(1, 2, 3) print(p.n, p[3])
print(table.concat(table.move({ 1, 2, 3 }, 1, 3, 2), ",")) print(table.concat(table.move({ 1, 2, 3, 4, 5 }, 2, 5, 1), ","))
print(table.concat(table.move({ 1, 2, 3 }, 1, 3, 1, {}), ",")) print(table.concat(table.move({ 1, 2, 3 }, 2, 1, 5), ","), #table.move({}, 1, 0, 1))
print(pcall(table.move, {}, 1, math.maxinteger, 2)) print(pcall(table.move, {}, -1, math.maxinteger, 2)) print(pcall(table.move, 1, 2, 3, 4))
local stack = {} for i = 1, 5 do stack[#stack + 1] = i end
local popped = "" while #stack > 0 do popped = popped .. table.remove(stack) end print(popped)
local queue = {} for i = 1, 5 do table.insert(queue, 1, i) end print(table.concat(queue, " "))
print(#table.pack(table.unpack({}, 1, 200)), select("#", table.unpack({}, 1, 200)))
